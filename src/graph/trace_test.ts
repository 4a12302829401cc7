import { expect, test } from "vitest";
import { aConnection, aGraph, anElement } from "../../test/kit/graph.ts";
import { feederOf, type PadRole } from "./mod.ts";

const roleOf = (type: string): PadRole => type === "PassThrough" ? "through" : "endpoint";
const endpoint = (id: string) => anElement(id, { type: "WebRtcEndpoint" });

test("an element that is connected to an endpoint is fed by it", () => {
  const graph = aGraph([endpoint("a"), endpoint("b")], [aConnection("a", "b", "video")]);
  expect(feederOf(graph, "b", "video", roleOf)).toBe("a");
  expect(feederOf(graph, "b", "audio", roleOf)).toBeNull();
  expect(feederOf(graph, "a", "video", roleOf)).toBeNull();
});

test("media pass through any number of elements, each kind on its own way", () => {
  const graph = aGraph(
    [endpoint("a"), endpoint("b"), anElement("t1"), anElement("t2"), endpoint("c")],
    [
      aConnection("a", "t1", "video"),
      aConnection("t1", "t2", "video"),
      aConnection("t2", "c", "video"),
      aConnection("b", "c", "audio"),
    ],
  );
  expect(feederOf(graph, "c", "video", roleOf)).toBe("a");
  expect(feederOf(graph, "c", "audio", roleOf)).toBe("b");
  expect(feederOf(graph, "t2", "video", roleOf)).toBe("a");
});

test("an endpoint stops the search: it is not fed through", () => {
  const graph = aGraph(
    [endpoint("a"), endpoint("b"), endpoint("c")],
    [aConnection("a", "b", "video"), aConnection("b", "c", "video")],
  );
  expect(feederOf(graph, "c", "video", roleOf)).toBe("b");
});

test("an endpoint connected to itself feeds itself", () => {
  const graph = aGraph([endpoint("a")], [aConnection("a", "a", "audio")]);
  expect(feederOf(graph, "a", "audio", roleOf)).toBe("a");
});

test("a chain that starts nowhere and a circle of pass-through elements feed nothing", () => {
  const graph = aGraph(
    [anElement("t1"), anElement("t2"), anElement("t3"), endpoint("c")],
    [
      aConnection("t1", "t2", "video"),
      aConnection("t2", "t1", "video"),
      aConnection("t2", "c", "video"),
      aConnection("t3", "c", "audio"),
    ],
  );
  expect(feederOf(graph, "c", "video", roleOf)).toBeNull();
  expect(feederOf(graph, "t1", "video", roleOf)).toBeNull();
  expect(feederOf(graph, "c", "audio", roleOf)).toBeNull();
});
