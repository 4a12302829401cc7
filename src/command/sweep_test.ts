import { afterEach, expect, test } from "vitest";
import { openHouse, refusalOf, request, type TestHouse } from "../../test/kit/house.ts";
import { Puppet } from "../../test/kit/odd_elements.ts";
import { sweep } from "./sweep.ts";

let house: TestHouse;
afterEach(() => house.close());

const names = () => house.commands.listPipelines({ limit: 9 }).items.map(({ name }) => name);

/** A stream whose publisher reached the server and left again. */
async function aUsedStream(name: string) {
  const { session } = await house.commands.openSession(request("whip", { stream: name }));
  house.house.engine.pipeline(session.pipelineId).hadPeer = true;
  await house.commands.closeSession(session.id);
  return session;
}

test("a stream that nobody used for long is gone; pipelines of clients stay", async () => {
  house = await openHouse();
  await house.commands.createPipeline({ name: "client" });
  house.clock.advance(1);
  await aUsedStream("stream");
  house.clock.advance(59_999);
  await sweep(house.house);
  expect(names()).toEqual(["client", "stream"]);
  house.clock.advance(1);
  await sweep(house.house);
  expect(names()).toEqual(["client"]);
  expect(house.plane.counts.sources).toBe(0);
});

test("a stream with a session stays, however long", async () => {
  house = await openHouse({ definitions: [Puppet] });
  await aUsedStream("stream");
  await house.commands.createElement(house.commands.listPipelines({ limit: 1 }).items[0].id, {
    type: "Puppet",
    name: "output",
  });
  house.clock.advance(60_000);
  const { session } = await house.commands.openSession(request("whip", { stream: "stream" }));
  await sweep(house.house);
  expect(house.commands.getSession(session.id).stream).toBe("stream");
});

test("a publisher that comes while the release waits keeps its stream", async () => {
  house = await openHouse();
  await aUsedStream("stream");
  house.clock.advance(60_000);
  const publishing = house.commands.openSession(request("whip", { stream: "stream" }));
  await Promise.all([sweep(house.house), publishing]);
  expect(house.commands.getSession((await publishing).session.id).stream).toBe("stream");
});

test("a stream whose publisher never got through goes with the next sweep", async () => {
  house = await openHouse();
  await house.commands.openSession(request("whip", { stream: "stream" }));
  await sweep(house.house);
  expect(names()).toEqual(["stream"]);
  house.clock.advance(15_001);
  await house.quiet();
  await sweep(house.house);
  expect(names()).toEqual([]);
});

test("zero keeps streams for good", async () => {
  house = await openHouse({ settings: { idleStreamMs: 0 } });
  await aUsedStream("stream");
  house.clock.advance(1e9);
  await sweep(house.house);
  expect(names()).toEqual(["stream"]);
});

test("a sweep that cannot write harms nothing, and the next one does the work", async () => {
  house = await openHouse();
  await aUsedStream("stream");
  house.clock.advance(60_000);
  house.fault.commit = new Error("disk full");
  await sweep(house.house);
  expect(names()).toEqual(["stream"]);
  house.fault.commit = null;
  await sweep(house.house);
  expect(names()).toEqual([]);
});

test("answers are forgotten after a day", async () => {
  house = await openHouse();
  const { idempotency } = house.store;
  idempotency.begin("key", "scope", "print", house.clock.now());
  idempotency.finish("key", "scope", { status: 201, headers: {}, body: "" });
  const ask = () => idempotency.begin("key", "scope", "print", house.clock.now()).state;
  await sweep(house.house);
  expect(ask()).toBe("done");
  house.clock.advance(24 * 3600 * 1000 + 1);
  await sweep(house.house);
  expect(ask()).toBe("new");
  expect((await refusalOf(() => house.commands.getPipeline("x"))).code).toBe("pipeline_not_found");
});
