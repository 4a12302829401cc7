import { assert } from "../base/mod.ts";
import { allOf, type Definition, type Element, type MediaKind } from "../graph/mod.ts";
import type {
  Action,
  CreateElement,
  DataMessage,
  ElementContext,
  ElementInstance,
  PeerHandlers,
  PeerWish,
} from "../module/mod.ts";
import type { MediaPlane } from "./media_plane.ts";
import { type LinkOwner, PeerLink } from "./peer_link.ts";

/** What a live element needs of its pipeline. */
export interface ElementHome {
  readonly plane: MediaPlane;
  nowMs(): number;
  element(elementId: string): Element | undefined;
  /** The live endpoint whose source pad feeds this one's sink pad. */
  feeder(elementId: string, media: MediaKind): LiveElement | null;
  /** The live endpoint whose media leaves this one's source pad. */
  origin(elementId: string, media: MediaKind): LiveElement | null;
  /** Ids of a hub's ports, in order of creation. */
  ports(hubId: string): string[];
  /** Gives a message that leaves the element's source pad of kind data to every sink that it reaches. */
  sendData(elementId: string, message: DataMessage): void;
  /** Runs `work` in a later turn, unless the element is gone by then, and carries out the actions it returns. */
  later(elementId: string, work: () => Action[]): void;
  /** Senders of the element came or went: its sink pads must be bound to sources anew at the end of this turn. */
  sendersChanged(elementId: string): void;
  /** What leaves the source pad of an endpoint began or ceased to flow: elements it passes through are told too. */
  sourceFlowChanged(elementId: string, media: MediaKind): void;
}

interface SourcePad {
  source: number;
  flowing: boolean;
  format: { codec: string; format: string } | null;
}

/** One element that is alive: its instance, its pads on the packet plane, and all it has opened. */
export class LiveElement implements ElementContext, LinkOwner {
  readonly definition: Definition<CreateElement>;
  readonly elementId: string;
  readonly parentId: string | null;
  readonly instance: ElementInstance;
  readonly #home: ElementHome;
  readonly #sourcePads = new Map<MediaKind, SourcePad>();
  readonly #sinkFlowing = new Set<MediaKind>();
  readonly #links = new Set<PeerLink>();

  constructor(home: ElementHome, element: Element, definition: Definition<CreateElement>) {
    this.#home = home;
    this.elementId = element.id;
    this.parentId = element.parentId;
    this.definition = definition;
    for (const media of ["audio", "video"] as const) {
      if (allOf(definition, "pads")[media] === "endpoint") this.#openSource(media);
    }
    try {
      assert(definition.create, "planning refuses types that cannot be created");
      this.instance = definition.create(this, element.options as never);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Peers of this element, for routing and statistics. */
  get links(): ReadonlySet<PeerLink> {
    return this.#links;
  }

  nowMs(): number {
    return this.#home.nowMs();
  }

  property(name: string): unknown {
    const set = this.#home.element(this.elementId)?.properties ?? {};
    if (Object.hasOwn(set, name)) return set[name];
    const known = allOf(this.definition, "properties");
    return Object.hasOwn(known, name) ? known[name].default : undefined;
  }

  kept(): Readonly<Record<string, unknown>> {
    return this.#home.element(this.elementId)?.kept ?? {};
  }

  ports(): string[] {
    return this.#home.ports(this.elementId);
  }

  sendData(message: DataMessage): void {
    this.#home.sendData(this.elementId, message);
  }

  feeding(media: MediaKind): { codec: string; format: string } | null {
    return this.#home.feeder(this.elementId, media)?.originating(media) ?? null;
  }

  /** What leaves the source pad of this kind now, or null. */
  sending(media: MediaKind): { codec: string; format: string } | null {
    return this.#home.origin(this.elementId, media)?.originating(media) ?? null;
  }

  /** What this endpoint's own source pad gives now, or null. */
  originating(media: MediaKind): { codec: string; format: string } | null {
    const pad = this.#sourcePads.get(media);
    return pad?.flowing ? pad.format : null;
  }

  flowing(direction: "in" | "out", media: MediaKind): boolean {
    if (direction === "out") return this.sending(media) !== null;
    const ends = allOf(this.definition, "pads")[media] === "endpoint";
    return ends ? this.#sinkFlowing.has(media) : this.feeding(media) !== null;
  }

  /** Feeds all peers of this element from the source; from nothing with null. */
  bindSenders(media: "audio" | "video", source: number | null): void {
    for (const link of this.#links) link.bindSenders(media, source);
  }

  openPeer(wish: PeerWish, handlers: PeerHandlers): PeerLink {
    const link = new PeerLink(this.#home.plane, this, wish, handlers);
    this.#links.add(link);
    return link;
  }

  sourceOf(media: MediaKind): number {
    const pad = this.#sourcePads.get(media);
    assert(pad, "only kinds with an endpoint pad are negotiated");
    return pad.source;
  }

  later(work: () => Action[]): void {
    this.#home.later(this.elementId, work);
  }

  sendersChanged(): void {
    for (const link of this.#links) if (link.closed) this.#links.delete(link);
    this.#home.sendersChanged(this.elementId);
  }

  senderFlow(media: MediaKind, flowing: boolean): void {
    this.later(() => {
      if (this.#sinkFlowing.has(media) === flowing) return [];
      if (flowing) this.#sinkFlowing.add(media);
      else this.#sinkFlowing.delete(media);
      return [flowAction("In", media, flowing)];
    });
  }

  senderMismatch(media: MediaKind, codec: string): Action[] {
    const description = `Error code 1: the peer of this element takes no ${codec}, so it gets no ${media} ` +
      "until the publisher changes its codec; this server does not transcode yet";
    return [{
      do: "emit",
      event: "Error",
      data: { description, errorCode: 1, type: "STREAM_ERROR_FAILED" },
    }];
  }

  media(active: boolean): Action[] {
    return this.instance.onMedia?.(active) ?? [];
  }

  close(): void {
    for (const link of [...this.#links]) link.close();
    for (const { source } of this.#sourcePads.values()) {
      this.#home.plane.ownSource(source, null);
      this.#home.plane.apply({ do: "closeSource", source });
    }
    this.#sourcePads.clear();
  }

  #openSource(media: "audio" | "video"): void {
    const pad: SourcePad = { source: this.#home.plane.nextId(), flowing: false, format: null };
    this.#sourcePads.set(media, pad);
    this.#home.plane.ownSource(pad.source, {
      flow: (flowing) => this.#sourceFlow(pad, media, flowing),
      format: (codec, format) => pad.format = { codec, format },
    });
    this.#home.plane.apply({ do: "openSource", source: pad.source, media });
  }

  #sourceFlow(pad: SourcePad, media: MediaKind, flowing: boolean): void {
    this.later(() => {
      if (pad.flowing === flowing) return [];
      pad.flowing = flowing;
      this.#home.sourceFlowChanged(this.elementId, media);
      return [flowAction("Out", media, flowing)];
    });
  }
}

/** The event that media began or ceased to flow at a pad. */
export function flowAction(direction: "In" | "Out", media: MediaKind, flowing: boolean): Action {
  return {
    do: "emit",
    event: `MediaFlow${direction}StateChanged`,
    data: {
      state: flowing ? "FLOWING" : "NOT_FLOWING",
      padName: "default",
      mediaType: media.toUpperCase(),
    },
  };
}
