import { describe, expect, test } from "vitest";
import { FakeCommands } from "../../../test/kit/fake_commands.ts";
import { askerOf } from "../../../test/kit/rest_door.ts";
import { VirtualClock } from "../../../test/kit/virtual_clock.ts";
import { createSseApp } from "./app.ts";

function door(apiToken: string | null = null) {
  const commands = new FakeCommands();
  const clock = new VirtualClock();
  const stopping = new AbortController();
  const settings = { apiToken, corsOrigins: [], heartbeatMs: 15_000, clock, stopping: stopping.signal };
  return { commands, clock, stopping, ask: askerOf(createSseApp(commands, settings)) };
}

/** Reads blocks of text/event-stream, one at a time. */
class Blocks {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #text = "";

  constructor(response: Response) {
    this.#reader = response.body!.getReader();
  }

  async next(): Promise<string | null> {
    while (!this.#text.includes("\n\n")) {
      const { done, value } = await this.#reader.read();
      if (done) return null;
      this.#text += new TextDecoder().decode(value);
    }
    const end = this.#text.indexOf("\n\n");
    const block = this.#text.slice(0, end);
    this.#text = this.#text.slice(end + 2);
    return block;
  }

  async ids(count: number): Promise<string[]> {
    const ids = [];
    while (ids.length < count) ids.push(/^id: (\d+)/m.exec(await this.next() ?? "")?.[1] ?? "none");
    return ids;
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }
}

async function follow(setup: ReturnType<typeof door>, path: string, headers: Record<string, string> = {}) {
  const response = await setup.ask("GET", path, { headers });
  expect(response.status).toBe(200);
  const blocks = new Blocks(response);
  expect(await blocks.next()).toBe("retry: 2000");
  return { response, blocks };
}

/** Lets promises that are ready run. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

describe("a stream", () => {
  test("has the headers that keep proxies from collecting it", async () => {
    const { response, blocks } = await follow(door(), "/v1/events");
    expect(response.headers.get("Content-Type")).toBe("text/event-stream");
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    expect(response.headers.get("X-Accel-Buffering")).toBe("no");
    expect(response.headers.get("X-Request-Id")).toBeTruthy();
    await blocks.cancel();
  });

  test("shows an event with number, type and whole envelope", async () => {
    const setup = door();
    const { blocks } = await follow(setup, "/v1/events?lastEventId=0");
    setup.commands.publish({ type: "ObjectCreated", pipelineId: "p", timeMs: 0, data: { object: "p" } });
    const [id, event, data] = (await blocks.next())!.split("\n");
    expect([id, event]).toEqual(["id: 1", "event: ObjectCreated"]);
    expect(JSON.parse(data.slice("data: ".length))).toEqual({
      seq: 1,
      type: "ObjectCreated",
      time: "1970-01-01T00:00:00.000Z",
      pipelineId: "p",
      elementId: null,
      sessionId: null,
      tags: [],
      data: { object: "p" },
    });
    await blocks.cancel();
  });

  test("begins at the present, at the oldest, or after the number that is named", async () => {
    const setup = door();
    for (let i = 0; i < 3; i++) setup.commands.publish({ type: "ObjectCreated" });
    const present = await follow(setup, "/v1/events");
    const oldest = await follow(setup, "/v1/events?lastEventId=0");
    const byOtherName = await follow(setup, "/v1/events?last_event_id=1");
    const byHeader = await follow(setup, "/v1/events?lastEventId=0", { "Last-Event-ID": "2" });
    setup.commands.publish({ type: "ObjectDestroyed" });
    expect(await present.blocks.ids(1)).toEqual(["4"]);
    expect(await oldest.blocks.ids(4)).toEqual(["1", "2", "3", "4"]);
    expect(await byOtherName.blocks.ids(3)).toEqual(["2", "3", "4"]);
    expect(await byHeader.blocks.ids(2)).toEqual(["3", "4"]);
    for (const { blocks } of [present, oldest, byOtherName, byHeader]) await blocks.cancel();
  });

  test("filters by pipeline, element and type", async () => {
    const setup = door();
    const pipeline = await setup.commands.createPipeline({ name: "demo" });
    const byPath = await follow(setup, `/v1/pipelines/${pipeline.id}/events`);
    const byElement = await follow(setup, "/v1/events?element=e2");
    const byType = await follow(setup, "/v1/events?type=SessionStarted,SessionEnded&type=MediaStateChanged");
    setup.commands.publish({ type: "ObjectCreated", pipelineId: "other" });
    setup.commands.publish({ type: "ObjectCreated", pipelineId: pipeline.id, elementId: "e1" });
    setup.commands.publish({ type: "SessionEnded", pipelineId: pipeline.id, elementId: "e2" });
    setup.commands.publish({ type: "MediaStateChanged" });
    expect(await byPath.blocks.ids(2)).toEqual(["2", "3"]);
    expect(await byElement.blocks.ids(1)).toEqual(["3"]);
    expect(await byType.blocks.ids(2)).toEqual(["3", "4"]);
    for (const { blocks } of [byPath, byElement, byType]) await blocks.cancel();
  });

  test("tells of a gap before it goes on", async () => {
    const setup = door();
    for (let i = 0; i < 40; i++) setup.commands.publish({ type: "ObjectCreated" });
    setup.commands.events.splice(0, 20);
    const { blocks } = await follow(setup, "/v1/events", { "Last-Event-ID": "3" });
    expect(await blocks.next()).toBe('id: 20\nevent: gap\ndata: {"from":4,"to":20}');
    expect(await blocks.ids(20)).toEqual(Array.from({ length: 20 }, (_, i) => String(21 + i)));
    await blocks.cancel();
  });

  test("shows a comment every 15 s, with the number of what went by unwanted", async () => {
    const setup = door();
    const { blocks } = await follow(setup, "/v1/events?type=SessionEnded");
    let block = blocks.next();
    await settle();
    setup.clock.advance(15_000);
    expect(await block).toBe(":");
    block = blocks.next();
    setup.commands.publish({ type: "ObjectCreated" });
    await settle();
    setup.clock.advance(15_000);
    expect(await block).toBe(":\nid: 1");
    await blocks.cancel();
  });
});

describe("an end", () => {
  test("of the reader frees its listener and its timer", async () => {
    const setup = door();
    const { blocks } = await follow(setup, "/v1/events");
    const waiting = blocks.next();
    await settle();
    expect([setup.commands.listeners, setup.clock.pending]).toEqual([1, 1]);
    await blocks.cancel();
    await waiting;
    expect([setup.commands.listeners, setup.clock.pending]).toEqual([0, 0]);
  });

  test("of the server closes the stream", async () => {
    const setup = door();
    const { blocks } = await follow(setup, "/v1/events");
    const waiting = blocks.next();
    await settle();
    setup.stopping.abort();
    expect(await waiting).toBeNull();
    expect([setup.commands.listeners, setup.clock.pending]).toEqual([0, 0]);
  });

  test("that HEAD brings leaves nothing behind", async () => {
    const setup = door();
    const response = await setup.ask("HEAD", "/v1/events");
    expect([response.status, await response.text()]).toEqual([200, ""]);
    expect([setup.commands.listeners, setup.clock.pending]).toEqual([0, 0]);
  });
});

test("a reader that does not read is asked for nothing and holds nothing", async () => {
  const setup = door();
  const slow = await setup.ask("GET", "/v1/events?lastEventId=0");
  const quick = await follow(setup, "/v1/events?lastEventId=0");
  for (let i = 0; i < 2000; i++) setup.commands.publish({ type: "ObjectCreated" });
  expect((await quick.blocks.ids(2000)).at(-1)).toBe("2000");
  expect(setup.commands.listeners).toBe(0);
  const late = new Blocks(slow);
  await late.next();
  expect((await late.ids(2000)).at(-1)).toBe("2000");
  await late.cancel();
  await quick.blocks.cancel();
});

describe("a request that cannot be", () => {
  test.each([
    ["/v1/pipelines/none/events", 404, "pipeline_not_found"],
    ["/v1/events?type=NoSuchThing", 400, "event_type_not_found"],
    ["/v1/events?color=red", 400, "query_invalid"],
    ["/v1/events?lastEventId=abc", 400, "query_invalid"],
    ["/v1/events?element=a&element=b", 400, "query_invalid"],
    ["/v1/events?type=", 400, "event_type_not_found"],
  ])("%s gets %i %s", async (path, status, code) => {
    const response = await door().ask("GET", path);
    expect(response.status).toBe(status);
    expect((await response.json()).code).toBe(code);
  });

  test("has a Last-Event-ID that is no number", async () => {
    const response = await door().ask("GET", "/v1/events", { headers: { "Last-Event-ID": "x" } });
    expect([response.status, (await response.json()).code]).toEqual([400, "header_invalid"]);
  });

  test("has no token, or another method", async () => {
    expect((await door("secret").ask("GET", "/v1/events")).status).toBe(401);
    const posted = await door().ask("POST", "/v1/events");
    expect([posted.status, posted.headers.get("Allow")]).toEqual([405, "GET, HEAD, OPTIONS"]);
  });
});
