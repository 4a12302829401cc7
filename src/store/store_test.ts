import { describe, expect, test } from "vitest";
import { aConnection, anElement, anEvent, aPipeline, aSession } from "../../test/kit/graph.ts";
import { openStore } from "./mod.ts";

const everything = {
  putPipelines: [
    aPipeline("p", { name: "demo", origin: "stream", tags: { room: "ü\"'" }, createdAtMs: 1.25 }),
  ],
  putElements: [
    anElement("a", { options: { nested: { deep: [1, null, "x"] } }, properties: { min: 0 }, sessionId: "s" }),
    anElement("b", { type: "Dispatcher", kept: { source: "port" } }),
    anElement("port", { type: "HubPort", parentId: "b" }),
  ],
  putConnections: [aConnection("a", "b", "audio"), aConnection("a", "b", "video")],
  putSessions: [aSession("s", "a", { kind: "whip", stream: "demo", remoteAddress: "::1", userAgent: "OBS" })],
};

describe("commit and load", () => {
  test("every resource comes back as it was written", () => {
    const store = openStore(":memory:");
    store.commit(everything);
    expect(store.load()).toEqual({
      pipelines: everything.putPipelines,
      elements: everything.putElements,
      connections: everything.putConnections,
      sessions: everything.putSessions,
    });
    store.close();
  });

  test("a second put changes the row and keeps its place in the order", () => {
    const store = openStore(":memory:");
    store.commit(everything);
    store.commit({ putElements: [anElement("a", { name: "first", version: 2 })] });
    expect(store.load().elements.map(({ id, name, version }) => [id, name, version])).toEqual([
      ["a", "first", 2],
      ["b", "b", 1],
      ["port", "port", 1],
    ]);
    expect(store.load().connections).toHaveLength(2);
    store.close();
  });

  test("removing an element takes its connections and sessions along, removing a pipeline takes all", () => {
    const store = openStore(":memory:");
    store.commit(everything);
    store.commit({ removeElements: ["a", "never there"] });
    expect(store.load()).toMatchObject({
      connections: [],
      sessions: [],
      elements: [{ id: "b" }, { id: "port" }],
    });
    store.commit({ removePipelines: ["p"] });
    expect(store.load()).toEqual({ pipelines: [], elements: [], connections: [], sessions: [] });
    store.close();
  });

  test("removing a hub takes its ports along", () => {
    const store = openStore(":memory:");
    store.commit(everything);
    store.commit({ removeElements: ["b"] });
    expect(store.load()).toMatchObject({ elements: [{ id: "a" }], connections: [] });
    store.close();
  });

  test("a name that a removed pipeline had is free within the same commit", () => {
    const store = openStore(":memory:");
    store.commit(everything);
    store.commit({ removePipelines: ["p"], putPipelines: [aPipeline("q", { name: "demo" })] });
    expect(store.load().pipelines.map((each) => each.id)).toEqual(["q"]);
    store.close();
  });

  test("pipelines of Kurento's protocol share names with each other and with one other pipeline", () => {
    const store = openStore(":memory:");
    const named = (id: string, origin: "client" | "kurento") => aPipeline(id, { name: "demo", origin });
    store.commit({ putPipelines: [named("a", "kurento"), named("b", "client"), named("c", "kurento")] });
    store.commit({ putPipelines: [named("a", "kurento")] });
    expect(() => store.commit({ putPipelines: [named("d", "client")] })).toThrow();
    expect(store.load().pipelines.map(({ id, name }) => [id, name])).toEqual([
      ["a", "demo"],
      ["b", "demo"],
      ["c", "demo"],
    ]);
    store.close();
  });

  test("a commit with one row that cannot be leaves neither rows nor events", () => {
    const store = openStore(":memory:");
    store.commit({ events: [anEvent("First")] });
    const orphan = anElement("x", { pipelineId: "nowhere" });
    expect(() => store.commit({ ...everything, putElements: [orphan], events: [anEvent("Lost")] })).toThrow();
    expect(store.load().pipelines).toEqual([]);
    expect(store.events.newest()).toBe(1);
    expect(store.commit({ events: [anEvent("Second")] })[0].seq).toBe(2);
    expect(store.events.readSince(0, 10).map((event) => event.type)).toEqual(["First", "Second"]);
    store.close();
  });
});
