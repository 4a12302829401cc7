import { systemClock } from "../base/mod.ts";
import { describe, expect, test } from "vitest";
import { aConnection, aGraph, anElement } from "../../test/kit/graph.ts";
import { type Change, planAll } from "./mod.ts";

const padsOf = () => new Set(["audio", "video"]);
const code = (code: string) => expect.objectContaining({ code });
const two = aGraph(
  [anElement("a"), anElement("b")],
  [aConnection("a", "b", "audio"), aConnection("b", "a", "video"), aConnection("a", "a", "video")],
);

describe("elements", () => {
  test("adding one starts it, tells of it and counts the pipeline's version up", () => {
    const element = anElement("c");
    const plan = planAll(two, [{ kind: "addElement", element }], padsOf);
    expect([...plan.graph.elements.keys()]).toEqual(["a", "b", "c"]);
    expect(plan.effects).toEqual([{ kind: "start", element }]);
    expect(plan.events).toEqual([{ type: "ObjectCreated", elementId: "c", data: { object: "c" } }]);
    expect(plan.graph.pipeline.version).toBe(2);
  });

  test("removing one ends its connections in both directions first, a circle onto itself once", () => {
    const plan = planAll(two, [{ kind: "removeElement", elementId: "a" }], padsOf);
    expect([...plan.graph.elements.keys()]).toEqual(["b"]);
    expect(plan.graph.connections.size).toBe(0);
    expect(plan.effects).toEqual([{ kind: "stop", element: two.elements.get("a") }]);
    expect(plan.events.map((event) => event.type)).toEqual([
      "ElementDisconnected",
      "ElementDisconnected",
      "ElementDisconnected",
      "ObjectDestroyed",
    ]);
  });

  test("editing one changes what is named and keeps the rest, and its place", () => {
    const change: Change = { kind: "editElement", elementId: "a", properties: { rate: 1 } };
    const { graph, effects, events } = planAll(two, [change], padsOf);
    expect(graph.elements.get("a")).toEqual({
      ...two.elements.get("a"),
      properties: { rate: 1 },
      version: 2,
    });
    expect([...graph.elements.keys()]).toEqual(["a", "b"]);
    expect(effects).toEqual([]);
    expect(events).toEqual([
      { type: "ElementChanged", elementId: "a", data: { name: "a", properties: { rate: 1 }, tags: {} } },
    ]);
  });

  test("a name is had by one element of the pipeline at a time, but where names may be shared", () => {
    const named: Change = { kind: "editElement", elementId: "a", name: "b" };
    expect(() => planAll(two, [named], padsOf)).toThrow(code("element_name_taken"));
    const added: Change = { kind: "addElement", element: anElement("c", { name: "a" }) };
    expect(() => planAll(two, [added], padsOf)).toThrow(code("element_name_taken"));
    const shared = { ...two, pipeline: { ...two.pipeline, origin: "kurento" as const } };
    const names = [...planAll(shared, [named, added], padsOf).graph.elements.values()].map(({ name }) =>
      name
    );
    expect(names).toEqual(["b", "b", "a"]);
    const own: Change = { kind: "editElement", elementId: "a", name: "a" };
    expect(planAll(two, [own], padsOf).graph.elements.get("a")!.name).toBe("a");
  });

  test("what is not there cannot be removed or edited", () => {
    for (const kind of ["removeElement", "editElement"] as const) {
      expect(() => planAll(two, [{ kind, elementId: "x" }], padsOf)).toThrow(code("element_not_found"));
    }
  });
});

describe("hubs", () => {
  const hub = aGraph(
    [anElement("h"), anElement("p", { parentId: "h" }), anElement("q", { parentId: "h" }), anElement("a")],
    [aConnection("a", "p", "video"), aConnection("q", "a", "video")],
  );

  test("a hub takes its ports along, they and their connections end first", () => {
    const { graph, effects, events } = planAll(hub, [{ kind: "removeElement", elementId: "h" }], padsOf);
    expect([[...graph.elements.keys()], graph.connections.size]).toEqual([["a"], 0]);
    expect(effects.map(({ kind, element }) => [kind, element.id])).toEqual([
      ["stop", "p"],
      ["stop", "q"],
      ["stop", "h"],
    ]);
    expect(events.map(({ type, elementId }) => [type, elementId])).toEqual([
      ["ElementDisconnected", "a"],
      ["ObjectDestroyed", "p"],
      ["ElementDisconnected", "q"],
      ["ObjectDestroyed", "q"],
      ["ObjectDestroyed", "h"],
    ]);
  });

  test("a port needs its hub", () => {
    const element = anElement("r", { parentId: "x" });
    expect(() => planAll(hub, [{ kind: "addElement", element }], padsOf)).toThrow(code("element_not_found"));
  });

  test("what an element keeps is no event and no new version of anything", () => {
    const { graph, events, touched } = planAll(
      hub,
      [{ kind: "keep", elementId: "h", kept: { n: 1 } }],
      padsOf,
    );
    expect(graph.elements.get("h")).toEqual({ ...hub.elements.get("h"), kept: { n: 1 } });
    expect(graph.pipeline).toBe(hub.pipeline);
    expect([events, [...touched.elements]]).toEqual([[], ["h"]]);
  });
});

test("editing the pipeline changes what is named and keeps the rest", () => {
  const { graph, events } = planAll(two, [{ kind: "editPipeline", name: "demo" }], padsOf);
  expect(graph.pipeline).toEqual({ ...two.pipeline, name: "demo", version: 2 });
  expect(events).toEqual([
    { type: "PipelineChanged", elementId: null, data: { name: "demo", properties: {}, tags: {} } },
  ]);
});

describe("several changes", () => {
  const swap: Change[] = [
    { kind: "editElement", elementId: "a", name: "for a moment" },
    { kind: "editElement", elementId: "b", name: "a" },
    { kind: "editElement", elementId: "a", name: "b" },
  ];

  test("each sees what those before it did", () => {
    const { graph } = planAll(two, swap, padsOf);
    expect([...graph.elements.values()].map((each) => each.name)).toEqual(["b", "a"]);
    const changes: Change[] = [
      { kind: "addElement", element: anElement("c") },
      { kind: "connect", connection: aConnection("a", "c", "audio") },
    ];
    const plan = planAll(two, changes, padsOf);
    expect(plan.events.map((event) => event.type)).toEqual(["ObjectCreated", "ElementConnected"]);
  });

  test("one that cannot be fails them all and leaves the graph as it was", () => {
    const before = JSON.stringify([...two.elements, ...two.connections]);
    const changes: Change[] = [...swap, { kind: "removeElement", elementId: "x" }];
    expect(() => planAll(two, changes, padsOf)).toThrow(code("element_not_found"));
    expect(JSON.stringify([...two.elements, ...two.connections])).toBe(before);
  });

  test("no change is no new version", () => {
    expect(planAll(two, [], padsOf)).toMatchObject({ graph: two, effects: [], events: [] });
  });
});

test("a thousand elements and connections are planned in steps, not in squares", () => {
  const many = 4000;
  const elements = Array.from({ length: many }, (_, i) => anElement(`e${i}`));
  const changes: Change[] = elements.map((element) => ({ kind: "addElement", element }));
  for (let i = 1; i < many; i++) {
    changes.push({ kind: "connect", connection: aConnection("e0", `e${i}`, "video") });
  }
  const startedMs = systemClock.now();
  const plan = planAll(aGraph([]), changes, padsOf);
  expect(plan.graph.elements.size).toBe(many);
  expect(plan.graph.connections.size).toBe(many - 1);
  // Squares took more than ten seconds.
  expect(systemClock.now() - startedMs).toBeLessThan(1000);
});
