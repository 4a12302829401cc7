import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type DoorClient, openDoor, type TestDoor } from "../../../test/kit/kurento_door.ts";

let open: TestDoor;
let client: DoorClient;

beforeEach(async () => {
  open = await openDoor();
  client = open.client();
});
afterEach(() => open.close());

const pipelines = () => open.house.commands.pipelineIds().length;
const sessionOf = async (of: DoorClient) => (await of.call("ping")).sessionId;

/** Lets time pass, and what the collector started come to its end. */
async function pass(seconds: number): Promise<void> {
  open.house.clock.advance(seconds * 1000);
  await open.house.quiet();
}

describe("connect", () => {
  test("gives a session, which is known by its name once it has touched an object", async () => {
    const { serverId, sessionId } = await client.call("connect");
    expect(serverId).not.toBe(sessionId);
    const other = open.client();
    const invalid = { code: 40007, data: { type: "INVALID_SESSION" }, message: "Invalid session" };
    expect(await other.refusal("connect", { sessionId })).toEqual(invalid);
    await client.create("MediaPipeline");
    expect(await other.call("connect", { sessionId })).toEqual({ serverId, sessionId });
    expect(await other.refusal("connect", { sessionId: "unheard" })).toEqual(invalid);
    expect((await client.call("connect", {})).serverId).toBe(serverId);
  });

  test("a client may choose its own name", async () => {
    const result = await client.call("create", { type: "MediaPipeline", sessionId: "mine" });
    expect(result.sessionId).toBe("mine");
    expect(await sessionOf(client)).toBe("mine");
    expect(await client.call("keepAlive", { sessionId: "mine" })).toEqual({ sessionId: "mine" });
    expect((await client.refusal("keepAlive", { sessionId: "other" })).code).toBe(40007);
  });

  test("the latest connection of a session hears its events, and a connection has one session", async () => {
    const object = await client.create("MediaPipeline");
    const sessionId = await sessionOf(client);
    await client.call("subscribe", { object: "manager_ServerManager", type: "ObjectCreated" });
    const second = open.client();
    await second.call("connect", { sessionId });
    await second.create("PassThrough", { mediaPipeline: object });
    expect(second.events("ObjectCreated")).toHaveLength(1);
    expect(client.events()).toEqual([]);
    expect(await sessionOf(client)).toBeUndefined();
    await second.call("keepAlive", { sessionId: (await client.call("describe", { object })).sessionId });
    expect(await sessionOf(client)).toBeUndefined();
  });
});

describe("what was asked already", () => {
  const create = (id: unknown, sessionId?: string) =>
    JSON.stringify({ jsonrpc: "2.0", id, method: "create", params: { type: "MediaPipeline", sessionId } });

  test("is answered again and not done again, for 20 s, on another connection too", async () => {
    const first = await client.ask(create("cached", "s"));
    expect(await client.ask(create("cached"))).toEqual(first);
    expect(first.result.sessionId).toBe("s");
    const other = open.client();
    expect(await other.ask(create("cached", "s"))).toEqual(first);
    expect(await sessionOf(other)).toBe("s");
    expect(pipelines()).toBe(1);
    await pass(21);
    await other.ask(create("cached"));
    expect(pipelines()).toBe(2);
  });

  test("goes for refusals too", async () => {
    const ask = (object: string) =>
      client.ask(
        JSON.stringify({
          jsonrpc: "2.0",
          id: "same",
          method: "describe",
          params: { object, sessionId: "s" },
        }),
      );
    const refused = await ask("nothing");
    expect(await ask(await client.create("MediaPipeline"))).toEqual(refused);
  });

  test("is done again where the settings say so", async () => {
    const uncached = await openDoor({ settings: { requestCache: false } });
    const other = uncached.client();
    await other.ask(create(1, "s"));
    await other.ask(create(1, "s"));
    expect(uncached.house.commands.pipelineIds()).toHaveLength(2);
    await uncached.close();
  });
});

describe("references", () => {
  test("an object dies when the last session lets go of it", async () => {
    const object = await client.create("MediaPipeline");
    const other = open.client();
    await other.call("ref", { object, sessionId: "other" });
    await client.call("unref", { object });
    expect(pipelines()).toBe(1);
    await other.call("unref", { object });
    expect(pipelines()).toBe(0);
    expect((await other.refusal("ref", { object })).code).toBe(40101);
  });

  test("closing a session lets go, and ends the rest only where nobody else holds it", async () => {
    const object = await client.create("MediaPipeline");
    await client.create("PassThrough", { mediaPipeline: object });
    const other = open.client();
    await other.call("describe", { object, sessionId: "other" });
    expect(await client.call("closeSession", {})).toBeNull();
    expect(pipelines()).toBe(1);
    expect(await sessionOf(client)).toBeUndefined();
    await client.call("describe", { object, sessionId: "again" });
    expect(await other.call("closeSession", { release: true })).toBeNull();
    expect(pipelines()).toBe(0);
  });

  test("objects that others made are held, and die of release only", async () => {
    const { commands } = open.house;
    const { id } = await commands.createPipeline({ elements: [{ type: "PassThrough", name: "own" }] });
    const mine = await client.create("PassThrough", { mediaPipeline: id });
    await client.call("closeSession", { release: true });
    expect(commands.getPipeline(id).elements.map(({ name }) => name)).toEqual(["own"]);
    expect((await client.refusal("describe", { object: mine })).code).toBe(40101);
    await client.call("release", { object: id });
    expect(pipelines()).toBe(0);
  });

  test("what REST released is forgotten here", async () => {
    const object = await client.create("MediaPipeline");
    await open.house.commands.releasePipeline(object.slice(0, 36));
    expect((await client.refusal("describe", { object })).code).toBe(40101);
    await client.call("closeSession", { release: true });
  });
});

describe("the collector", () => {
  test("ends what a client that vanished held, between one and two periods after", async () => {
    await client.create("MediaPipeline");
    client.break();
    await pass(239);
    expect(pipelines()).toBe(1);
    await pass(241);
    expect(pipelines()).toBe(0);
  });

  test("leaves a client alone that is connected, however silent", async () => {
    await client.create("MediaPipeline");
    for (let period = 0; period < 10; period++) await pass(240);
    expect(pipelines()).toBe(1);
  });

  test("takes the session's subscriptions with it", async () => {
    const object = await client.create("MediaPipeline");
    await client.call("subscribe", { object: "manager_ServerManager", type: "ObjectCreated" });
    const sessionId = await sessionOf(client);
    client.break();
    await pass(480);
    const again = open.client();
    expect((await again.refusal("connect", { sessionId })).code).toBe(40007);
    await again.call("ref", { object: "manager_ServerManager", sessionId });
    await again.create("MediaPipeline");
    expect(again.events()).toEqual([]);
    expect((await again.refusal("describe", { object })).code).toBe(40101);
  });

  test("a client that comes back in time finds all as it was", async () => {
    const object = await client.create("MediaPipeline");
    await client.call("subscribe", { object: "manager_ServerManager", type: "ObjectCreated" });
    const sessionId = await sessionOf(client);
    client.break();
    // Nobody is told of this one: events of a session without a connection are lost.
    await open.house.commands.createElement(object.slice(0, 36), { type: "PassThrough" });
    await pass(200);
    const again = open.client();
    await again.call("connect", { sessionId });
    await pass(400);
    expect(pipelines()).toBe(1);
    const made = await again.create("PassThrough", { mediaPipeline: object });
    expect(again.events("ObjectCreated").map(({ data }) => data.object)).toEqual([made]);
  });
});

test("the end of the server closes every connection and stops every timer", async () => {
  await client.create("MediaPipeline");
  open.door.close();
  expect(client.closed).toEqual({ code: 1001, reason: "The server is stopping" });
});

test("a server above its kill limit ends with the last object, and one below it or without one does not", async () => {
  for (const [killLimit, ends] of [[1e-6, 1], [1, 0], [null, 0]] as const) {
    const said: string[] = [];
    const own = await openDoor({ settings: { killLimit, exhausted: (why) => said.push(why) } });
    const mine = own.client();
    const [one, two] = [await mine.create("MediaPipeline"), await mine.create("MediaPipeline")];
    await mine.call("release", { object: one });
    expect(said).toEqual([]);
    await mine.call("release", { object: two });
    await own.house.quiet();
    expect([killLimit, said.length]).toEqual([killLimit, ends]);
    if (ends) expect(said[0]).toMatch(/^Reached KMS (threads|files) limit/);
    await own.close();
  }
});
