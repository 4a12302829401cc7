import type { z } from "zod";
import { AppError, type FieldError, fieldErrorsOf } from "../../base/mod.ts";

/** The query of a URL as the schema wants it; refuses unknown and repeated parameters with query_invalid. */
export function readQuery(schema: z.ZodObject | undefined, url: URL): unknown {
  const repeated = [...new Set(url.searchParams.keys())].filter((name) =>
    url.searchParams.getAll(name).length > 1
  );
  const given = Object.fromEntries(url.searchParams);
  if (schema === undefined) {
    refuseQuery(Object.keys(given).map((name) => ({ pointer: `?${name}`, detail: "Unknown parameter" })));
    return {};
  }
  const parsed = schema.safeParse(given);
  refuseQuery([
    ...repeated.map((name) => ({ pointer: `?${name}`, detail: "Given more than once" })),
    ...fieldErrorsOf(parsed.error?.issues ?? []).map(asParameter),
  ]);
  return parsed.data;
}

/**
 * The body as the schema wants it. `text` empty counts as `{}` where that is enough. `review` adds what else is wrong
 * with a body that the schema refuses.
 */
export function readJson(
  schema: z.ZodType,
  text: string,
  review: (body: unknown) => FieldError[] = () => [],
): unknown {
  if (text === "" && schema.safeParse({}).success) return schema.parse({});
  const body = parseJson(text);
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const fields = [...fieldErrorsOf(parsed.error.issues), ...review(body)];
  throw new AppError(
    "body_invalid",
    `Cannot accept the body: ${summaryOf(fields)}, correct ${
      fields.length === 1 ? "it" : "them"
    } and send it again`,
    { fields },
  );
}

/** Refuses what is not JSON by its own word (RFC 9110 section 8.3). */
export function requireJson(contentType: string | undefined, mergePatch: boolean): void {
  const essence = (contentType ?? "").split(";")[0].trim().toLowerCase();
  if (essence === "application/json" || (mergePatch && essence === "application/merge-patch+json")) return;
  const wanted = mergePatch ? "application/merge-patch+json or application/json" : "application/json";
  throw new AppError(
    "media_type_unsupported",
    `Cannot read the body: its Content-Type is ${
      essence === "" ? "not given" : `"${essence}"`
    }, send ${wanted}`,
  );
}

function parseJson(text: string): unknown {
  if (text === "") throw malformed("it is empty");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw malformed((error as Error).message);
  }
}

function malformed(found: string): AppError {
  return new AppError("body_malformed", `Cannot read the body: ${found}, send one JSON object`);
}

function asParameter({ pointer, detail }: FieldError): FieldError {
  return {
    pointer: `?${pointer.split("/")[1] ?? ""}`,
    detail: detail === "Unknown field" ? "Unknown parameter" : detail,
  };
}

function refuseQuery(fields: FieldError[]): void {
  if (fields.length === 0) return;
  throw new AppError(
    "query_invalid",
    `Cannot accept the query: ${summaryOf(fields)}, correct the address and send it again`,
    { fields },
  );
}

function summaryOf(fields: readonly FieldError[]): string {
  const [first] = fields;
  const more = fields.length > 1 ? ` and ${fields.length - 1} more` : "";
  return `${first.pointer === "" ? "the body" : first.pointer}: ${first.detail}${more}`;
}
