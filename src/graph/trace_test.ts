import { describe, expect, test } from "vitest";
import { aConnection, aGraph, anElement } from "../../test/kit/graph.ts";
import { downstream, feederOf, originOf, wayInto, type Ways } from "./mod.ts";

const ways: Ways = {
  roleOf: (type) => type === "PassThrough" ? "through" : "endpoint",
  route: () => null,
};
const endpoint = (id: string) => anElement(id, { type: "WebRtcEndpoint" });

test("an element that is connected to an endpoint is fed by it", () => {
  const graph = aGraph([endpoint("a"), endpoint("b")], [aConnection("a", "b", "video")]);
  expect(feederOf(graph, "b", "video", ways)).toBe("a");
  expect(feederOf(graph, "b", "audio", ways)).toBeNull();
  expect(feederOf(graph, "a", "video", ways)).toBeNull();
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
  expect(feederOf(graph, "c", "video", ways)).toBe("a");
  expect(feederOf(graph, "c", "audio", ways)).toBe("b");
  expect(feederOf(graph, "t2", "video", ways)).toBe("a");
  const passed = (id: string, media: "audio" | "video") => [...wayInto(graph, id, media, ways)!.passed];
  expect(passed("c", "video")).toEqual(["t2", "t1"]);
  expect(passed("c", "audio")).toEqual([]);
});

test("an endpoint stops the search: it is not fed through", () => {
  const graph = aGraph(
    [endpoint("a"), endpoint("b"), endpoint("c")],
    [aConnection("a", "b", "video"), aConnection("b", "c", "video")],
  );
  expect(feederOf(graph, "c", "video", ways)).toBe("b");
});

test("an endpoint connected to itself feeds itself", () => {
  const graph = aGraph([endpoint("a")], [aConnection("a", "a", "audio")]);
  expect(feederOf(graph, "a", "audio", ways)).toBe("a");
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
  expect(feederOf(graph, "c", "video", ways)).toBeNull();
  expect(feederOf(graph, "t1", "video", ways)).toBeNull();
  expect(feederOf(graph, "c", "audio", ways)).toBeNull();
});

describe("through hubs", () => {
  const port = (id: string, parentId: string) => anElement(id, { type: "HubPort", parentId });
  const hub = (id: string) => anElement(id, { type: "Hub" });

  /** Ways where each port gets what its entry says. */
  function routed(routes: Record<string, string>): Ways {
    return {
      roleOf: (type) => type === "HubPort" ? "port" : ways.roleOf(type, "video"),
      route: (_hubId, portId, media) => media === "video" ? routes[portId] ?? null : null,
    };
  }

  const graph = aGraph(
    [endpoint("a"), endpoint("b"), endpoint("v"), hub("h"), port("p", "h"), port("q", "h"), port("r", "h")],
    [
      aConnection("a", "p", "video"),
      aConnection("a", "p", "audio"),
      aConnection("b", "q", "video"),
      aConnection("r", "v", "video"),
      aConnection("r", "v", "audio"),
    ],
  );

  test("a port gives what enters the port that the hub names, each kind on its own way", () => {
    expect(feederOf(graph, "v", "video", routed({ r: "p" }))).toBe("a");
    expect(feederOf(graph, "v", "video", routed({ r: "q" }))).toBe("b");
    expect(feederOf(graph, "v", "audio", routed({ r: "p" }))).toBeNull();
    expect(feederOf(graph, "v", "video", routed({}))).toBeNull();
    expect(feederOf(graph, "p", "video", routed({}))).toBe("a");
    expect(originOf(graph, "r", "video", routed({ r: "q" }))).toBe("b");
    expect(originOf(graph, "a", "video", routed({}))).toBe("a");
    expect([...wayInto(graph, "v", "video", routed({ r: "p" }))!.passed]).toEqual(["r"]);
  });

  test("a port may get what enters itself", () => {
    expect(originOf(graph, "p", "video", routed({ p: "p" }))).toBe("a");
  });

  test("a hub that names what is no port of its own feeds nothing", () => {
    for (const named of ["a", "h", "x"]) {
      expect(feederOf(graph, "v", "video", routed({ r: named }))).toBeNull();
    }
  });

  test("ports that feed each other in a circle feed nothing", () => {
    const circle = aGraph(
      [hub("h"), port("p", "h"), port("q", "h"), endpoint("v")],
      [
        aConnection("p", "q", "video"),
        aConnection("q", "p", "video"),
        aConnection("p", "p", "video"),
        aConnection("p", "v", "video"),
      ],
    );
    expect(feederOf(circle, "v", "video", routed({ p: "q", q: "p" }))).toBeNull();
    const reach = downstream(circle, { sinks: ["p"], sources: [] }, "video", routed({ p: "q", q: "p" }));
    expect([...reach.sinks]).toEqual(["p"]);
  });

  test("what is fed by a source pad is found behind pass-through elements and hubs, each once", () => {
    const reach = downstream(graph, { sinks: [], sources: ["a"] }, "video", routed({ r: "p", p: "p" }));
    expect([...reach.sinks]).toEqual(["p", "v"]);
    expect([...reach.sources]).toEqual(["a", "p", "r"]);
  });
});
