import { expect, test } from "vitest";
import { openHouse, request } from "../../test/kit/house.ts";
import { Puppet } from "../../test/kit/odd_elements.ts";
import { openStore } from "../store/mod.ts";

test("after a crash everything is back under its id, and dead sessions are closed with events that say so", async () => {
  const before = await openHouse();
  const made = await before.commands.createPipeline({
    name: "made",
    tags: { a: "1" },
    properties: { sendTagsInEvents: true },
    elements: [
      {
        type: "WebRtcEndpoint",
        name: "in",
        options: { recvonly: true },
        properties: { maxVideoRecvBandwidth: 9 },
      },
      { type: "PassThrough", name: "out" },
    ],
    connections: [{ source: "in", sink: "out" }],
  });
  before.clock.advance(1);
  const published = await before.commands.openSession(request("whip", { stream: "demo" }));
  const watched = await before.commands.openSession(request("whep", { stream: "demo" }));
  const newest = before.store.events.newest();

  const after = await openHouse({ store: before.store });
  expect(after.commands.getPipeline(made.id)).toEqual(made);
  expect(after.events(newest).map(({ type, sessionId, data }) => [type, sessionId, data.reason])).toEqual([
    ["SessionEnded", published.session.id, "serverRestart"],
    ["SessionEnded", watched.session.id, "serverRestart"],
    ["ElementDisconnected", null, undefined],
    ["ElementDisconnected", null, undefined],
    ["ObjectDestroyed", watched.session.id, undefined],
  ]);
  expect(after.commands.listSessions({ limit: 9 }).items).toEqual([]);
  const again = await after.commands.openSession(request("whip", { stream: "demo" }));
  expect(again.session).toMatchObject({
    pipelineId: published.session.pipelineId,
    elementId: published.session.elementId,
  });

  const quietly = await openHouse({ store: after.store });
  expect(quietly.commands.listPipelines({ limit: 9 }).items.map(({ name }) => name)).toEqual([
    "made",
    "demo",
  ]);
});

test("a restart that brings nothing to close makes no events", async () => {
  const before = await openHouse();
  await before.commands.createPipeline({ elements: [{ type: "PassThrough" }] });
  const newest = before.store.events.newest();
  const after = await openHouse({ store: before.store });
  expect(after.store.events.newest()).toBe(newest);
});

test("an element that no module defines any more stops the start with a sentence", async () => {
  const before = await openHouse({ definitions: [Puppet] });
  await before.commands.createPipeline({ elements: [{ type: "Puppet", name: "joe" }] });
  await expect(openHouse({ store: before.store })).rejects.toThrow(
    /Cannot bring back pipeline .*"joe" is a Puppet/,
  );
});

test("an element that fails when it comes back stops the start with a sentence", async () => {
  const store = openStore(":memory:");
  const before = await openHouse({ store, definitions: [Puppet] });
  await before.commands.createPipeline({ elements: [{ type: "Puppet" }] });
  const broken = {
    ...Puppet,
    create: () => {
      throw new Error("no film");
    },
  };
  await expect(openHouse({ store, definitions: [broken] })).rejects.toThrow(
    /Cannot bring back pipeline .*: no film/,
  );
});

test("pipelines of Kurento's protocol end with the process, and followers hear of all that was in them", async () => {
  const before = await openHouse();
  const kept = await before.commands.createPipeline({ elements: [{ type: "PassThrough" }] });
  const lost = await before.commands.createPipeline({
    origin: "kurento",
    properties: { sendTagsInEvents: true },
    tags: { room: "7" },
    elements: [{ type: "WebRtcEndpoint", name: "in" }, { type: "PassThrough", name: "out" }],
    connections: [{ source: "in", sink: "out" }],
  });
  const [endpoint, tap] = lost.elements;
  const { session } = await before.commands.openSession(request("whip", { elementId: endpoint.id }));
  const newest = before.store.events.newest();

  const after = await openHouse({ store: before.store });
  expect(after.commands.pipelineIds()).toEqual([kept.id]);
  expect(after.store.load()).toMatchObject({ pipelines: [{ id: kept.id }], connections: [], sessions: [] });
  expect(after.events(newest).map(({ type, elementId, data, tags }) => [type, elementId, data, tags]))
    .toEqual([
      ["SessionEnded", endpoint.id, {
        sessionId: session.id,
        kind: "whip",
        stream: null,
        reason: "serverRestart",
      }, []],
      ["ObjectDestroyed", endpoint.id, { objectId: endpoint.id }, []],
      ["ObjectDestroyed", tap.id, { objectId: tap.id }, []],
      ["ObjectDestroyed", null, { objectId: lost.id }, [{ key: "room", value: "7" }]],
    ]);
  const quietly = await openHouse({ store: after.store });
  expect(quietly.store.events.newest()).toBe(after.store.events.newest());
});

test("what was being recorded when the process ended is marked as interrupted", async () => {
  const store = openStore(":memory:");
  const row = {
    pipelineId: "pipeline",
    elementId: "recorder",
    profile: "WEBM",
    durationMs: 4000,
    tracks: [],
    createdAtMs: 1,
  };
  store.commit({
    putRecordings: [{ id: "a.webm", state: "recording", ...row }, {
      id: "b.webm",
      state: "complete",
      ...row,
    }],
  });
  await openHouse({ store });
  expect(store.recordings().map(({ id, state, durationMs }) => [id, state, durationMs])).toEqual([
    ["a.webm", "interrupted", 4000],
    ["b.webm", "complete", 4000],
  ]);
});
