import { expect, test } from "vitest";
import { aConnection, aGraph, anElement } from "../../test/kit/graph.ts";
import { AllTouched, difference } from "./difference.ts";

const touched = { elements: new Set(["a", "b", "c"]), connections: new Map() };
const [a, b] = [anElement("a"), anElement("b")];
const link = aConnection("a", "b", "video");

test("a graph that was not changed differs in nothing", () => {
  const graph = aGraph([a, b], [link]);
  expect(difference(graph, graph, touched)).toBeNull();
});

test("what is new or edited is put, what is gone is removed, the rest is left alone", () => {
  const before = aGraph([a, b], [link]);
  const edited = { ...a, name: "edited" };
  const added = anElement("c");
  const after = { ...before, elements: new Map([["a", edited], ["c", added]]), connections: new Map() };
  const links = { elements: touched.elements, connections: new Map([[link.id, link]]) };
  expect(difference(before, after, links)).toEqual({
    putPipelines: [],
    putElements: [edited, added],
    removeElements: ["b"],
    putConnections: [],
    removeConnections: [link.id],
  });
});

test("a new pipeline row is put", () => {
  const before = aGraph([a]);
  const after = { ...before, pipeline: { ...before.pipeline, version: 2 } };
  expect(difference(before, after, touched)).toMatchObject({
    putPipelines: [after.pipeline],
    putElements: [],
  });
});

test("what was touched and is as it was, or never was written, is no row", () => {
  const before = aGraph([a]);
  const after = { ...before, pipeline: { ...before.pipeline, version: 2 } };
  const rows = difference(before, after, { elements: new Set(["a", "x"]), connections: new Map() });
  expect(rows).toMatchObject({ putElements: [], removeElements: [] });
});

test("what several plans touched is put together", () => {
  const all = new AllTouched();
  all.add({ elements: new Set(["a"]), connections: new Map() });
  all.add({ elements: new Set(["a", "b"]), connections: new Map([[link.id, link]]) });
  expect([[...all.elements], [...all.connections.keys()]]).toEqual([["a", "b"], [link.id]]);
});
