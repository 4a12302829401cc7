import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { askerOf } from "../../../test/kit/rest_door.ts";
import { type AccessSettings, bearerOf, controlAccess, sameSecret } from "./access.ts";
import { answerError } from "./problem.ts";
import { requestId } from "./request_id.ts";
import type { ServerEnv } from "./server_env.ts";

function door(settings: AccessSettings) {
  const app = new Hono<ServerEnv>();
  app.onError(answerError);
  app.all("/v1/server", requestId(), controlAccess(settings), (c) => c.text("in"));
  return askerOf(app);
}

describe("without a token", () => {
  const ask = door({ apiToken: null, trustedOrigins: ["https://app.example"] });
  const statusFor = async (more: Parameters<typeof ask>[2]) => (await ask("GET", "/v1/server", more)).status;

  test("loopback peers come in, by IPv4, IPv6 and the mapped form", async () => {
    expect(await statusFor({ from: "127.0.0.1" })).toBe(200);
    expect(await statusFor({ from: "::1", host: "[::1]:8888" })).toBe(200);
    expect(await statusFor({ from: "::ffff:127.0.0.1", host: "127.0.0.1:8888" })).toBe(200);
  });

  test("peers from elsewhere are told 403 and what to do", async () => {
    const response = await ask("GET", "/v1/server", { from: "192.0.2.7" });
    expect(response.status).toBe(403);
    const problem = await response.json();
    expect(problem.code).toBe("forbidden");
    expect(problem.detail).toContain("192.0.2.7");
    expect(problem.detail).toContain("KASKADO_API_TOKEN");
  });

  test("a name that was made to resolve to this machine does not count as local", async () => {
    expect(await statusFor({ host: "rebound.example:8888" })).toBe(403);
  });

  test("pages of other origins stay out unless they are trusted", async () => {
    expect(await statusFor({ headers: { Origin: "https://evil.example" } })).toBe(403);
    expect(await statusFor({ headers: { Origin: "null" } })).toBe(403);
    expect(await statusFor({ headers: { Origin: "https://app.example" } })).toBe(200);
    expect(await statusFor({ headers: { Origin: "http://localhost:8888" } })).toBe(200);
  });
});

describe("with a token", () => {
  const ask = door({ apiToken: "s3cret" });

  test("the token lets in from anywhere", async () => {
    const headers = { Authorization: "Bearer s3cret", Origin: "https://any.example" };
    expect((await ask("GET", "/v1/server", { from: "192.0.2.7", host: "media.example", headers })).status)
      .toBe(200);
  });

  test.each([undefined, "Bearer wrong", "Bearer s3cret2", "Basic s3cret", "Bearer", "s3cret"])(
    "%s gets 401 with a challenge, loopback or not",
    async (given) => {
      const response = await ask("GET", "/v1/server", { headers: given ? { Authorization: given } : {} });
      expect(response.status).toBe(401);
      expect(response.headers.get("WWW-Authenticate")).toBe("Bearer");
      expect((await response.json()).code).toBe("unauthorized");
    },
  );
});

test("the scheme is read in any case and the token in its own", () => {
  expect(bearerOf("bearer abc.DEF-_~+/==")).toBe("abc.DEF-_~+/==");
  expect(bearerOf("Bearer a b")).toBeNull();
  expect(sameSecret("abc", "abc")).toBe(true);
  expect(sameSecret("abc", "ABC")).toBe(false);
  expect(sameSecret("", "a")).toBe(false);
});
