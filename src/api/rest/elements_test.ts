import { describe, expect, test } from "vitest";
import { AppError } from "../../base/mod.ts";
import { restDoor } from "../../../test/kit/rest_door.ts";

async function twoElements() {
  const door = restDoor();
  const elements = [{ type: "WebRtcEndpoint", name: "in" }, { type: "PassThrough", name: "out" }];
  const pipeline = await (await door.ask("POST", "/v1/pipelines", { body: { elements } })).json();
  const [source, sink] = pipeline.elements.map((element: { id: string }) => `/v1/elements/${element.id}`);
  return { ...door, pipeline: `/v1/pipelines/${pipeline.id}`, source, sink, ids: pipeline.elements };
}

describe("elements", () => {
  test("are made in a pipeline and read by their own path", async () => {
    const { ask, pipeline } = await twoElements();
    const response = await ask("POST", `${pipeline}/elements`, {
      body: { type: "PassThrough", tags: { a: "1" } },
    });
    expect(response.status).toBe(201);
    expect(response.headers.get("ETag")).toMatch(/^"v1-/);
    const element = await response.json();
    expect(response.headers.get("Location")).toBe(`/v1/elements/${element.id}`);
    expect(await (await ask("GET", `/v1/elements/${element.id}`)).json()).toEqual(element);
  });

  test("are listed for all and for one pipeline", async () => {
    const { ask, pipeline, ids } = await twoElements();
    const names = async (path: string) =>
      (await (await ask("GET", path)).json()).items.map((item: { name: string }) => item.name);
    expect(await names("/v1/elements")).toEqual(["in", "out"]);
    expect(await names(`/v1/elements?pipeline=${ids[0].pipelineId}&type=PassThrough`)).toEqual(["out"]);
    expect(await names(`${pipeline}/elements?type=WebRtcEndpoint`)).toEqual(["in"]);
    expect((await ask("GET", "/v1/pipelines/none/elements")).status).toBe(404);
  });

  test("link to their next page below their own pipeline", async () => {
    const { ask, pipeline } = await twoElements();
    const response = await ask("GET", `${pipeline}/elements?limit=1`);
    expect(response.headers.get("Link")).toBe(`<${pipeline}/elements?limit=1&cursor=1>; rel="next"`);
  });

  test("are edited under a precondition and released", async () => {
    const { ask, sink } = await twoElements();
    const edit = await ask("PATCH", sink, { body: { name: "exit" }, headers: { "If-Match": '"v1"' } });
    expect(await edit.json()).toMatchObject({ name: "exit", version: 2 });
    expect((await ask("PATCH", sink, { body: { name: "x" }, headers: { "If-Match": '"v1"' } })).status).toBe(
      412,
    );
    expect((await ask("DELETE", sink)).status).toBe(204);
    expect((await ask("DELETE", sink)).status).toBe(404);
  });

  test("of an unknown, abstract or planned type are refused", async () => {
    const { ask, pipeline } = await twoElements();
    const codeFor = async (type: string) => {
      const response = await ask("POST", `${pipeline}/elements`, { body: { type } });
      return [response.status, (await response.json()).code];
    };
    expect(await codeFor("Nonesuch")).toEqual([404, "element_type_not_found"]);
    expect(await codeFor("MediaElement")).toEqual([422, "element_type_abstract"]);
    expect(await codeFor("Mixer")).toEqual([501, "element_type_planned"]);
    expect(await codeFor("MediaPipeline")).toEqual([422, "object_kind_mismatch"]);
  });

  test("have figures", async () => {
    const { ask, source } = await twoElements();
    expect((await ask("GET", `${source}/stats`)).status).toBe(200);
    expect((await ask("GET", "/v1/elements/none/stats")).status).toBe(404);
  });
});

describe("connections", () => {
  test("are made from the element in the path, one per kind", async () => {
    const { ask, source, ids } = await twoElements();
    const both = await ask("POST", `${source}/connections`, { body: { sink: ids[1].id } });
    expect(both.status).toBe(201);
    expect(both.headers.get("Location")).toBe(`${source}/connections`);
    expect((await both.json()).items).toMatchObject([{ media: "audio" }, { media: "video" }]);
    const one = await ask("POST", `${source}/connections`, { body: { sink: ids[1].id, media: "video" } });
    const [{ id }] = (await one.json()).items;
    expect(one.headers.get("Location")).toBe(`${source}/connections/${id}`);
  });

  test("are listed by direction, read and ended at either end", async () => {
    const { ask, source, sink, ids } = await twoElements();
    const body = { sink: ids[1].id, media: "audio" };
    const [{ id }] = (await (await ask("POST", `${source}/connections`, { body })).json()).items;
    const count = async (path: string) => (await (await ask("GET", path)).json()).items.length;
    expect(await count(`${source}/connections`)).toBe(1);
    expect(await count(`${source}/connections?direction=incoming`)).toBe(0);
    expect(await count(`${sink}/connections?direction=incoming`)).toBe(1);
    expect(await (await ask("GET", `${sink}/connections/${id}`)).json()).toMatchObject({
      id,
      source: ids[0].id,
    });
    expect((await ask("DELETE", `${sink}/connections/${id}`)).status).toBe(204);
    const gone = await ask("GET", `${source}/connections/${id}`);
    expect([gone.status, (await gone.json()).code]).toEqual([404, "connection_not_found"]);
  });

  test("of other elements are not found here", async () => {
    const { ask, pipeline, source, ids } = await twoElements();
    const body = { sink: ids[1].id, media: "audio" };
    const [{ id }] = (await (await ask("POST", `${source}/connections`, { body })).json()).items;
    const third = await (await ask("POST", `${pipeline}/elements`, { body: { type: "PassThrough" } })).json();
    expect((await ask("GET", `/v1/elements/${third.id}/connections/${id}`)).status).toBe(404);
    expect((await ask("DELETE", `/v1/elements/${third.id}/connections/${id}`)).status).toBe(404);
  });
});

describe("tags", () => {
  test("are set, read, listed and removed one by one, on both kinds", async () => {
    const { ask, pipeline, source } = await twoElements();
    for (const path of [pipeline, source]) {
      const tag = `${path}/tags/${encodeURIComponent("a/b c")}`;
      const set = await ask("PUT", tag, { body: { value: "1" } });
      expect([set.status, await set.json()]).toEqual([200, { key: "a/b c", value: "1" }]);
      expect(await (await ask("GET", tag)).json()).toEqual({ key: "a/b c", value: "1" });
      expect(await (await ask("GET", `${path}/tags`)).json()).toEqual({
        items: [{ key: "a/b c", value: "1" }],
      });
      expect((await ask("DELETE", tag)).status).toBe(204);
      const gone = await ask("DELETE", tag);
      expect([gone.status, (await gone.json()).code]).toEqual([404, "tag_not_found"]);
    }
  });

  test("with names of the language's own are as absent as others", async () => {
    const { ask, source } = await twoElements();
    expect((await ask("GET", `${source}/tags/constructor`)).status).toBe(404);
    expect((await ask("PUT", `${source}/tags/${"k".repeat(129)}`, { body: { value: "1" } })).status).toBe(
      422,
    );
  });
});

describe("operations", () => {
  test("pass the body on and wrap what comes back", async () => {
    const { ask, commands, source, ids } = await twoElements();
    commands.onInvoke = () => "v=0";
    const response = await ask("POST", `${source}/processOffer`, { body: { offer: "v=0" } });
    expect([response.status, await response.json()]).toEqual([200, { result: "v=0" }]);
    expect(commands.invoked).toEqual([
      { elementId: ids[0].id, operation: "processOffer", input: { offer: "v=0" } },
    ]);
  });

  test("without input need no body, and without output give null", async () => {
    const { ask, commands, source } = await twoElements();
    commands.onInvoke = () => undefined;
    const response = await ask("POST", `${source}/gatherCandidates`);
    expect([response.status, await response.json()]).toEqual([200, { result: null }]);
  });

  test("keep the code and the pointers of what the command says", async () => {
    const { ask, commands, source } = await twoElements();
    commands.onInvoke = () => {
      throw new AppError("body_invalid", "Cannot process it: /offer: is empty", {
        fields: [{ pointer: "/offer", detail: "is empty" }],
      });
    };
    const response = await ask("POST", `${source}/processOffer`, { body: { offer: "" } });
    expect(response.status).toBe(422);
    expect((await response.json()).errors).toEqual([{ pointer: "/offer", detail: "is empty" }]);
  });

  test("of pipelines and of the server stand below their own paths", async () => {
    const { ask, pipeline, commands } = await twoElements();
    expect((await ask("POST", `${pipeline}/addTag`, { body: { key: "a", value: "b" } })).status).toBe(200);
    expect((await ask("POST", `${pipeline}/getGstreamerDot`)).status).toBe(200);
    expect((await ask("POST", "/v1/server/getUsedCpu", { body: { interval: 100 } })).status).toBe(200);
    expect((await ask("POST", "/v1/server/addTag", { body: { key: "a", value: "b" } })).status).toBe(200);
    expect(commands.invoked.map(({ elementId, operation }) => [elementId, operation])).toEqual([
      [pipeline.split("/").at(-1), "addTag"],
      [pipeline.split("/").at(-1), "getGstreamerDot"],
      ["manager_ServerManager", "getUsedCpu"],
      ["manager_ServerManager", "addTag"],
    ]);
    for (
      const path of ["/v1/server/getGstreamerDot", `${pipeline}/processOffer`, "/v1/pipelines/none/dance"]
    ) {
      expect((await ask("POST", path)).status, path).toBe(404);
    }
  });

  test("are POST only, and unknown ones are no path", async () => {
    const { ask, source } = await twoElements();
    const got = await ask("GET", `${source}/processOffer`);
    expect([got.status, got.headers.get("Allow")]).toEqual([405, "POST, OPTIONS"]);
    expect((await ask("POST", `${source}/explode`)).status).toBe(404);
  });
});

describe("sessions", () => {
  test("are listed, read and ended", async () => {
    const { ask, commands } = await twoElements();
    commands.sessions.set("s1", {
      id: "s1",
      kind: "whip",
      pipelineId: "p",
      elementId: "e",
      stream: "demo",
      state: "connected",
      remoteAddress: null,
      userAgent: null,
      createdAtMs: 0,
      iceGeneration: "1",
    });
    expect((await (await ask("GET", "/v1/sessions?kind=whip")).json()).items).toHaveLength(1);
    expect((await (await ask("GET", "/v1/sessions?kind=whep")).json()).items).toHaveLength(0);
    expect((await ask("GET", "/v1/sessions?kind=rtmp")).status).toBe(400);
    expect(await (await ask("GET", "/v1/sessions/s1")).json()).toMatchObject({
      createdAt: "1970-01-01T00:00:00.000Z",
    });
    expect((await ask("DELETE", "/v1/sessions/s1")).status).toBe(204);
    expect((await ask("GET", "/v1/sessions/s1")).status).toBe(404);
  });
});
