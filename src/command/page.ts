import { Buffer } from "node:buffer";
import { AppError } from "../base/mod.ts";
import type { Page, PageQuery } from "./types.ts";

/** Anything that lists show: ordered by creation, ties broken by id, so that pages stay stable while rows come and go. */
interface Listed {
  id: string;
  createdAtMs: number;
}

/** The page of `all` (in any order) that follows the cursor; `view` is called for the items shown only. */
export function pageOf<Item extends Listed, View>(
  all: Iterable<Item>,
  query: PageQuery,
  view: (item: Item) => View,
): Page<View> {
  const after = query.cursor === undefined ? null : readCursor(query.cursor);
  const rest = [...all].filter((item) => after === null || compare(item, after) > 0).sort(compare);
  const shown = rest.slice(0, query.limit);
  const last = shown.at(-1);
  return {
    items: shown.map(view),
    nextCursor: last && rest.length > shown.length ? writeCursor(last) : null,
  };
}

function compare(a: Listed, b: Listed): number {
  return a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** In UTF-8, as base64 has no letters beyond Latin-1 and names of files do. */
function writeCursor(item: Listed): string {
  return Buffer.from(JSON.stringify([item.createdAtMs, item.id])).toString("base64url");
}

function readCursor(cursor: string): Listed {
  try {
    const bytes = Buffer.from(cursor, "base64url");
    const [createdAtMs, id] = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (typeof createdAtMs === "number" && typeof id === "string") return { createdAtMs, id };
  } catch {
    // Not base64, UTF-8 or JSON: told below like any other cursor that is not ours.
  }
  throw new AppError(
    "cursor_invalid",
    `Cannot read cursor "${cursor.slice(0, 80)}": it was not made by this server, start without one`,
  );
}
