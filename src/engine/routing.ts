import { createLog } from "../base/mod.ts";
import {
  allOf,
  downstream,
  feederOf,
  type Graph,
  linksOutOf,
  type MediaKind,
  originOf,
  type PadRole,
  portsOf,
  type Registry,
  type Touched,
  type Way,
  wayInto,
  type Ways,
} from "../graph/mod.ts";
import type { Action, DataMessage } from "../module/mod.ts";
import { flowAction, type LiveElement } from "./live_element.ts";
import type { OutgoingPad } from "./source_pad.ts";
import type { Transcoding } from "./transcoding.ts";

const log = createLog("engine");
const routedKinds = ["audio", "video"] as const;

/** What an element between endpoints has to tell of its flow. */
export interface FlowChange {
  elementId: string;
  action: Action;
}

/** What the routing of a pipeline looks at. */
export interface RoutingView {
  readonly graph: Graph;
  live(elementId: string): LiveElement | undefined;
}

/** How a sink is bound to the source pad that feeds it. */
export type Feeding = Pick<Transcoding, "bind" | "changes" | "forget">;

/**
 * Which source pad feeds which sink pad of a pipeline: the graph and the hubs' routes, lowered to what the packet plane
 * knows. It looks at nothing but what may have changed since it settled last, and at what is fed through that: a viewer
 * who joins costs the same among ten and among ten thousand.
 */
export class Routing {
  readonly #view: RoutingView;
  readonly #registry: Registry;
  readonly #transcoding: Feeding;
  /** Elements whose sink pads may be fed otherwise than before. */
  readonly #sinks = { audio: new Set<string>(), video: new Set<string>() };
  /** Elements whose source pads may give something else than before. */
  readonly #sources = { audio: new Set<string>(), video: new Set<string>() };
  /** Pads of elements between endpoints where media flows: "<id> <media> In" or "… Out". */
  readonly #flowing = new Set<string>();
  /** Elements whose faults were told of. */
  readonly #faulty = new Set<string>();
  readonly #ways: Ways = {
    roleOf: (type, media) => this.#roleOf(type, media),
    route: (hubId, portId, media) => this.#route(hubId, portId, media),
  };

  constructor(view: RoutingView, registry: Registry, transcoding: Feeding) {
    this.#view = view;
    this.#registry = registry;
    this.#transcoding = transcoding;
  }

  /** The live endpoint whose source pad feeds the element's sink pad. */
  feeder(elementId: string, media: MediaKind): LiveElement | null {
    return this.#live(feederOf(this.#view.graph, elementId, media, this.#ways));
  }

  /** The live endpoint whose media leaves the element's source pad. */
  origin(elementId: string, media: MediaKind): LiveElement | null {
    return this.#live(originOf(this.#view.graph, elementId, media, this.#ways));
  }

  /** Every live element whose sink pads the element's source pads of audio and video feed. */
  sinksOf(elementId: string): LiveElement[] {
    const { graph } = this.#view;
    const sinks = routedKinds.flatMap((media) => {
      const next = Iterator.from(linksOutOf(graph, elementId, media)).map((link) => link.sink);
      return [...downstream(graph, { sinks: next, sources: [] }, media, this.#ways).sinks];
    });
    return [...new Set(sinks)].flatMap((sink) => this.#live(sink) ?? []);
  }

  /** The graph has changed; to be called when it changes and when that is taken back. */
  touch(touched: Touched): void {
    for (const { sink, media } of touched.connections.values()) {
      if (media !== "data") this.#sinks[media].add(sink);
    }
    for (const elementId of touched.elements) {
      if (this.#view.graph.elements.get(elementId)?.parentId) this.#touchSource(elementId);
      this.reroute(elementId);
    }
  }

  /** Senders of the element came or went. */
  touchSink(elementId: string): void {
    for (const media of routedKinds) this.#sinks[media].add(elementId);
  }

  /** What leaves the element's source pad began or ceased to flow. */
  touchSource(elementId: string, media: MediaKind): void {
    if (media !== "data") this.#sources[media].add(elementId);
  }

  /** The hub may route otherwise than before. */
  reroute(hubId: string): void {
    for (const portId of portsOf(this.#view.graph, hubId)) this.#touchSource(portId);
  }

  /** Binds senders to what feeds them now; gives the flow events of what is between endpoints, and those of transcoding. */
  settle(): FlowChange[] {
    const flows = routedKinds.flatMap((media) => {
      if (this.#sinks[media].size + this.#sources[media].size === 0) return [];
      const { sinks, sources } = downstream(
        this.#view.graph,
        { sinks: this.#sinks[media], sources: this.#sources[media] },
        media,
        this.#ways,
      );
      this.#sinks[media].clear();
      this.#sources[media].clear();
      for (const elementId of sinks) this.#bind(elementId, media);
      return [...new Set([...sinks, ...sources])].flatMap((elementId) => this.#flowOf(elementId, media));
    });
    return [...flows, ...this.#transcoding.changes().filter(({ elementId }) => this.#isThere(elementId))];
  }

  /** The element is gone. */
  forget(elementId: string): void {
    this.#transcoding.forget(elementId);
    this.#faulty.delete(elementId);
    for (const media of routedKinds) {
      for (const direction of ["In", "Out"]) this.#flowing.delete(`${elementId} ${media} ${direction}`);
    }
  }

  /** Gives a message that leaves the element's source pad of kind data to every sink that it reaches. */
  sendData(from: string, message: DataMessage): void {
    const { graph } = this.#view;
    const sinks = Iterator.from(linksOutOf(graph, from, "data")).map((link) => link.sink);
    for (const elementId of downstream(graph, { sinks, sources: [] }, "data", this.#ways).sinks) {
      try {
        this.#view.live(elementId)?.instance.onData?.(message);
      } catch (error) {
        // One element's fault must not keep the message from the others.
        this.#complain("Cannot give a data message to an element", elementId, error);
      }
    }
  }

  #touchSource(elementId: string): void {
    for (const media of routedKinds) this.touchSource(elementId, media);
  }

  #live(elementId: string | null): LiveElement | null {
    return elementId === null ? null : this.#view.live(elementId) ?? null;
  }

  #roleOf(type: string, media: MediaKind): PadRole | undefined {
    const definition = this.#registry.find(type);
    return definition && allOf(definition, "pads")[media];
  }

  #route(hubId: string, portId: string, media: MediaKind): string | null {
    try {
      return this.#view.live(hubId)?.instance.route?.(portId, media) ?? null;
    } catch (error) {
      this.#complain("Cannot ask a hub for its routes", hubId, error);
      return null;
    }
  }

  /** Once per element: it is asked again and again. */
  #complain(what: string, elementId: string, error: unknown): void {
    if (this.#faulty.has(elementId)) return;
    this.#faulty.add(elementId);
    log.error(what, { element: elementId, error });
  }

  #bind(elementId: string, media: "audio" | "video"): void {
    const live = this.#view.live(elementId);
    if (!live) return;
    const way = wayInto(this.#view.graph, elementId, media, this.#ways);
    const pad = way && this.#live(way.origin)?.pad(media);
    this.#transcoding.bind(live, media, pad ? { pad, giver: this.#shaping(way, media) ?? pad } : null);
  }

  /** Of the pads that media passes, the nearest to its end that was told what to give: it has the last word. */
  #shaping({ passed }: Way, media: "audio" | "video"): OutgoingPad | null {
    for (const elementId of passed) {
      const pad = this.#view.live(elementId)?.passingPad(media);
      if (pad && pad.wantedCodec !== null) return pad;
    }
    return null;
  }

  /** Nobody hears of an element that leaves with this turn. */
  #isThere(elementId: string): boolean {
    return this.#view.graph.elements.has(elementId);
  }

  #flowOf(elementId: string, media: MediaKind): FlowChange[] {
    const live = this.#view.live(elementId);
    const role = live && allOf(live.definition, "pads")[media];
    if (!live || (role !== "through" && role !== "port")) return [];
    return [
      ...this.#flowAt(elementId, media, "In", live.feeding(media) !== null),
      ...this.#flowAt(elementId, media, "Out", live.sending(media) !== null),
    ];
  }

  #flowAt(elementId: string, media: MediaKind, direction: "In" | "Out", flowing: boolean): FlowChange[] {
    const pad = `${elementId} ${media} ${direction}`;
    if (this.#flowing.has(pad) === flowing) return [];
    if (flowing) this.#flowing.add(pad);
    else this.#flowing.delete(pad);
    if (!this.#isThere(elementId)) return [];
    return [{ elementId, action: flowAction(direction, media, flowing) }];
  }
}
