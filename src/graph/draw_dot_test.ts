import { expect, test } from "vitest";
import { aConnection, aGraph, anElement } from "../../test/kit/graph.ts";
import { drawDot } from "./mod.ts";

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
