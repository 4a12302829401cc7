import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { openHouse, type TestHouse } from "../../../test/kit/house.ts";
import { Puppet } from "../../../test/kit/odd_elements.ts";
import { Bindings } from "./bindings.ts";
import { Connection } from "./connection.ts";
import { EventFeed } from "./event_feed.ts";
import { ObjectIds } from "./object_ids.ts";
import { Sessions } from "./sessions.ts";
import { Subscriptions } from "./subscriptions.ts";

let house: TestHouse;
beforeEach(async () => void (house = await openHouse({ definitions: [Puppet] })));
afterEach(() => house.close());

function feeding() {
  const emptied: number[] = [];
  const parts = {
    commands: house.commands,
    ids: new ObjectIds(house.commands),
    sessions: new Sessions(),
    subscriptions: new Subscriptions(),
    bindings: new Bindings(),
    emptied: () => void emptied.push(house.commands.pipelineIds().length),
  };
  return { ...parts, emptied, feed: new EventFeed(parts) };
}

const subscription = (objectId: string) => ({
  id: `of ${objectId}`,
  sessionId: "s",
  objectId,
  type: "ElementConnected",
  name: "ElementConnected",
  fields: {},
});

test("what died is in none of the books", async () => {
  const { sessions, subscriptions, feed } = feeding();
  const { id, elements } = await house.commands.createPipeline({ elements: [{ type: "PassThrough" }] });
  sessions.hold("s", [elements[0].id, id]);
  sessions.add(elements[0].id, id);
  subscriptions.add(subscription(elements[0].id));
  await house.commands.releasePipeline(id);
  await house.quiet();
  expect(subscriptions.size).toBe(0);
  expect(sessions.madeAndHeld("s")).toEqual([]);
  expect(sessions.end("s")).toEqual([]);
  feed.stop();
});

test("listeners are told after the commit, and no more once the feed has stopped", async () => {
  const { subscriptions, bindings, feed } = feeding();
  const { elements: [one, two] } = await house.commands.createPipeline({
    elements: [{ type: "PassThrough" }, { type: "PassThrough" }],
  });
  const sent: string[] = [];
  const wire = { bufferedAmount: 0, send: (text: string) => void sent.push(text), close: () => {} };
  bindings.bind("s", new Connection(wire, () => Promise.resolve()));
  subscriptions.add(subscription(one.id));
  await house.commands.connect({ source: one.id, sink: two.id, media: "audio" });
  await house.quiet();
  expect(sent).toHaveLength(1);
  feed.stop();
  await house.commands.connect({ source: one.id, sink: two.id, media: "video" });
  await house.quiet();
  expect(sent).toHaveLength(1);
});

test("an event that is not as its definition says is told to nobody, and the next one is", async () => {
  const complaint = vi.spyOn(console, "error").mockImplementation(() => {});
  const { subscriptions, bindings, feed } = feeding();
  const { elements: [puppet] } = await house.commands.createPipeline({ elements: [{ type: "Puppet" }] });
  const sent: string[] = [];
  const wire = { bufferedAmount: 0, send: (text: string) => void sent.push(text), close: () => {} };
  bindings.bind("s", new Connection(wire, () => Promise.resolve()));
  subscriptions.add(subscription(puppet.id));
  subscriptions.add({
    ...subscription(puppet.id),
    id: "acted",
    type: "Acted",
    fields: { scores: z.array(z.int()) },
  });
  await house.commands.invoke(puppet.id, "act", {
    actions: [{ do: "emit", event: "Acted", data: { scores: "many" } }],
  });
  await house.commands.connect({ source: puppet.id, sink: puppet.id, media: "audio" });
  await house.quiet();
  expect(sent.map((text) => JSON.parse(text).params.value.type)).toEqual(["ElementConnected"]);
  expect(complaint).toHaveBeenCalledWith(expect.stringContaining("an event could not be told"));
  feed.stop();
});

test("the end of the last pipeline is told, and no other's", async () => {
  const { emptied, feed } = feeding();
  const one = await house.commands.createPipeline({ elements: [{ type: "PassThrough" }] });
  const two = await house.commands.createPipeline({});
  await house.commands.releaseElement(one.elements[0].id);
  await house.commands.releasePipeline(one.id);
  feed.read();
  expect(emptied).toEqual([]);
  await house.commands.releasePipeline(two.id);
  feed.read();
  expect(emptied).toEqual([0]);
});
