import { z } from "zod";
import type { Page, PageQuery } from "../../command/mod.ts";
import type { Reply } from "./route.ts";

/** Query parameters of every list. */
export const pageParameters = {
  limit: z.coerce.number().int().min(1).max(1000).default(50).describe("Most items on a page"),
  cursor: z.string().min(1).optional().describe("`nextCursor` of the page before"),
};

/** The schema of a page of items. */
export function pageOf(item: z.ZodType) {
  return z.object({
    items: z.array(item),
    nextCursor: z.string().nullable().describe("Null on the last page"),
  });
}

/** A page as a reply, with a Link to the next one (RFC 8288). */
export function pageReply<Item>(
  page: Page<Item>,
  show: (item: Item) => unknown,
  path: string,
  query: PageQuery & Record<string, unknown>,
): Reply {
  const json = { items: page.items.map(show), nextCursor: page.nextCursor };
  if (page.nextCursor === null) return { status: 200, json };
  const next = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...query, cursor: page.nextCursor })) {
    if (value !== undefined) next.set(name, String(value));
  }
  return { status: 200, json, headers: { Link: `<${path}?${next}>; rel="next"` } };
}
