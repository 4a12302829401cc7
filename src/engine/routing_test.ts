import { describe, expect, test } from "vitest";
import { aConnection, aGraph, anElement } from "../../test/kit/graph.ts";
import {
  type Change,
  feederOf,
  type Graph,
  type PadRole,
  planAll,
  Registry,
  type Ways,
} from "../graph/mod.ts";
import { type DataMessage, defineElement } from "../module/mod.ts";
import type { LiveElement } from "./live_element.ts";
import { type Feeding, Routing } from "./routing.ts";

const typeWith = (type: string, role?: PadRole) =>
  defineElement({
    type,
    module: "test",
    extends: null,
    summary: type,
    pads: role ? { audio: role, video: role, data: role } : {},
    create: () => ({}),
  });
const types = [
  typeWith("Endpoint", "endpoint"),
  typeWith("Through", "through"),
  typeWith("Port", "port"),
  typeWith("Hub"),
];

/** A live element as far as routing knows one: what it was bound to, and what came to it. */
class Stub {
  readonly bound: Record<string, number | null> = { audio: null, video: null };
  readonly messages: DataMessage[] = [];
  /** Of an endpoint: whether its source pads give something. */
  gives = true;
  binds = 0;
  readonly instance: object;
  constructor(readonly rig: Rig, readonly id: string, readonly number: number, readonly type: string) {
    this.instance = {
      onData: (message: DataMessage) => this.messages.push(message),
      ...(type === "Hub" && { route: (portId: string) => rig.routes.get(portId) ?? null }),
    };
  }
  get definition() {
    return types.find(({ type }) => type === this.type)!;
  }
  get elementId() {
    return this.id;
  }
  /** Of an element between endpoints: the codec that it was told to give. */
  wanted: string | null = null;
  pad = () => ({ source: this.number, elementId: undefined });
  passingPad = () => ({ elementId: this.id, wantedCodec: this.wanted });
  bindSenders(media: string, sourceFor: (() => number) | null): void {
    this.binds++;
    this.bound[media] = sourceFor && sourceFor();
  }
  originating = () => this.gives ? { codec: "VP8", format: "VP8" } : null;
  feeding(media: "video") {
    return this.rig.routing.feeder(this.id, media)?.originating(media) ?? null;
  }
  sending(media: "video") {
    return this.rig.routing.origin(this.id, media)?.originating(media) ?? null;
  }
}

/** Packets go from pad to pad as they are. */
const untouched: Feeding = {
  bind: (sink, media, feed) => sink.bindSenders(media, feed && (() => feed.pad.source)),
  changes: () => [],
  forget: () => {},
};

/** A graph with stubs for its elements, changed as a turn changes it. */
class Rig {
  graph: Graph = aGraph([]);
  readonly stubs = new Map<string, Stub>();
  readonly routes = new Map<string, string>();
  readonly routing: Routing;
  /** The element between endpoints whose format counts for each sink. */
  readonly givers = new Map<string, string | undefined>();
  #numbers = 0;

  constructor() {
    const registry = new Registry();
    for (const type of types) registry.register(type, "the test");
    const live = (id: string) => this.stubs.get(id) as unknown as LiveElement | undefined;
    const graph = () => this.graph;
    this.routing = new Routing(
      {
        live,
        get graph() {
          return graph();
        },
      },
      registry,
      {
        ...untouched,
        bind: (sink, media, feed) => {
          this.givers.set(sink.elementId, feed?.giver.elementId);
          untouched.bind(sink, media, feed);
        },
      },
    );
  }

  change(...changes: Change[]): void {
    const plan = planAll(this.graph, changes, () => new Set(["audio", "video", "data"]));
    this.graph = plan.graph;
    for (const { kind, element } of plan.effects) {
      if (kind === "start") {
        this.stubs.set(element.id, new Stub(this, element.id, ++this.#numbers, element.type));
      }
    }
    this.routing.touch(plan.touched);
    for (const { kind, element } of plan.effects) {
      if (kind === "stop" && element.parentId !== null) this.#dropPort(element.parentId, element.id);
    }
  }

  /** What a hub does when a port leaves. */
  #dropPort(hubId: string, portId: string): void {
    for (const [to, from] of this.routes) if (to === portId || from === portId) this.routes.delete(to);
    this.routing.reroute(hubId);
  }

  add(type: string, id: string, parentId: string | null = null): void {
    this.change({ kind: "addElement", element: anElement(id, { type, parentId }) });
  }

  connect(source: string, sink: string, media: "audio" | "video" | "data" = "video"): void {
    this.change({ kind: "connect", connection: aConnection(source, sink, media) });
  }

  /** Flow events of a settled turn, "<id> In on" in short. */
  settle(): string[] {
    return this.routing.settle().map(({ elementId, action }) => {
      if (action.do !== "emit") throw new Error("Cannot read a flow change: it is no event");
      const direction = action.event.includes("FlowIn") ? "In" : "Out";
      return `${elementId} ${action.data.mediaType} ${direction} ${
        action.data.state === "FLOWING" ? "on" : "off"
      }`;
    });
  }

  readonly ways: Ways = {
    roleOf: (type, media) => types.find((each) => each.type === type)?.pads[media],
    route: (_hub, portId) => this.routes.get(portId) ?? null,
  };
}

/** Publisher a → port p of hub h; port r of h → viewer v; publisher b → port q. */
function aHub(): Rig {
  const rig = new Rig();
  for (const id of ["a", "b", "v"]) rig.add("Endpoint", id);
  rig.add("Hub", "h");
  for (const id of ["p", "q", "r"]) rig.add("Port", id, "h");
  rig.connect("a", "p");
  rig.connect("b", "q");
  rig.connect("r", "v");
  return rig;
}

describe("hubs", () => {
  test("what a hub routes elsewhere is bound elsewhere, and its ports tell what flows", () => {
    const rig = aHub();
    expect(rig.settle()).toEqual(["p VIDEO In on", "q VIDEO In on"]);
    rig.routes.set("r", "p");
    rig.routing.reroute("h");
    expect(rig.settle()).toEqual(["r VIDEO Out on"]);
    expect(rig.stubs.get("v")!.bound.video).toBe(rig.stubs.get("a")!.number);
    rig.routes.set("r", "q");
    rig.routing.reroute("h");
    expect(rig.settle()).toEqual([]);
    expect(rig.stubs.get("v")!.bound.video).toBe(rig.stubs.get("b")!.number);
  });

  test("a port that loses its media tells so, with all that it fed", () => {
    const rig = aHub();
    rig.routes.set("r", "p");
    rig.settle();
    rig.change({ kind: "disconnect", source: "a", sink: "p" });
    expect(rig.settle()).toEqual(["p VIDEO In off", "r VIDEO Out off"]);
    expect(rig.stubs.get("v")!.bound.video).toBeNull();
  });

  test("a publisher that begins or ceases to give is heard behind the hub", () => {
    const rig = aHub();
    rig.routes.set("r", "p");
    rig.settle();
    rig.stubs.get("a")!.gives = false;
    rig.routing.touchSource("a", "video");
    expect(rig.settle()).toEqual(["p VIDEO In off", "r VIDEO Out off"]);
  });

  test("a hub whose routes cannot be asked feeds nothing and harms nobody", () => {
    const rig = aHub();
    Object.assign(rig.stubs.get("h")!.instance, {
      route: () => {
        throw new Error("a bug of the hub");
      },
    });
    rig.routing.reroute("h");
    expect(rig.settle()).toEqual(["p VIDEO In on", "q VIDEO In on"]);
    expect(rig.stubs.get("v")!.bound.video).toBeNull();
  });
});

describe("formats that are asked for on the way", () => {
  test("the nearest to the sink counts, and an element's own does for what leaves it only", () => {
    const rig = new Rig();
    for (const id of ["a", "v", "w"]) rig.add("Endpoint", id);
    for (const id of ["t", "u"]) rig.add("Through", id);
    for (const [source, sink] of [["a", "t"], ["t", "u"], ["u", "v"], ["t", "w"]]) rig.connect(source, sink);
    const giversOf = (wanted: Record<string, string | null>) => {
      for (const [id, codec] of Object.entries(wanted)) {
        rig.stubs.get(id)!.wanted = codec;
        rig.routing.touchSource(id, "video");
      }
      rig.settle();
      return [rig.givers.get("v"), rig.givers.get("w")];
    };
    expect(giversOf({})).toEqual([undefined, undefined]);
    expect(giversOf({ t: "VP8" })).toEqual(["t", "t"]);
    expect(giversOf({ u: "H264" })).toEqual(["u", "t"]);
    expect(giversOf({ t: null })).toEqual(["u", undefined]);
    expect(giversOf({ u: null })).toEqual([undefined, undefined]);
  });

  test("of a hub's ports it is that of the port which the media leaves by", () => {
    const rig = aHub();
    rig.routes.set("r", "p");
    for (const port of ["p", "r"]) rig.stubs.get(port)!.wanted = "VP8";
    rig.settle();
    expect(rig.givers.get("v")).toBe("r");
  });
});

test("an element that is gone is forgotten: one of the same id would tell anew", () => {
  const rig = new Rig();
  rig.add("Endpoint", "a");
  rig.add("Through", "t");
  rig.connect("a", "t");
  expect(rig.settle()).toEqual(["t VIDEO In on", "t VIDEO Out on"]);
  rig.routing.forget("t");
  rig.routing.touchSink("t");
  expect(rig.settle()).toEqual(["t VIDEO In on", "t VIDEO Out on"]);
});

test("a viewer who joins or leaves costs no other viewer anything", () => {
  const rig = new Rig();
  rig.add("Endpoint", "a");
  for (let i = 0; i < 50; i++) {
    rig.add("Endpoint", `v${i}`);
    rig.connect("a", `v${i}`);
  }
  rig.settle();
  for (const stub of rig.stubs.values()) stub.binds = 0;
  rig.add("Endpoint", "new");
  rig.connect("a", "new");
  rig.change({ kind: "removeElement", elementId: "v7" });
  rig.settle();
  const bound = [...rig.stubs.values()].filter((stub) => stub.binds > 0).map((stub) => stub.id);
  expect(bound.filter((id) => rig.graph.elements.has(id))).toEqual(["new"]);
});

describe("data messages", () => {
  const message: DataMessage = { payload: "hello", label: "chat" };
  const heardBy = (rig: Rig) =>
    [...rig.stubs.values()].flatMap((stub) => stub.messages.map(() => stub.id)).sort();

  test("reach every sink once, through elements that pass them on and hubs that route them", () => {
    const rig = aHub();
    rig.add("Through", "t");
    rig.connect("a", "t", "data");
    rig.connect("t", "v", "data");
    rig.connect("a", "p", "data");
    rig.routes.set("q", "p");
    rig.connect("q", "b", "data");
    rig.routing.sendData("a", message);
    expect(heardBy(rig)).toEqual(["b", "p", "t", "v"]);
    expect(rig.stubs.get("v")!.messages).toEqual([message]);
  });

  test("come back to an endpoint that is connected to itself, and stop at endpoints", () => {
    const rig = new Rig();
    for (const id of ["a", "b", "c"]) rig.add("Endpoint", id);
    rig.connect("a", "a", "data");
    rig.connect("a", "b", "data");
    rig.connect("b", "c", "data");
    rig.routing.sendData("a", message);
    expect(heardBy(rig)).toEqual(["a", "b"]);
  });

  test("in a circle go round once", () => {
    const rig = new Rig();
    rig.add("Endpoint", "a");
    for (const id of ["t", "u"]) rig.add("Through", id);
    for (const [source, sink] of [["a", "t"], ["u", "u"]]) rig.connect(source, sink, "data");
    rig.routing.sendData("a", message);
    rig.routing.sendData("u", message);
    expect(heardBy(rig)).toEqual(["t", "u"]);
  });

  test("reach the others when one element fails over them", () => {
    const rig = new Rig();
    for (const id of ["a", "b", "c"]) rig.add("Endpoint", id);
    Object.assign(rig.stubs.get("b")!.instance, {
      onData: () => {
        throw new Error("a bug of the element");
      },
    });
    rig.connect("a", "b", "data");
    rig.connect("a", "c", "data");
    rig.routing.sendData("a", message);
    expect(heardBy(rig)).toEqual(["c"]);
  });
});

describe("after any changes", () => {
  /** What every pad between endpoints would tell if it told anew. */
  function flowNow(rig: Rig): string[] {
    const fresh = new Routing(
      { graph: rig.graph, live: (id) => rig.stubs.get(id) as never },
      registryOf(),
      untouched,
    );
    for (const id of rig.graph.elements.keys()) fresh.touchSink(id);
    return fresh.settle().map(({ elementId, action }) =>
      action.do === "emit" ? `${elementId} ${action.data.mediaType} ${action.event}` : ""
    ).sort();
  }

  function registryOf(): Registry {
    const registry = new Registry();
    for (const type of types) registry.register(type, "the test");
    return registry;
  }

  function randomStep(rig: Rig, random: () => number, step: number): void {
    const all = [...rig.graph.elements.values()];
    const ids = all.filter(({ type }) => type !== "Hub").map(({ id }) => id);
    const ports = all.filter(({ type }) => type === "Port").map(({ id }) => id);
    const pick = (from: string[]) => from[random() % from.length];
    const hub = all.find(({ type }) => type === "Hub");
    const kinds = ["audio", "video"] as const;
    switch (ids.length < 4 ? random() % 3 : random() % 11) {
      case 0:
        return rig.add(["Endpoint", "Through"][random() % 2], `e${step}`);
      case 1:
        return hub ? rig.add("Port", `e${step}`, hub.id) : rig.add("Hub", `e${step}`);
      case 2:
        return rig.add("Endpoint", `e${step}`);
      case 3:
        return rig.change({ kind: "removeElement", elementId: pick(all.map(({ id }) => id)) });
      case 4:
        return rig.change({ kind: "disconnect", source: pick(ids), sink: pick(ids) });
      case 5: {
        const id = pick(ids);
        rig.stubs.get(id)!.gives = !rig.stubs.get(id)!.gives;
        for (const media of kinds) rig.routing.touchSource(id, media);
        return;
      }
      case 6:
      case 7:
        if (!hub || ports.length === 0) return;
        rig.routes.set(pick(ports), pick(ports));
        return rig.routing.reroute(hub.id);
      default:
        return rig.connect(pick(ids), pick(ids), kinds[random() % 2]);
    }
  }

  test.each([3, 4, 5, 6, 7, 8])("bindings and flow are what a look at everything gives (seed %i)", (seed) => {
    let state = seed;
    const random = () => (state = (state * 48271) % 0x7fffffff) >> 4;
    const rig = new Rig();
    const told = new Set<string>();
    for (let step = 0; step < 400; step++) {
      randomStep(rig, random, step);
      for (const change of rig.settle()) {
        const [id, media, direction, now] = change.split(" ");
        const pad = `${id} ${media} MediaFlow${direction}StateChanged`;
        expect(now === "on").toBe(!told.has(pad));
        if (now === "on") told.add(pad);
        else told.delete(pad);
      }
      for (const id of [...rig.stubs.keys()]) {
        if (rig.graph.elements.has(id)) continue;
        rig.routing.forget(id);
        rig.stubs.delete(id);
        for (const pad of told) if (pad.startsWith(`${id} `)) told.delete(pad);
      }
      for (const stub of rig.stubs.values()) {
        if (stub.type !== "Endpoint") continue;
        for (const media of ["audio", "video"] as const) {
          const feeder = feederOf(rig.graph, stub.id, media, rig.ways);
          expect(stub.bound[media]).toBe(feeder === null ? null : rig.stubs.get(feeder)!.number);
        }
      }
      expect([...told].sort()).toEqual(flowNow(rig));
    }
  });
});
