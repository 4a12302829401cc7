import { describe, expect, test } from "vitest";
import { restDoor } from "../../../test/kit/rest_door.ts";

const wholeGraph = {
  name: "demo",
  tags: { room: "blue" },
  elements: [{ type: "WebRtcEndpoint", name: "in" }, { type: "PassThrough", name: "out" }],
  connections: [{ source: "in", sink: "out", media: "video" }],
};

describe("making a pipeline", () => {
  test("needs no body", async () => {
    const { ask } = restDoor();
    const response = await ask("POST", "/v1/pipelines");
    expect(response.status).toBe(201);
    const pipeline = await response.json();
    expect(response.headers.get("Location")).toBe(`/v1/pipelines/${pipeline.id}`);
    expect(pipeline).toMatchObject({ name: pipeline.id, version: 1, elements: [], connections: [] });
  });

  test("takes a whole graph and shows it, with times as text and an ETag", async () => {
    const { ask } = restDoor();
    const response = await ask("POST", "/v1/pipelines", { body: wholeGraph });
    expect(response.headers.get("ETag")).toMatch(/^"v1-[0-9a-f]{12}"$/);
    const pipeline = await response.json();
    expect(pipeline.createdAt).toBe("1970-01-01T00:00:01.000Z");
    expect(pipeline).not.toHaveProperty("createdAtMs");
    const [source, sink] = pipeline.elements;
    expect([source.name, sink.name]).toEqual(["in", "out"]);
    expect(pipeline.connections).toMatchObject([{ source: source.id, sink: sink.id, media: "video" }]);
    const read = await ask("GET", response.headers.get("Location")!);
    expect(await read.json()).toEqual(pipeline);
    expect(read.headers.get("ETag")).toBe(response.headers.get("ETag"));
  });

  test("with a wrong shape and wrong options hears of both at once", async () => {
    const { ask } = restDoor();
    const elements = [{ type: "WebRtcEndpoint", name: 5, options: { recvonly: "yes" } }, { type: "Nope" }];
    const problem = await (await ask("POST", "/v1/pipelines", { body: { elements, x: 1 } })).json();
    expect(problem.errors.map((error: { pointer: string }) => error.pointer).sort()).toEqual([
      "/elements/0/name",
      "/elements/0/options/recvonly",
      "/elements/1/type",
      "/x",
    ]);
  });

  test("under a name that is taken is a conflict", async () => {
    const { ask } = restDoor();
    await ask("POST", "/v1/pipelines", { body: { name: "demo" } });
    const again = await ask("POST", "/v1/pipelines", { body: { name: "demo" } });
    expect([again.status, (await again.json()).code]).toEqual([409, "pipeline_name_taken"]);
  });

  test("with wrong fields tells all of them by pointer", async () => {
    const { ask } = restDoor();
    const body = {
      name: "",
      colour: 1,
      tags: { "a/b": 5 },
      elements: [{ type: "PassThrough", sise: 1 }, { name: "x" }],
      connections: [{ source: "in", sink: "out", media: "smell" }],
    };
    const response = await ask("POST", "/v1/pipelines", { body });
    expect(response.status).toBe(422);
    expect(response.headers.get("Content-Type")).toBe("application/problem+json");
    const problem = await response.json();
    expect(problem.code).toBe("body_invalid");
    expect(problem.errors.map((field: { pointer: string }) => field.pointer).sort()).toEqual([
      "/colour",
      "/connections/0/media",
      "/elements/0/sise",
      "/elements/1/type",
      "/name",
      "/tags/a~1b",
    ]);
  });
});

describe("a body that cannot be read", () => {
  test.each([
    ["{", 400, "body_malformed"],
    ["", 201, undefined],
    ["[]", 422, "body_invalid"],
    ["null", 422, "body_invalid"],
    ['{"tags": ' + "[".repeat(200_000) + "}", 400, "body_malformed"],
    ['{"name": "' + "x".repeat(1024 * 1024) + '"}', 413, "body_too_large"],
  ])("of kind %# gets its status and code", async (body, status, code) => {
    const response = await restDoor().ask("POST", "/v1/pipelines", { body });
    expect([response.status, (await response.json()).code]).toEqual([status, code]);
  });

  test("because it has another type, or none", async () => {
    const { ask } = restDoor();
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/merge-patch+json"]) {
      const response = await ask("POST", "/v1/pipelines", { body: "{}", headers: { "Content-Type": type } });
      expect([response.status, (await response.json()).code]).toEqual([415, "media_type_unsupported"]);
    }
    const charset = { "Content-Type": "Application/JSON; charset=utf-8" };
    expect((await ask("POST", "/v1/pipelines", { body: "{}", headers: charset })).status).toBe(201);
  });

  test("because it nests too deeply for any schema, is refused without harm", async () => {
    const body = `{"properties":{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}}`;
    const response = await restDoor().ask("POST", "/v1/pipelines", { body });
    expect(response.status).toBeLessThan(600);
  });
});

describe("lists", () => {
  test("come in pages that point to the next", async () => {
    const { ask } = restDoor();
    for (let i = 0; i < 5; i++) {
      await ask("POST", "/v1/pipelines", { body: { name: `p${i}`, tags: { room: "a:b" } } });
    }
    const names: string[] = [];
    let path: string | undefined = "/v1/pipelines?limit=2&tag=room:a:b";
    let pages = 0;
    while (path) {
      const response: Response = await ask("GET", path);
      const page = await response.json();
      names.push(...page.items.map((item: { name: string }) => item.name));
      path = /^<(.*)>; rel="next"$/.exec(response.headers.get("Link") ?? "")?.[1];
      expect(page.nextCursor === null).toBe(path === undefined);
      pages++;
    }
    expect([names, pages]).toEqual([["p0", "p1", "p2", "p3", "p4"], 3]);
  });

  test("are filtered by name and tag", async () => {
    const { ask } = restDoor();
    await ask("POST", "/v1/pipelines", { body: { name: "one", tags: { a: "1" } } });
    await ask("POST", "/v1/pipelines", { body: { name: "two" } });
    const names = async (query: string) =>
      (await (await ask("GET", `/v1/pipelines?${query}`)).json()).items.map((item: { name: string }) =>
        item.name
      );
    expect(await names("name=two")).toEqual(["two"]);
    expect(await names("tag=a:1")).toEqual(["one"]);
    expect(await names("tag=a:2")).toEqual([]);
  });

  test.each([
    ["limit=0", "?limit"],
    ["limit=1001", "?limit"],
    ["limit=ten", "?limit"],
    ["color=red", "?color"],
    ["tag=novalue", "?tag"],
    ["name=a&name=b", "?name"],
  ])("refuse %s and name the parameter", async (query, pointer) => {
    const response = await restDoor().ask("GET", `/v1/pipelines?${query}`);
    expect(response.status).toBe(400);
    const problem = await response.json();
    expect(problem.code).toBe("query_invalid");
    expect(problem.errors.map((field: { pointer: string }) => field.pointer)).toEqual([pointer]);
  });

  test("refuse a cursor that is not theirs", async () => {
    const response = await restDoor().ask("GET", "/v1/pipelines?cursor=abc");
    expect([response.status, (await response.json()).code]).toEqual([400, "cursor_invalid"]);
  });
});

describe("versions", () => {
  async function made() {
    const door = restDoor();
    const response = await door.ask("POST", "/v1/pipelines", {
      body: { name: "demo", tags: { a: "1", b: "2" } },
    });
    return { ...door, path: response.headers.get("Location")!, tag: response.headers.get("ETag")! };
  }

  test("a reader that has the present one gets 304", async () => {
    const { ask, path, tag } = await made();
    for (const given of [tag, `W/${tag}`, `"x", ${tag}`, "*"]) {
      const response = await ask("GET", path, { headers: { "If-None-Match": given } });
      expect([response.status, await response.text(), response.headers.get("ETag")]).toEqual([304, "", tag]);
    }
    expect((await ask("GET", path, { headers: { "If-None-Match": '"v1-000000000000"' } })).status).toBe(200);
  });

  test("an edit is a merge patch and moves the version", async () => {
    const { ask, path } = await made();
    const headers = { "Content-Type": "application/merge-patch+json" };
    const response = await ask("PATCH", path, {
      headers,
      body: { name: "stage", tags: { a: null, c: "3" } },
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ name: "stage", tags: { b: "2", c: "3" }, version: 2 });
    expect(response.headers.get("ETag")).toMatch(/^"v2-/);
  });

  test("an edit or an end that means an older one gets 412", async () => {
    const { ask, path, tag } = await made();
    await ask("PATCH", path, { body: { tags: { c: "3" } } });
    for (const given of [tag, '"v1"', '"something"', "garbage"]) {
      const edit = await ask("PATCH", path, { body: { name: "x" }, headers: { "If-Match": given } });
      expect([edit.status, (await edit.json()).code]).toEqual([412, "precondition_failed"]);
      expect((await ask("DELETE", path, { headers: { "If-Match": given } })).status).toBe(412);
    }
  });

  test("an edit that means the present one, any one, or one of several goes through", async () => {
    for (const given of ['"v1"', "*", '"v7", "v1"']) {
      const { ask, path } = await made();
      expect((await ask("PATCH", path, { body: {}, headers: { "If-Match": given } })).status).toBe(200);
    }
    const { ask, path, tag } = await made();
    expect((await ask("DELETE", path, { headers: { "If-Match": tag } })).status).toBe(204);
    expect((await ask("GET", path)).status).toBe(404);
    expect((await ask("DELETE", path, { headers: { "If-Match": "*" } })).status).toBe(404);
  });

  test("an edit with a wrong field is refused, null for a name too", async () => {
    const { ask, path } = await made();
    const response = await ask("PATCH", path, { body: { name: null, version: 3 } });
    expect(response.status).toBe(422);
    const pointers = (await response.json()).errors.map((field: { pointer: string }) => field.pointer);
    expect(pointers.sort()).toEqual(["/name", "/version"]);
  });
});

describe("the graph", () => {
  async function made() {
    const door = restDoor();
    const response = await door.ask("POST", "/v1/pipelines", { body: wholeGraph });
    return { ...door, path: response.headers.get("Location")! };
  }

  test("is JSON unless something else is wanted", async () => {
    const { ask, path } = await made();
    const graph = await (await ask("GET", `${path}/graph`)).json();
    expect(graph.nodes.map((node: { name: string }) => node.name)).toEqual(["in", "out"]);
    expect(graph.edges).toMatchObject([{
      source: graph.nodes[0].id,
      sink: graph.nodes[1].id,
      media: "video",
    }]);
  });

  test.each([
    ["?format=dot", "*/*", "text/vnd.graphviz; charset=utf-8"],
    ["?format=svg", "application/json", "image/svg+xml"],
    ["?format=json", "image/svg+xml", "application/json"],
    ["", "image/svg+xml", "image/svg+xml"],
    ["", "text/vnd.graphviz", "text/vnd.graphviz; charset=utf-8"],
    ["", "text/html,image/svg+xml,*/*", "application/json"],
  ])("%s with Accept: %s is %s", async (query, accept, type) => {
    const { ask, path } = await made();
    const response = await ask("GET", `${path}/graph${query}`, { headers: { Accept: accept } });
    expect([response.status, response.headers.get("Content-Type")]).toEqual([200, type]);
    expect(response.headers.get("Vary")).toBe("Accept");
  });

  test("has figures", async () => {
    const { ask, path } = await made();
    const response = await ask("GET", `${path}/stats`);
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    expect(Object.values(await response.json())).toMatchObject([{ type: "element" }]);
  });
});
