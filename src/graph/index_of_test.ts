import { describe, expect, test } from "vitest";
import { aConnection, aGraph, anElement } from "../../test/kit/graph.ts";
import { elementNamed, indexOf, linksInto, linksOutOf, portsOf } from "./index_of.ts";
import type { Connection, Graph, MediaKind } from "./model.ts";
import { type Change, planAll } from "./plan.ts";

const padsOf = () => new Set(["audio", "video", "data"]);
const plan = (graph: Graph, ...changes: Change[]) => planAll(graph, changes, padsOf).graph;
const ids = (links: Iterable<Connection>) => [...links].map((link) => link.id);

test("elements are found by the name they have now, or by their id when they have none", () => {
  const graph = aGraph([anElement("a", { name: "camera" }), anElement("b")]);
  expect([elementNamed(graph, "camera")?.id, elementNamed(graph, "b")?.id]).toEqual(["a", "b"]);
  expect([elementNamed(graph, "a"), elementNamed(graph, "c")]).toEqual([undefined, undefined]);
  const renamed = plan(graph, { kind: "editElement", elementId: "a", name: "left" });
  expect([elementNamed(renamed, "left")?.id, elementNamed(renamed, "camera")]).toEqual(["a", undefined]);
  expect(elementNamed(graph, "camera")?.id).toBe("a");
});

test("of elements that share a name the oldest is found, and the next when that one is gone or renamed", () => {
  const pipeline = { ...aGraph([]).pipeline, origin: "kurento" as const };
  const bare = { ...aGraph([anElement("a"), anElement("b"), anElement("c"), anElement("d")]), pipeline };
  const name = (elementId: string, to: string): Change => ({ kind: "editElement", elementId, name: to });
  const shared = plan(bare, name("c", "x"), name("b", "x"), name("a", "x"), name("d", "c"));
  expect([elementNamed(shared, "x")?.id, elementNamed(shared, "c")?.id]).toEqual(["a", "d"]);
  const left = plan(shared, { kind: "removeElement", elementId: "a" }, name("b", "y"));
  expect([elementNamed(left, "x")?.id, elementNamed(left, "y")?.id]).toEqual(["c", "b"]);
  expect(elementNamed(plan(left, name("c", "c")), "x")).toBeUndefined();
  expect(elementNamed(plan(left, name("c", "c")), "c")?.id).toBe("c");
  expect(elementNamed(shared, "x")?.id).toBe("a");
});

test("connections are found from both ends", () => {
  const graph = aGraph([anElement("a"), anElement("b")], [
    aConnection("a", "b", "audio"),
    aConnection("a", "b", "video"),
    aConnection("a", "a", "video"),
  ]);
  expect(ids(linksInto(graph, "b"))).toEqual(["a>b:audio", "a>b:video"]);
  expect(ids(linksOutOf(graph, "a", "video"))).toEqual(["a>b:video", "a>a:video"]);
  expect(ids(linksOutOf(graph, "b", "video"))).toEqual([]);
});

test("a hub's ports are known while they are there", () => {
  const graph = aGraph([anElement("hub"), anElement("p", { parentId: "hub" })]);
  const element = anElement("q", { parentId: "hub" });
  const more = plan(graph, { kind: "addElement", element });
  expect([[...portsOf(graph, "hub")], [...portsOf(more, "hub")]]).toEqual([["p"], ["p", "q"]]);
  expect([...portsOf(plan(more, { kind: "removeElement", elementId: "p" }), "hub")]).toEqual(["q"]);
  expect([...portsOf(graph, "p")]).toEqual([]);
});

/** Content of an index in a form that can be compared. */
function contents(graph: Graph) {
  const { idsByName, into, outOf, ports } = indexOf(graph);
  const sorted = (entries: Iterable<[string, unknown]>) => [...entries].sort();
  return {
    idsByName: sorted([...idsByName].map(([key, members]) => [key, [...members.keys()].sort()])),
    into: sorted([...into].map(([key, links]) => [key, ids(links).sort()])),
    outOf: sorted([...outOf].map(([key, links]) => [key, [...links.keys()].sort()])),
    ports: sorted([...ports].map(([key, members]) => [key, [...members.keys()].sort()])),
  };
}

function differing(before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>): string[] {
  return [...before.keys(), ...after.keys()].filter((id) => before.get(id) !== after.get(id));
}

describe("derived from graph to graph through any changes", () => {
  const kinds: MediaKind[] = ["audio", "video", "data"];

  function randomChange(
    graph: Graph,
    random: () => number,
    nameAt: (step: number) => string,
    step: number,
  ): Change {
    const elements = [...graph.elements.values()];
    const pick = () => elements[random() % elements.length].id;
    switch (elements.length < 3 ? 0 : random() % 7) {
      case 0:
      case 1: {
        const hub = elements[random() % (elements.length || 1)];
        const parentId = hub && hub.parentId === null && random() % 3 === 0 ? hub.id : null;
        const name = random() % 2 === 0 ? nameAt(step) : `e${step}`;
        return { kind: "addElement", element: anElement(`e${step}`, { name, parentId }) };
      }
      case 2:
        return { kind: "removeElement", elementId: pick() };
      case 3:
        return { kind: "editElement", elementId: pick(), name: nameAt(step) };
      case 4:
        return { kind: "disconnect", source: pick(), sink: pick() };
      default: {
        const connection = aConnection(pick(), pick(), kinds[random() % 3], { id: `c${step}` });
        return { kind: "connect", connection };
      }
    }
  }

  test.each(
    [
      [7, "client"],
      [8, "client"],
      [9, "kurento"],
      [10, "kurento"],
    ] as const,
  )("an index is what one made anew would be (seed %i, origin %s)", (seed, origin) => {
    let state = seed;
    const random = () => state = (state * 48271) % 0x7fffffff;
    let graph: Graph = { ...aGraph([]), pipeline: { ...aGraph([]).pipeline, origin } };
    const nameAt = (step: number) => `name${origin === "kurento" ? step % 7 : step}`;
    for (let step = 0; step < 600; step++) {
      const before = graph;
      const { graph: after, touched } = planAll(graph, [randomChange(graph, random, nameAt, step)], padsOf);
      graph = after;
      expect(differing(before.elements, after.elements).filter((id) => !touched.elements.has(id))).toEqual(
        [],
      );
      const links = differing(before.connections, after.connections);
      expect(links.filter((id) => !touched.connections.has(id))).toEqual([]);
      if (step % 20 === 0) {
        const anew = { ...graph, elements: new Map(graph.elements), connections: new Map(graph.connections) };
        expect(contents(graph)).toEqual(contents(anew));
      }
    }
  });
});
