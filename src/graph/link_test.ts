import { describe, expect, test } from "vitest";
import { aConnection, aGraph, anElement } from "../../test/kit/graph.ts";
import { type Change, planAll } from "./mod.ts";

const padsOf = (type: string) => new Set(type === "Recorder" ? ["audio"] : ["audio", "video"]);
const elements = [anElement("a"), anElement("b"), anElement("c"), anElement("r", { type: "Recorder" })];
const empty = aGraph(elements);
const connect = (source: string, sink: string, media: "audio" | "video" | "data", id?: string): Change => ({
  kind: "connect",
  connection: aConnection(source, sink, media, id ? { id } : {}),
});
const plan = (changes: Change[], graph = empty) => planAll(graph, changes, padsOf);
const ids = (graph: typeof empty) => [...graph.connections.keys()];

describe("connect", () => {
  test("adds the connection and tells of it in Kurento's words", () => {
    const { graph, events, effects } = plan([connect("a", "b", "video")]);
    expect(ids(graph)).toEqual(["a>b:video"]);
    expect(effects).toEqual([]);
    expect(events).toEqual([{
      type: "ElementConnected",
      elementId: "a",
      data: {
        sink: "b",
        mediaType: "VIDEO",
        sourceMediaDescription: "default",
        sinkMediaDescription: "default",
      },
    }]);
  });

  test("a source feeds many sinks, and an element may feed itself", () => {
    const { graph } = plan([
      connect("a", "b", "video"),
      connect("a", "c", "video"),
      connect("a", "a", "video"),
    ]);
    expect(graph.connections.size).toBe(3);
  });

  test("a sink pad has one source: what fed it before is disconnected, other media stay", () => {
    const { graph, events } = plan([
      connect("a", "c", "video"),
      connect("a", "c", "audio"),
      connect("b", "c", "video"),
    ]);
    expect(ids(graph)).toEqual(["a>c:audio", "b>c:video"]);
    expect(events.slice(2).map((event) => [event.type, event.elementId])).toEqual([
      ["ElementDisconnected", "a"],
      ["ElementConnected", "b"],
    ]);
  });

  test("connecting again what is connected leaves one connection", () => {
    const { graph } = plan([connect("a", "b", "video", "first"), connect("a", "b", "video", "second")]);
    expect(ids(graph)).toEqual(["second"]);
  });

  test("an element that is not there cannot be connected, on either side", () => {
    for (const change of [connect("x", "b", "video"), connect("a", "x", "video")]) {
      expect(() => plan([change])).toThrow(expect.objectContaining({ code: "element_not_found" }));
    }
  });

  test("a pad that is not there is named together with those that are", () => {
    expect(() => plan([connect("a", "r", "video")])).toThrow(
      'Cannot connect "a" to "r": Recorder has no sink pad video "default", its pads are audio "default"',
    );
    expect(() => plan([connect("r", "a", "data")])).toThrow(/Recorder has no source pad data/);
    const connection = aConnection("a", "b", "video", { sinkDescription: "left" });
    expect(() => plan([{ kind: "connect", connection }])).toThrow(/no sink pad video "left"/);
  });
});

describe("disconnect", () => {
  const linked =
    plan([connect("a", "b", "audio"), connect("a", "b", "video"), connect("a", "c", "video")]).graph;

  test("of one kind ends that kind only", () => {
    const { graph, events } = plan([{ kind: "disconnect", source: "a", sink: "b", media: "audio" }], linked);
    expect(ids(graph)).toEqual(["a>b:video", "a>c:video"]);
    expect(events).toMatchObject([{
      type: "ElementDisconnected",
      elementId: "a",
      data: { mediaType: "AUDIO" },
    }]);
  });

  test("without a kind ends all between the two and none to others", () => {
    const { graph, events } = plan([{ kind: "disconnect", source: "a", sink: "b" }], linked);
    expect(ids(graph)).toEqual(["a>c:video"]);
    expect(events).toHaveLength(2);
  });

  test("of what is not connected changes nothing, not even the version", () => {
    for (const change of [{ source: "b", sink: "a" }, { source: "a", sink: "b", sinkDescription: "left" }]) {
      const { graph, events } = plan([{ kind: "disconnect", ...change }], linked);
      expect(graph).toBe(linked);
      expect(events).toEqual([]);
    }
  });

  test("of an element that is not there is an error", () => {
    expect(() => plan([{ kind: "disconnect", source: "a", sink: "x" }], linked)).toThrow(
      /Cannot find element "x"/,
    );
  });
});
