import { afterEach, beforeEach, expect, test } from "vitest";
import { type DoorClient, openDoor, type TestDoor } from "../../../test/kit/kurento_door.ts";
import { Puppet } from "../../../test/kit/odd_elements.ts";

let open: TestDoor;
let client: DoorClient;
let pipeline: string;
let source: string;
let sink: string;

beforeEach(async () => {
  open = await openDoor();
  client = open.client();
  pipeline = await client.create("MediaPipeline");
  source = await client.create("PassThrough", { mediaPipeline: pipeline });
  sink = await client.create("PassThrough", { mediaPipeline: pipeline });
});
afterEach(() => open.close());

const subscribe = (object: string, type: string) => client.call("subscribe", { object, type });
const link = () => client.invoke(source, "connect", { sink, mediaType: "AUDIO" });

test("an event tells its source, its time as text, its tags and its type, with ids in Kurento's form", async () => {
  const { value, sessionId } = await subscribe(source, "ElementConnected");
  expect(value).toMatch(/^[0-9a-f-]{36}$/);
  expect(sessionId).toMatch(/^[0-9a-f-]{36}$/);
  await link();
  const timeMs = Math.floor(open.house.clock.now());
  expect(client.events()).toEqual([{
    object: source,
    type: "ElementConnected",
    data: {
      sink,
      mediaType: "AUDIO",
      sourceMediaDescription: "default",
      sinkMediaDescription: "default",
      source,
      tags: [],
      timestamp: String(Math.floor(timeMs / 1000)),
      timestampMillis: String(timeMs),
      type: "ElementConnected",
    },
  }]);
});

test("tags are told where the object wants it", async () => {
  await client.invoke(source, "addTag", { key: "k", value: "v" });
  await client.invoke(source, "setSendTagsInEvents", { sendTagsInEvents: true });
  await subscribe(source, "ElementConnected");
  await link();
  expect(client.events()[0].data.tags).toEqual([{
    __module__: "kurento",
    __type__: "Tag",
    key: "k",
    value: "v",
  }]);
});

test("one event is told once, however often it was asked for, until all of that is taken back", async () => {
  const first = await subscribe(source, "ElementConnected");
  const second = await subscribe(source, "ElementConnected");
  expect(first.value).not.toBe(second.value);
  await link();
  expect(client.events()).toHaveLength(1);
  await client.call("unsubscribe", { object: source, subscription: first.value });
  await client.call("unsubscribe", { object: source, subscription: "no such" });
  await link();
  expect(client.events()).toHaveLength(2);
  await client.call("unsubscribe", { object: source, subscription: second.value });
  await link();
  expect(client.events()).toHaveLength(2);
});

test("what a class does not raise is refused", async () => {
  for (const type of ["EndOfStream", "toString", "SessionStarted"]) {
    expect(await client.refusal("subscribe", { object: source, type })).toEqual({
      code: 40106,
      data: { type: "MEDIA_OBJECT_EVENT_NOT_SUPPORTED" },
      message: `Event '${type}' not supported`,
    });
  }
});

test("events of complex values carry their names, and an old name is told by itself", async () => {
  const endpoint = await client.create("WebRtcEndpoint", { mediaPipeline: pipeline });
  await subscribe(endpoint, "IceCandidateFound");
  await subscribe(endpoint, "OnIceCandidate");
  await client.invoke(endpoint, "generateOffer");
  await client.invoke(endpoint, "gatherCandidates");
  await open.house.quiet();
  const [found] = client.events("IceCandidateFound");
  expect(found.data.candidate).toMatchObject({
    __module__: "kurento",
    __type__: "IceCandidate",
    candidate: expect.stringMatching(/^candidate:/),
  });
  const [old] = client.events("OnIceCandidate");
  expect(old.data).toEqual({ ...found.data, type: "OnIceCandidate" });
});

test("the server tells of objects that come and go, whoever made them, without a type of their own", async () => {
  const { commands } = open.house;
  const before = await commands.createPipeline({});
  await subscribe("manager_ServerManager", "ObjectCreated");
  await subscribe("manager_ServerManager", "ObjectDestroyed");
  const { id } = await commands.createPipeline({ elements: [{ type: "PassThrough" }] });
  await open.house.quiet();
  const created = client.events("ObjectCreated");
  expect(created.map(({ data }) => data.object)).toEqual([
    `${id}_kurento.MediaPipeline`,
    expect.stringMatching(new RegExp(`^${id}_kurento\\.MediaPipeline/.*_kurento\\.PassThrough$`)),
  ]);
  expect(created[0]).toMatchObject({
    object: "manager_ServerManager",
    data: { source: "manager_ServerManager" },
  });
  expect(created[0].data.type).toBeUndefined();
  await client.call("release", { object: id });
  await commands.releasePipeline(before.id);
  await open.house.quiet();
  expect(client.events("ObjectDestroyed").map(({ data }) => data.objectId)).toEqual([
    created[1].data.object,
    created[0].data.object,
    `${before.id}_kurento.MediaPipeline`,
  ]);
});

test("an error of an element is its pipeline's too, and tells its kind as its type", async () => {
  const withPuppet = await openDoor({ definitions: [Puppet] });
  const listener = withPuppet.client();
  const mediaPipeline = await listener.create("MediaPipeline");
  await listener.invoke(mediaPipeline, "addTag", { key: "show", value: "news" });
  await listener.invoke(mediaPipeline, "setSendTagsInEvents", { sendTagsInEvents: true });
  const puppet = await listener.create("Puppet", { mediaPipeline });
  for (const object of [puppet, mediaPipeline]) await listener.call("subscribe", { object, type: "Error" });
  const data = { description: "no bytes", errorCode: 1, type: "STREAM_ERROR_FAILED" };
  await withPuppet.house.commands.invoke(puppet.split("/")[1].slice(0, 36), "act", {
    actions: [{ do: "emit", event: "Error", data }],
  });
  await withPuppet.house.quiet();
  expect(listener.events()).toMatchObject([
    { object: puppet, type: "Error", data: { ...data, source: puppet, tags: [] } },
    {
      object: mediaPipeline,
      type: "Error",
      data: { ...data, source: mediaPipeline, tags: [{ key: "show" }] },
    },
  ]);
  await withPuppet.close();
});

test("what happened before a subscription is not told", async () => {
  const linked = link();
  const subscribed = subscribe(source, "ElementConnected");
  await linked;
  await subscribed;
  await client.call("ping");
  const heard = client.events().length;
  await link();
  expect(client.events().length).toBe(heard + 1);
});

test("subscriptions end with their object", async () => {
  await subscribe(source, "ElementConnected");
  await client.call("release", { object: pipeline });
  await open.house.quiet();
  await client.call("ping");
  expect(client.events()).toEqual([]);
});
