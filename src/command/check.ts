import type { z } from "zod";
import { AppError, type FieldError } from "../base/mod.ts";

/** `value` as the schema reads it; else body_invalid with every wrong field, its pointer put behind `at`. */
export function checked<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  at: string,
  what: string,
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const fields = result.error.issues.flatMap((issue) => fieldErrors(issue, at));
  const first = fields[0];
  throw new AppError("body_invalid", `Cannot ${what}: ${first.pointer || "the body"}: ${first.detail}`, {
    fields,
  });
}

/** One entry per field: an issue about unknown keys names them all, each gets its own pointer. */
function fieldErrors(issue: z.core.$ZodIssue, at: string): FieldError[] {
  const pointer = at + issue.path.map((part) => `/${escapePointer(String(part))}`).join("");
  if (issue.code !== "unrecognized_keys") return [{ pointer, detail: issue.message }];
  return issue.keys.map((key) => ({
    pointer: `${pointer}/${escapePointer(key)}`,
    detail: "Unknown field",
  }));
}

/** A name as one part of a JSON pointer (RFC 6901 section 3). */
export function escapePointer(part: string): string {
  return part.replaceAll("~", "~0").replaceAll("/", "~1");
}
