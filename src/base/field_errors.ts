import type { FieldError } from "./errors.ts";

/** The part of a zod issue that is read here. */
export interface Issue {
  readonly code?: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
  readonly errors?: readonly (readonly Issue[])[];
}

/** RFC 6901 JSON pointer of a path into a value. */
export function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((step) => "/" + String(step).replaceAll("~", "~0").replaceAll("/", "~1")).join("");
}

/** Every issue as one field error; an unknown field is pointed at itself, a union at what fits it best. */
export function fieldErrorsOf(issues: readonly Issue[], at: readonly PropertyKey[] = []): FieldError[] {
  return issues.flatMap((issue) => fieldErrorsOfOne(issue, [...at, ...issue.path]));
}

function fieldErrorsOfOne(issue: Issue, path: PropertyKey[]): FieldError[] {
  if (issue.code === "unrecognized_keys") {
    return (issue.keys ?? []).map((key) => ({ pointer: pointerOf([...path, key]), detail: "Unknown field" }));
  }
  const branches = issue.code === "invalid_union" ? issue.errors ?? [] : [];
  const nearest = branches.find((branch) => branch.every((inner) => inner.path.length > 0));
  if (nearest) return fieldErrorsOf(nearest, path);
  return [{ pointer: pointerOf(path), detail: issue.message.replace(/^Invalid input: e/, "E") }];
}
