import type { z } from "zod";
import { AppError, fieldErrorsOf } from "../base/mod.ts";

/** `value` as the schema reads it; else body_invalid with every wrong field, its pointer put behind `at`. */
export function checked<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  at: string,
  what: string,
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const fields = fieldErrorsOf(result.error.issues).map((field) => ({
    ...field,
    pointer: at + field.pointer,
  }));
  const first = fields[0];
  throw new AppError("body_invalid", `Cannot ${what}: ${first.pointer || "the body"}: ${first.detail}`, {
    fields,
  });
}
