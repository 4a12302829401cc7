import { describe, expect, test } from "vitest";
import { AppError } from "../../base/mod.ts";
import { restDoor } from "../../../test/kit/rest_door.ts";

const headers = { "Idempotency-Key": "4f8c-key" };

async function elementPath(ask: ReturnType<typeof restDoor>["ask"]): Promise<string> {
  const body = { elements: [{ type: "WebRtcEndpoint" }] };
  return `/v1/elements/${(await (await ask("POST", "/v1/pipelines", { body })).json()).elements[0].id}`;
}

describe("a request with a key", () => {
  test("has one effect and one answer, however often it comes", async () => {
    const { ask, commands } = restDoor();
    const first = await ask("POST", "/v1/pipelines", { headers, body: { name: "demo" } });
    const again = await ask("POST", "/v1/pipelines", { headers, body: { name: "demo" } });
    expect([first.status, first.headers.get("Idempotent-Replayed")]).toEqual([201, null]);
    expect([again.status, again.headers.get("Idempotent-Replayed")]).toEqual([201, "true"]);
    for (const name of ["Location", "ETag", "Content-Type"]) {
      expect(again.headers.get(name)).toBe(first.headers.get(name));
    }
    expect(again.headers.get("X-Request-Id")).not.toBe(first.headers.get("X-Request-Id"));
    expect(await again.text()).toBe(await first.text());
    expect(commands.listPipelines({ limit: 10 }).items).toHaveLength(1);
  });

  test("keeps a refusal too", async () => {
    const { ask } = restDoor();
    await ask("POST", "/v1/pipelines", { body: { name: "demo" } });
    const first = await ask("POST", "/v1/pipelines", { headers, body: { name: "demo" } });
    const again = await ask("POST", "/v1/pipelines", { headers, body: { name: "demo" } });
    expect([first.status, again.status, again.headers.get("Idempotent-Replayed")]).toEqual([
      409,
      409,
      "true",
    ]);
    expect(again.headers.get("Content-Type")).toBe("application/problem+json");
  });

  test("of another request is refused", async () => {
    const { ask } = restDoor();
    await ask("POST", "/v1/pipelines", { headers, body: { name: "demo" } });
    const other = await ask("POST", "/v1/pipelines", { headers, body: { name: "other" } });
    expect([other.status, (await other.json()).code]).toEqual([422, "idempotency_key_reused"]);
  });

  test("that is still being worked on is a conflict", async () => {
    const { ask, commands } = restDoor();
    const path = `${await elementPath(ask)}/processOffer`;
    let answer = (_sdp: string) => {};
    commands.onInvoke = () => new Promise((resolve) => answer = resolve);
    const first = ask("POST", path, { headers, body: { offer: "v=0" } });
    while (commands.invoked.length === 0) await Promise.resolve();
    const second = await ask("POST", path, { headers, body: { offer: "v=0" } });
    expect([second.status, (await second.json()).code]).toEqual([409, "idempotency_key_in_flight"]);
    expect(second.headers.get("Retry-After")).toBe("1");
    answer("done");
    expect(await (await first).json()).toEqual({ result: "done" });
    const third = await ask("POST", path, { headers, body: { offer: "v=0" } });
    expect([third.headers.get("Idempotent-Replayed"), await third.json()]).toEqual(["true", {
      result: "done",
    }]);
  });

  test("that failed on our side may be tried again", async () => {
    const { ask, commands } = restDoor();
    const path = `${await elementPath(ask)}/processOffer`;
    const failures = [
      new TypeError("a bug"),
      new AppError("unavailable", "Cannot take it: the server stops"),
    ];
    commands.onInvoke = () => {
      const failure = failures.shift();
      if (failure) throw failure;
      return "done";
    };
    const statuses = [];
    for (let i = 0; i < 3; i++) {
      statuses.push((await ask("POST", path, { headers, body: { offer: "v=0" } })).status);
    }
    expect(statuses).toEqual([500, 503, 200]);
  });

  test("that never was one leaves the key free", async () => {
    const { ask } = restDoor();
    expect((await ask("POST", "/v1/pipelines", { headers, body: { nome: "demo" } })).status).toBe(422);
    expect((await ask("POST", "/v1/pipelines", { headers, body: { name: "demo" } })).status).toBe(201);
  });
});

test.each(["", "a b", "ü", "x".repeat(256)])("key %# is no key", async (key) => {
  const response = await restDoor().ask("POST", "/v1/pipelines", { headers: { "Idempotency-Key": key } });
  expect([response.status, (await response.json()).code]).toEqual([400, "header_invalid"]);
});
