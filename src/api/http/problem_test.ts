import { expect, test } from "vitest";
import { AppError, type ErrorCode, errorCodes } from "../../base/mod.ts";
import { problemOf, statusOf } from "./problem.ts";

test("every code has a status of an error", () => {
  for (const code of Object.keys(errorCodes) as ErrorCode[]) {
    expect(statusOf(code)).toBeGreaterThanOrEqual(400);
    expect(statusOf(code)).toBeLessThan(600);
  }
});

test("a problem has all members of RFC 9457 and ours", async () => {
  const fields = [{ pointer: "/name", detail: "Too short" }];
  const error = new AppError("body_invalid", "Cannot accept the body: /name: Too short", { fields });
  const response = problemOf(error, "req-1");
  expect(response.status).toBe(422);
  expect(response.headers.get("Content-Type")).toBe("application/problem+json");
  expect(response.headers.get("X-Request-Id")).toBe("req-1");
  expect(await response.json()).toEqual({
    type: "/docs#error-body_invalid",
    title: "The body does not match the schema",
    status: 422,
    detail: "Cannot accept the body: /name: Too short",
    instance: "urn:kaskado:request:req-1",
    code: "body_invalid",
    errors: fields,
  });
});

test("an error that says when to come back sets Retry-After", () => {
  const error = new AppError("unavailable", "Cannot take requests: it stops", { retryAfterSeconds: 3 });
  expect(problemOf(error, "r").headers.get("Retry-After")).toBe("3");
});

test("an error of our own making tells nothing of itself", async () => {
  const response = problemOf(new TypeError("secret path /home/x"), "req-2");
  expect(response.status).toBe(500);
  const text = await response.text();
  expect(text).not.toContain("secret");
  expect(text).not.toContain("at ");
  expect(JSON.parse(text)).toMatchObject({ code: "internal", instance: "urn:kaskado:request:req-2" });
});
