import { expect, test } from "vitest";
import { aConnection, aGraph, anElement } from "../../test/kit/graph.ts";
import { difference } from "./difference.ts";

const [a, b] = [anElement("a"), anElement("b")];
const link = aConnection("a", "b", "video");

test("a graph that was not changed differs in nothing", () => {
  const graph = aGraph([a, b], [link]);
  expect(difference(graph, graph)).toBeNull();
});

test("what is new or edited is put, what is gone is removed, the rest is left alone", () => {
  const before = aGraph([a, b], [link]);
  const edited = { ...a, name: "edited" };
  const added = anElement("c");
  const after = { ...before, elements: new Map([["a", edited], ["c", added]]), connections: new Map() };
  expect(difference(before, after)).toEqual({
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
  expect(difference(before, after)).toMatchObject({ putPipelines: [after.pipeline], putElements: [] });
});
