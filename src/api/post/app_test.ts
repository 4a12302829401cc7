import { expect, test } from "vitest";
import { FakeCommands } from "../../../test/kit/fake_commands.ts";
import { AppError, systemClock } from "../../base/mod.ts";
import { createPostApp } from "./app.ts";

function door(settings: { corsOrigins?: string[]; accepting?: boolean } = {}) {
  const commands = new FakeCommands();
  const { corsOrigins = [], accepting = true } = settings;
  const app = createPostApp(commands, { corsOrigins, acceptingBodies: () => accepting, clock: systemClock });
  const ask = (init: RequestInit, id = "some-id") => app.request(`/post/${id}`, init);
  return { commands, ask };
}

test.each(["POST", "PUT"])("%s gives the body to the element", async (method) => {
  const { commands, ask } = door();
  const response = await ask({ method, body: "media" });
  expect([response.status, await response.text()]).toEqual([204, ""]);
  expect(commands.posted).toEqual([{ elementId: "some-id", text: "media" }]);
});

test("the file of a form is given, and a request without a body gives an empty one", async () => {
  const { commands, ask } = door();
  const form = new FormData();
  form.append("file", new Blob(["media"]), "a.webm");
  expect((await ask({ method: "POST", body: form })).status).toBe(204);
  expect((await ask({ method: "POST" })).status).toBe(204);
  expect(commands.posted.map(({ text }) => text)).toEqual(["media", ""]);
});

test.each(
  [
    ["media_invalid", 422],
    ["body_stalled", 408],
    ["body_in_flight", 409],
    ["element_not_found", 404],
    ["not_built", 501],
  ] as const,
)("%s is told as %i", async (code, status) => {
  const { commands, ask } = door();
  commands.refuseBody = new AppError(code, "Cannot take the body: a reason");
  const response = await ask({ method: "POST", body: "media" });
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ code, detail: "Cannot take the body: a reason" });
  expect(response.headers.get("X-Request-Id")).not.toBeNull();
});

test("a client of a form that leaves is not this server's failure", async () => {
  const { ask } = door();
  const body = new ReadableStream({ pull: (controller) => controller.error(new Error("it went away")) });
  const headers = { "Content-Type": "multipart/form-data; boundary=b" };
  const response = await ask({ method: "POST", body, headers, duplex: "half" } as RequestInit);
  expect([response.status, (await response.json()).code]).toEqual([400, "body_malformed"]);
});

test("a coded body, a form without a file, other methods, and a server that ends are refused", async () => {
  const { commands, ask } = door();
  const coded = { method: "POST", body: "media", headers: { "Content-Encoding": "gzip" } };
  expect((await ask(coded)).status).toBe(415);
  const form = new FormData();
  form.append("name", "value");
  expect((await ask({ method: "POST", body: form })).status).toBe(400);
  const get = await ask({ method: "GET" });
  expect([get.status, get.headers.get("Allow")]).toEqual([405, "POST, PUT, OPTIONS"]);
  const ending = await door({ accepting: false }).ask({ method: "POST", body: "media" });
  expect([ending.status, ending.headers.get("Retry-After")]).toEqual([503, "5"]);
  expect(commands.posted).toEqual([]);
});

test("pages of the origins that are let in may send, and read what was wrong", async () => {
  const { commands, ask } = door({ corsOrigins: ["https://app.example"] });
  commands.refuseBody = new AppError("media_invalid", "Cannot play the body: a reason");
  const headers = { Origin: "https://app.example" };
  const refused = await ask({ method: "POST", body: "media", headers });
  expect(refused.headers.get("Access-Control-Allow-Origin")).toBe("https://app.example");
  const preflight = await ask({
    method: "OPTIONS",
    headers: { ...headers, "Access-Control-Request-Method": "PUT" },
  });
  expect(preflight.headers.get("Access-Control-Allow-Methods")).toContain("PUT");
});
