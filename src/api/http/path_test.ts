import { Hono } from "hono";
import { expect, test } from "vitest";
import { askerOf } from "../../../test/kit/rest_door.ts";
import { answerNotFound, mountPath } from "./path.ts";
import { answerError } from "./problem.ts";
import { requestId } from "./request_id.ts";
import type { ServerEnv } from "./server_env.ts";

function door(origins: string[]) {
  const app = new Hono<ServerEnv>();
  app.use(requestId());
  app.onError(answerError);
  app.notFound(answerNotFound);
  const cors = { origins, allowHeaders: ["Content-Type", "If-Match"], exposeHeaders: ["ETag"] };
  const handlers = { GET: () => new Response("body"), PATCH: () => new Response(null, { status: 204 }) };
  mountPath(app, "/v1/things/{id}", handlers, { cors, access: null });
  return askerOf(app);
}

const preflight = { Origin: "https://app.example", "Access-Control-Request-Method": "PATCH" };

test("another method gets 405 with Allow", async () => {
  const response = await door([])("DELETE", "/v1/things/1");
  expect(response.status).toBe(405);
  expect(response.headers.get("Allow")).toBe("GET, PATCH, HEAD, OPTIONS");
  expect((await response.json()).code).toBe("method_not_allowed");
});

test("OPTIONS tells the methods and HEAD answers like GET without a body", async () => {
  const ask = door([]);
  const options = await ask("OPTIONS", "/v1/things/1");
  expect([options.status, options.headers.get("Allow")]).toEqual([204, "GET, PATCH, HEAD, OPTIONS"]);
  const head = await ask("HEAD", "/v1/things/1");
  expect([head.status, await head.text()]).toEqual([200, ""]);
});

test("an unknown path gets 404 as a problem, with the request's id", async () => {
  const response = await door([])("GET", "/v2", { headers: { "X-Request-Id": "mine-1" } });
  expect(response.status).toBe(404);
  expect(response.headers.get("X-Request-Id")).toBe("mine-1");
  expect((await response.json()).code).toBe("route_not_found");
});

test("a request id that could break a log line is replaced", async () => {
  const ask = door([]);
  const response = await ask("GET", "/v1/things/1", { headers: { "X-Request-Id": "a b" } });
  expect(response.headers.get("X-Request-Id")).toMatch(/^[0-9a-f-]{36}$/);
});

test("by default no page of another origin is let in", async () => {
  const ask = door([]);
  const answer = await ask("OPTIONS", "/v1/things/1", { headers: preflight });
  expect(answer.headers.get("Access-Control-Allow-Origin")).toBeNull();
  const got = await ask("GET", "/v1/things/1", { headers: { Origin: "https://app.example" } });
  expect(got.headers.get("Access-Control-Allow-Origin")).toBeNull();
});

test("a listed origin may ask first and read the answer, errors too", async () => {
  const ask = door(["https://app.example"]);
  const answer = await ask("OPTIONS", "/v1/things/1", { headers: preflight });
  expect(answer.status).toBe(204);
  expect(answer.headers.get("Access-Control-Allow-Origin")).toBe("https://app.example");
  expect(answer.headers.get("Access-Control-Allow-Methods")).toContain("PATCH");
  expect(answer.headers.get("Access-Control-Allow-Headers")).toContain("If-Match");
  const refused = await ask("DELETE", "/v1/things/1", { headers: { Origin: "https://app.example" } });
  expect(refused.headers.get("Access-Control-Allow-Origin")).toBe("https://app.example");
  expect(refused.headers.get("Access-Control-Expose-Headers")).toBe("ETag");
  expect(refused.headers.get("Vary")).toBe("Origin");
});
