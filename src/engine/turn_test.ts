import { afterEach, beforeEach, expect, test } from "vitest";
import { aSession } from "../../test/kit/graph.ts";
import { openHouse, refusalOf, request, type TestHouse } from "../../test/kit/house.ts";
import { Fragile, Puppet } from "../../test/kit/odd_elements.ts";

let house: TestHouse;
beforeEach(async () => void (house = await openHouse({ definitions: [Fragile, Puppet] })));
afterEach(() => house.close());

const isAbout = (events: ReturnType<TestHouse["events"]>) =>
  events.map(({ type, elementId }) => [type, elementId]);
const act = (elementId: string, ...actions: unknown[]) =>
  house.commands.invoke(elementId, "act", { actions });

async function aPuppet(properties = {}, tags = {}) {
  const view = await house.commands.createPipeline({
    elements: [{ type: "Puppet", properties, tags }],
    tags: { room: "7" },
  });
  return { pipelineId: view.id, puppet: view.elements[0].id, live: house.house.engine.pipeline(view.id) };
}

test("events that an element emits are written in their order; unknown ones are left out", async () => {
  const { puppet } = await aPuppet();
  const from = house.store.events.newest();
  await act(
    puppet,
    { do: "emit", event: "Acted", data: { n: 1 } },
    { do: "emit", event: "toString", data: {} },
    { do: "emit", event: "Acted", data: { n: 2 } },
  );
  expect(house.events(from).map((event) => [event.type, event.data.n])).toEqual([["Acted", 1], ["Acted", 2]]);
});

test("events carry tags where the object wants it, in Kurento's form", async () => {
  const { puppet } = await aPuppet({ sendTagsInEvents: true }, { camera: "left" });
  await act(puppet, { do: "emit", event: "Acted", data: {} });
  expect(house.events().at(-1)!.tags).toEqual([{ key: "camera", value: "left" }]);
});

test("a session starts, changes and ends once, whatever its element says twice", async () => {
  const { puppet } = await aPuppet();
  const from = house.store.events.newest();
  const { session } = await house.commands.openSession(request("whip", { elementId: puppet }));
  await act(puppet, { do: "sessionConnected", sessionId: session.id });
  await act(puppet, { do: "sessionConnected", sessionId: session.id });
  await act(puppet, { do: "sessionEnded", sessionId: session.id, reason: "left" });
  await act(puppet, { do: "sessionEnded", sessionId: session.id, reason: "left" });
  expect(house.events(from).map(({ type, sessionId, data }) => [type, sessionId, data.state ?? data.reason]))
    .toEqual([
      ["SessionStarted", session.id, "connecting"],
      ["SessionStateChanged", session.id, "connected"],
      ["SessionEnded", session.id, "left"],
    ]);
  expect(house.store.load().sessions).toEqual([]);
});

test("a session that starts and ends in one turn leaves two events and no row", async () => {
  const { live, puppet } = await aPuppet();
  await house.house.engine.inTurn(live, (turn) => {
    turn.putSession(aSession("s", puppet, { pipelineId: live.graph.pipeline.id }));
    turn.endSession("s", "over");
  });
  expect(house.store.load().sessions).toEqual([]);
  expect(house.events().slice(-2).map((event) => event.type)).toEqual(["SessionStarted", "SessionEnded"]);
});

test("an element that is released ends its sessions first", async () => {
  const { puppet } = await aPuppet();
  const { session } = await house.commands.openSession(request("whip", { elementId: puppet }));
  const from = house.store.events.newest();
  await house.commands.releaseElement(puppet);
  expect(isAbout(house.events(from))).toEqual([["SessionEnded", puppet], ["ObjectDestroyed", puppet]]);
  expect(house.events(from)[0].data).toMatchObject({ sessionId: session.id, reason: "elementReleased" });
  expect(house.store.load().sessions).toEqual([]);
  expect((await refusalOf(() => house.commands.getSession(session.id))).code).toBe("session_not_found");
});

test("a session's own element ends with it", async () => {
  const { puppet } = await aPuppet();
  await house.commands.openSession(request("whip", { elementId: puppet }));
  const viewer = await house.commands.openSession(request("whep", { elementId: puppet }));
  await house.quiet();
  const from = house.store.events.newest();
  await house.commands.closeSession(viewer.session.id);
  await house.quiet();
  const types = house.events(from).map((event) => event.type);
  expect(types).toEqual([
    "MediaSessionTerminated",
    "SessionEnded",
    "ElementDisconnected",
    "ElementDisconnected",
    "ObjectDestroyed",
  ]);
  expect(house.plane.counts.transports).toBe(0);
});

test("an element that fails while starting is told of without its inner error", async () => {
  const { pipelineId } = await aPuppet();
  const counts = house.plane.counts;
  const refusal = await refusalOf(house.commands.createElement(pipelineId, { type: "Fragile" }));
  expect(refusal.code).toBe("element_start_failed");
  expect(refusal.message).not.toContain("fire");
  expect(String(refusal.internal)).toContain("fire");
  expect(house.plane.counts).toEqual(counts);
  await house.quiet();
});

test("a turn that is over can do nothing more", async () => {
  const { live, puppet } = await aPuppet();
  const turn = await house.house.engine.inTurn(live, (turn) => turn);
  const attempts = [
    () => turn.change({ kind: "removeElement", elementId: puppet }),
    () => turn.perform(puppet, []),
    () => turn.putSession(aSession("s", puppet)),
    () => turn.endSession("s", "x"),
  ];
  for (const attempt of attempts) expect((await refusalOf(attempt)).code).toBe("turn_deadline");
});

test("the end of a stream is told once to every endpoint that it reaches, and to nobody else", async () => {
  const names = ["source", "direct", "behind", "other"];
  const { elements } = await house.commands.createPipeline({
    elements: [...names.map((name) => ({ type: "Puppet", name })), { type: "PassThrough", name: "through" }],
    connections: [
      { source: "source", sink: "direct" },
      { source: "source", sink: "through", media: "video" },
      { source: "through", sink: "behind" },
      { source: "direct", sink: "other" },
    ],
  });
  const idOf = (name: string) => elements.find((element) => element.name === name)!.id;
  const from = house.store.events.newest();
  await act(idOf("source"), { do: "endOfStream" });
  expect(house.events(from).map(({ elementId, data }) => [elementId, data.heard]).sort()).toEqual(
    [[idOf("direct"), "endOfStream"], [idOf("behind"), "endOfStream"]].sort(),
  );
});

test("files that elements tell of become rows with the turn, and none with one that fails", async () => {
  const { pipelineId, puppet } = await aPuppet();
  const file = { path: "a.webm", profile: "WEBM", durationMs: 0, tracks: [], startedAtMs: 5 };
  await act(puppet, { do: "recorded", file: { ...file, state: "recording" } });
  const row = { id: "a.webm", pipelineId, elementId: puppet, profile: "WEBM", tracks: [], createdAtMs: 5 };
  expect(house.store.recordings()).toEqual([{ ...row, state: "recording", durationMs: 0 }]);
  await act(puppet, { do: "recorded", file: { ...file, state: "complete", durationMs: 9 } });
  expect(house.store.recording("a.webm")).toEqual({ ...row, state: "complete", durationMs: 9 });
  house.fault.commit = new Error("disk full");
  await refusalOf(act(puppet, { do: "recorded", file: { ...file, path: "b.webm", state: "recording" } }));
  expect(house.store.recordings()).toHaveLength(1);
});
