import { expect, test } from "vitest";
import { AppError, errorCodes, toAppError } from "./mod.ts";

test("an error for the caller passes through untouched", () => {
  const error = new AppError("limit_reached", "Cannot create a pipeline: 100 exist", {
    retryAfterSeconds: 5,
  });
  expect(toAppError(error)).toBe(error);
  expect(error).toMatchObject({
    code: "limit_reached",
    fields: [],
    retryAfterSeconds: 5,
    internal: undefined,
  });
  expect(error).toBeInstanceOf(Error);
});

test.each([new TypeError("secret path /etc"), "secret text", null, undefined, { code: "element_not_found" }])(
  "any other throw is hidden from the caller and kept for the log: %s",
  (thrown) => {
    const error = toAppError(thrown);
    expect(error.code).toBe("internal");
    expect(error.message).not.toContain("secret");
    expect(error.internal).toBe(thrown);
  },
);

test("the fields of an invalid body stay with the error", () => {
  const fields = [{ pointer: "/elements/0/type", detail: "is missing" }];
  expect(new AppError("body_invalid", "Cannot read the body", { fields }).fields).toEqual(fields);
});

test("codes are snake case and their titles are sentences without a full stop", () => {
  for (const [code, title] of Object.entries(errorCodes)) {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(title).toMatch(/^[A-Z].*[^.]$/);
  }
});
