import { expect, test } from "vitest";
import { aConnection, aGraph, anElement } from "../../test/kit/graph.ts";
import { aroundElement, drawDot } from "./mod.ts";

test("a node per element with type, name and id, an edge per connection with its media", () => {
  const graph = aGraph(
    [anElement("a", { type: "WebRtcEndpoint", name: "publisher" }), anElement("b")],
    [aConnection("a", "b", "audio"), aConnection("a", "b", "video", { sinkDescription: "left" })],
  );
  expect(drawDot(graph).split("\n")).toEqual([
    "digraph pipeline {",
    '  label="p";',
    "  rankdir=LR;",
    "  node [shape=box, style=rounded];",
    '  "a" [label="WebRtcEndpoint\\npublisher\\na"];',
    '  "b" [label="PassThrough\\nb"];',
    '  "a" -> "b" [label="audio"];',
    '  "a" -> "b" [label="video default → left"];',
    "}",
    "",
  ]);
});

test("quotes, backslashes, entities and line breaks in names stay inside their string", () => {
  const graph = aGraph([anElement("a", { name: 'x"]; evil [label="\\n\\' + "\n&lt;" })]);
  expect(drawDot(graph)).toContain(
    '"a" [label="PassThrough\\nx\\"]; evil [label=\\"\\\\n\\\\ &amp;lt;\\na"];',
  );
});

/** A camera that feeds one port of a hub, whose other port feeds a viewer; and a stranger. */
const studio = () =>
  aGraph(
    [
      anElement("camera"),
      anElement("hub", { type: "Dispatcher" }),
      anElement("in", { type: "HubPort", parentId: "hub" }),
      anElement("out", { type: "HubPort", parentId: "hub" }),
      anElement("viewer"),
      anElement("stranger"),
    ],
    [aConnection("camera", "in", "video"), aConnection("out", "viewer", "video")],
  );

test("a hub and its ports stand in one frame", () => {
  expect(drawDot(studio()).split("\n").slice(4, 10)).toEqual([
    '  "camera" [label="PassThrough\\ncamera"];',
    '  subgraph "cluster hub" {',
    '    "hub" [label="Dispatcher\\nhub"];',
    '    "in" [label="HubPort\\nin"];',
    '    "out" [label="HubPort\\nout"];',
    "  }",
  ]);
});

test("notes stand below the captions of elements and connections", () => {
  const drawn = drawDot(studio(), {
    ofElement: ({ id }) => id === "camera" ? ["state: live"] : [],
    ofConnection: ({ sink }) => sink === "in" ? ["VP8"] : [],
  });
  expect(drawn).toContain('"camera" [label="PassThrough\\ncamera\\nstate: live"];');
  expect(drawn).toContain('"camera" -> "in" [label="video\\nVP8"];');
  expect(drawn).toContain('"out" -> "viewer" [label="video"];');
});

test("the surroundings of an element are what it is connected to, of a port also its hub, of a hub its ports", () => {
  const around = (id: string) => [...aroundElement(studio(), id).elements.keys()];
  expect(around("camera")).toEqual(["camera", "hub", "in"]);
  expect(around("in")).toEqual(["camera", "hub", "in"]);
  expect(around("hub")).toEqual(["camera", "hub", "in", "out", "viewer"]);
  expect(around("stranger")).toEqual(["stranger"]);
  expect([...aroundElement(studio(), "in").connections.values()].map(({ source }) => source)).toEqual([
    "camera",
  ]);
});
