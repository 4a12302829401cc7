import { describe, expect, test } from "vitest";
import { restDoor } from "../../../test/kit/rest_door.ts";

test("the server tells of itself", async () => {
  const response = await restDoor().ask("GET", "/v1/server");
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ name: "kaskado", startedAt: "1970-01-01T00:00:00.000Z" });
});

test("HEAD answers like GET, with the length and without the content", async () => {
  const { ask } = restDoor();
  const [head, got] = [await ask("HEAD", "/openapi.json"), await ask("GET", "/openapi.json")];
  expect([head.status, await head.text()]).toEqual([200, ""]);
  expect(head.headers.get("Content-Length")).toBe(String((await got.text()).length));
});

test("the server as an object is changed by a merge patch", async () => {
  const { ask } = restDoor();
  const patch = (body: object) => ask("PATCH", "/v1/server", { body });
  const changed = await patch({ name: "north" });
  expect([changed.status, (await changed.json()).object.name]).toEqual([200, "north"]);
  expect((await (await ask("GET", "/v1/server")).json()).object.name).toBe("north");
  expect((await patch({ nickname: "x" })).status).toBe(422);
  expect((await patch({ name: "" })).status).toBe(422);
});

describe("health", () => {
  test("is there for everybody, also when the server stops", async () => {
    const { ask } = restDoor({ ready: () => false, apiToken: "secret" });
    const response = await ask("GET", "/healthz", { from: "192.0.2.7" });
    expect([response.status, await response.json()]).toEqual([200, { status: "ok" }]);
  });

  test("is not readiness", async () => {
    expect((await restDoor().ask("GET", "/readyz")).status).toBe(200);
    const response = await restDoor({ ready: () => false }).ask("GET", "/readyz");
    expect([response.status, response.headers.get("Retry-After")]).toEqual([503, "1"]);
    expect((await response.json()).code).toBe("unavailable");
  });
});

describe("access", () => {
  test("is asked for on the control API and not on its documents", async () => {
    const { ask } = restDoor({ apiToken: "secret" });
    expect((await ask("GET", "/v1/pipelines")).status).toBe(401);
    expect((await ask("POST", "/v1/pipelines", { body: "{" })).status).toBe(401);
    const authorised = {
      headers: { Authorization: "Bearer secret" },
      from: "192.0.2.7",
      host: "media.example",
    };
    expect((await ask("GET", "/v1/pipelines", authorised)).status).toBe(200);
    for (const path of ["/openapi.json", "/docs", "/docs/docs.js"]) {
      expect((await ask("GET", path, { from: "192.0.2.7" })).status).toBe(200);
    }
  });

  test("without a token is for this machine", async () => {
    expect((await restDoor().ask("GET", "/v1/pipelines", { from: "192.0.2.7" })).status).toBe(403);
  });
});

describe("element types", () => {
  test("are shown with what they inherit", async () => {
    const type = await (await restDoor().ask("GET", "/v1/element-types/WebRtcEndpoint")).json();
    expect(type.hierarchy.slice(0, 2)).toEqual(["BaseRtpEndpoint", "SdpEndpoint"]);
    expect(type.operations.processOffer.input.required).toEqual(["offer"]);
    expect(type.properties.maxVideoRecvBandwidth).toMatchObject({ access: "readWrite", default: 0 });
    expect(type.events).toHaveProperty("NewCandidatePairSelected");
    expect(type.pads).toMatchObject({ audio: "endpoint", video: "endpoint" });
    expect(type.properties.rembParams).toMatchObject({ wireType: "RembParams", access: "readWrite" });
    expect(type.properties).not.toHaveProperty("children");
    expect(type.options.properties.recvonly.type).toBe("boolean");
  });

  test("include abstract and planned ones in the list, each with where its objects stand", async () => {
    const { items } = await (await restDoor().ask("GET", "/v1/element-types")).json();
    const facts = (name: string) => {
      const { abstract, status, place } = items.find((item: { type: string }) => item.type === name);
      return [abstract, status, place];
    };
    expect(facts("MediaElement")).toEqual([true, "abstract", "element"]);
    expect(facts("PassThrough")).toEqual([false, "built", "element"]);
    expect(facts("Mixer")).toEqual([false, "planned", "hub"]);
    expect(facts("MediaPipeline")).toEqual([false, "built", "pipeline"]);
    expect(facts("ServerManager")).toEqual([true, "abstract", "server"]);
  });

  test("that do not exist are not found", async () => {
    const response = await restDoor().ask("GET", "/v1/element-types/Nonesuch");
    expect([response.status, (await response.json()).code]).toEqual([404, "element_type_not_found"]);
  });
});

describe("the docs page", () => {
  test("loads nothing from elsewhere and may not either", async () => {
    const { ask } = restDoor();
    const response = await ask("GET", "/docs");
    expect(response.headers.get("Content-Type")).toBe("text/html; charset=utf-8");
    expect(response.headers.get("Content-Security-Policy")).toContain("default-src 'none'");
    const page = await response.text();
    for (const [, address] of page.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect(address).toMatch(/^\/(?!\/)/);
      if (address.startsWith("/docs/")) expect((await ask("GET", address)).status).toBe(200);
    }
    expect(page).not.toMatch(/style="|onclick=/);
  });

  test("is revalidated, because a new version may change it", async () => {
    const { ask } = restDoor();
    expect((await ask("GET", "/docs/docs.css")).headers.get("Cache-Control")).toBe("no-cache");
  });
});

test("failures of ours are a plain 500", async () => {
  const { ask, commands } = restDoor();
  commands.describeServer = () => {
    throw new TypeError("oops");
  };
  const response = await ask("GET", "/v1/server");
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain("oops");
});
