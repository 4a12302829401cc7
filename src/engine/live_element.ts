import { assert, type Timer } from "../base/mod.ts";
import { type BitrateWish, encodableFormats } from "../frame/mod.ts";
import { allOf, type Definition, type Element, type MediaKind } from "../graph/mod.ts";
import {
  type Action,
  type CreateElement,
  type DataMessage,
  type ElementContext,
  type ElementInstance,
  mediaError,
  type PeerHandlers,
  type PeerWish,
  type ProgramHandlers,
  type ProgramWish,
  type RtpHandlers,
  type RtpWish,
} from "../module/mod.ts";
import type { FormatsAtHand } from "../peer/mod.ts";
import { absoluteUri } from "./media_paths.ts";
import type { MediaPlane } from "./media_plane.ts";
import { type LinkOwner, PeerLink } from "./peer_link.ts";
import { type FrameRoom, ProgramLink } from "./program_link.ts";
import { RtpLink } from "./rtp_link.ts";
import { OutgoingPad, SourcePad, videoLimits } from "./source_pad.ts";
import { onlyOf, type SourceFor, type TakenFormats } from "./taken_formats.ts";

/** What a live element needs of its pipeline. */
export interface ElementHome {
  readonly plane: MediaPlane;
  /** Null where this server runs without the frame room. */
  readonly frames: FrameRoom | null;
  readonly pipelineId: string;
  nowMs(): number;
  /** Where clients send bodies for the element. */
  bodyUrl(elementId: string): string;
  /** Calls `run` once after `delayMs`. */
  after(delayMs: number, run: () => void): Timer;
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
  /** True when a sink pad that takes these can be given what feeds it, made into something else. */
  canServe(elementId: string, media: MediaKind, taken: TakenFormats): boolean;
  /** What leaves the source pad of an endpoint began or ceased to flow, or is another format: who is fed is bound anew. */
  sourceFlowChanged(elementId: string, media: MediaKind): void;
}

/** Kinds that flow as packets. */
const routedKinds = ["audio", "video"] as const;

/** One element that is alive: its instance, its pads on the packet plane, and all it has opened. */
export class LiveElement implements ElementContext, LinkOwner {
  readonly definition: Definition<CreateElement>;
  readonly elementId: string;
  readonly parentId: string | null;
  readonly instance: ElementInstance;
  readonly #home: ElementHome;
  readonly #sourcePads = new Map<MediaKind, SourcePad>();
  /** Of kinds that pass through the element or through its hub. */
  readonly #passingPads = new Map<MediaKind, OutgoingPad>();
  readonly #sinkFlowing = new Set<MediaKind>();
  readonly #links = new Set<PeerLink>();
  readonly #rtpLinks = new Set<RtpLink>();
  readonly #programs = new Set<ProgramLink>();
  readonly #timers = new Set<Timer>();
  /** What left its source pads has come to its end, and nothing has begun since. */
  hasEnded = false;
  /** Those that a client has set. */
  readonly #properties = () => this.#home.element(this.elementId)?.properties ?? {};

  constructor(home: ElementHome, element: Element, definition: Definition<CreateElement>) {
    this.#home = home;
    this.elementId = element.id;
    this.parentId = element.parentId;
    this.definition = definition;
    for (const media of routedKinds) {
      const role = allOf(definition, "pads")[media];
      if (role === "endpoint") this.#openSource(media);
      else if (role) this.#passingPads.set(media, new OutgoingPad(element.id, media, this.#properties));
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

  /** RTP sessions of this element, likewise. */
  get rtpLinks(): ReadonlySet<RtpLink> {
    return this.#rtpLinks;
  }

  /** Programs of this element, for routing and statistics. */
  get programs(): ReadonlySet<ProgramLink> {
    return this.#programs;
  }

  /** Milliseconds that media of this kind stays in its program; 0 where it has none, null where nothing is measured yet. */
  async programLatencyMs(media: "audio" | "video"): Promise<number | null> {
    const [program] = this.#programs;
    return program ? await program.latencyMs(media) : 0;
  }

  /** Whether media can be made into other formats here. */
  get transcodes(): boolean {
    return this.#home.frames !== null;
  }

  /** Transports of the packet plane that carry this element's media, of peers, RTP sessions and programs. */
  get transports(): number[] {
    return [
      ...[...this.#links].map(({ transport }) => transport),
      ...[...this.#rtpLinks].flatMap(({ transports }) => transports),
      ...[...this.#programs].flatMap(({ transport }) => transport ?? []),
    ];
  }

  nowMs(): number {
    return this.#home.nowMs();
  }

  property(name: string): unknown {
    const set = this.#properties();
    if (Object.hasOwn(set, name)) return set[name];
    const known = allOf(this.definition, "properties");
    return Object.hasOwn(known, name) ? known[name].default : undefined;
  }

  videoLimits(): BitrateWish {
    return videoLimits(this.#properties());
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

  atHand(media: MediaKind): FormatsAtHand | null {
    const flowing = this.feeding(media)?.format;
    if (flowing === undefined || media === "data") return null;
    return { flowing, encodable: this.#home.frames === null ? [] : encodableFormats[media] };
  }

  /** The endpoint whose media flows into the sink pad of this kind, or null. */
  feeder(media: MediaKind): LiveElement | null {
    const feeder = this.#home.feeder(this.elementId, media);
    return feeder?.originating(media) ? feeder : null;
  }

  /** Whether something enters its sink pads that has not come to its end. */
  get isFedOn(): boolean {
    return routedKinds.some((media) => this.flowing("in", media) && this.feeder(media)?.hasEnded === false);
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

  /** Feeds all peers and programs of this element from the sources that these say; from nothing with null. */
  bindSenders(media: "audio" | "video", sourceFor: SourceFor | null): void {
    const wanted = this.#sourcePads.get(media)?.wantedCodec ?? null;
    const asked: SourceFor | null = sourceFor && ((taken) => sourceFor(onlyOf(taken, wanted)));
    for (const link of this.#links) link.bindSenders(media, asked);
    for (const link of this.#rtpLinks) link.bindSenders(media, asked);
    for (const program of this.#programs) program.bindSenders(media, asked);
  }

  openPeer(wish: PeerWish, handlers: PeerHandlers): PeerLink {
    const link = new PeerLink(this.#home.plane, this, wish, handlers);
    this.#links.add(link);
    return link;
  }

  mediaUri(uri: string): string {
    const mediaDir = this.#home.frames?.rules.mediaDir;
    return mediaDir === undefined ? uri : absoluteUri(uri, mediaDir);
  }

  get bodyUrl(): string {
    return this.#home.bodyUrl(this.elementId);
  }

  after(delayMs: number, work: () => Action[]): Timer {
    const timer = this.#home.after(delayMs, () => {
      this.#timers.delete(timer);
      this.later(work);
    });
    this.#timers.add(timer);
    return {
      cancel: () => {
        timer.cancel();
        this.#timers.delete(timer);
      },
    };
  }

  openRtp(wish: RtpWish, handlers: RtpHandlers): RtpLink {
    const link = new RtpLink(this.#home.plane, this, wish, handlers);
    this.#rtpLinks.add(link);
    return link;
  }

  openProgram(wish: ProgramWish, handlers: ProgramHandlers): ProgramLink {
    const { plane, frames, pipelineId } = this.#home;
    const kinds = routedKinds.filter((media) => allOf(this.definition, "pads")[media] === "endpoint");
    const program = new ProgramLink({ plane, frames, pipelineId, kinds }, this, wish, handlers);
    this.#programs.add(program);
    return program;
  }

  /** The source pad of this kind; null where the element has none that media begins at. */
  pad(media: MediaKind): SourcePad | null {
    return this.#sourcePads.get(media) ?? null;
  }

  /** The source pad of this kind where media leaves that began elsewhere; null where the element has none. */
  passingPad(media: MediaKind): OutgoingPad | null {
    return this.#passingPads.get(media) ?? null;
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
    for (const link of this.#rtpLinks) if (link.closed) this.#rtpLinks.delete(link);
    for (const program of this.#programs) if (program.closed) this.#programs.delete(program);
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

  senderMismatch(media: MediaKind, codec: string, taken: TakenFormats): Action[] {
    // It was bound before the format was known, and is given another one by now.
    if (this.#home.canServe(this.elementId, media, taken)) return [];
    const kinds = (taken ?? []).map(({ format }) => format).filter((format) =>
      format.split("/")[0] === codec
    );
    const but = kinds.length > 0 ? ` but ${kinds.join(", ")}` : "";
    const description =
      `the peer of this element takes no ${codec}${but}, so it gets no ${media} until the publisher ` +
      "changes its codec; nothing that the peer takes can be encoded here";
    return [mediaError("STREAM_ERROR_FAILED", description)];
  }

  media(active: boolean): Action[] {
    return this.instance.onMedia?.(active) ?? [];
  }

  close(): void {
    for (const timer of this.#timers) timer.cancel();
    for (const link of [...this.#links, ...this.#rtpLinks, ...this.#programs]) link.close();
    for (const { source } of this.#sourcePads.values()) {
      this.#home.plane.ownSource(source, null);
      this.#home.plane.apply({ do: "closeSource", source });
    }
    this.#sourcePads.clear();
    this.instance?.onGone?.();
  }

  #openSource(media: "audio" | "video"): void {
    const pad = new SourcePad(this.elementId, media, this.#home.plane.nextId(), this.#properties);
    this.#sourcePads.set(media, pad);
    this.#home.plane.ownSource(pad.source, {
      flow: (flowing) => this.#sourceFlow(pad, media, flowing),
      format: (codec, format) => this.#sourceFormat(pad, { codec, format }),
    });
    this.#home.plane.apply({ do: "openSource", source: pad.source, media });
  }

  #sourceFormat(pad: SourcePad, format: { codec: string; format: string }): void {
    pad.format = format;
    // Who takes it as it is, and who does not, is another question now.
    this.later(() => {
      this.#home.sourceFlowChanged(this.elementId, pad.media);
      return [];
    });
  }

  #sourceFlow(pad: SourcePad, media: MediaKind, flowing: boolean): void {
    this.later(() => {
      if (pad.flowing === flowing) return [];
      pad.flowing = flowing;
      if (flowing) this.hasEnded = false;
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
