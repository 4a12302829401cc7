import { AppError, type Clock, createLog, type Timer, toAppError } from "../base/mod.ts";
import {
  allOf,
  type Definition,
  type Element,
  type Graph,
  type MediaKind,
  portsOf,
  type Registry,
  type Session,
  type Touched,
} from "../graph/mod.ts";
import type { Action, CreateElement, DataMessage } from "../module/mod.ts";
import { type ElementHome, LiveElement } from "./live_element.ts";
import type { MediaPlane } from "./media_plane.ts";
import type { FrameRoom } from "./program_link.ts";
import { type FlowChange, Routing } from "./routing.ts";
import type { TakenFormats } from "./taken_formats.ts";
import type { EncodingFigures } from "./transcoder.ts";
import { type Detour, Transcoding } from "./transcoding.ts";
import type { TurnQueue } from "./turn_queue.ts";
import type { Turn } from "./turn.ts";

const log = createLog("engine");

interface LaterWork {
  elementId: string;
  work: () => Action[];
}

/** One pipeline that is alive. Only turns change it. */
export class LivePipeline implements ElementHome {
  graph: Graph;
  sessions: ReadonlyMap<string, Session> = new Map();
  readonly plane: MediaPlane;
  readonly frames: FrameRoom | null;
  readonly queue: TurnQueue;
  readonly clock: Clock;
  /** When it last had a session; pipelines that publishers made end when they have had none for long. */
  lastUsedMs: number;
  /** True once a session has reached its peer; what was kept over a restart counts as if. */
  hadPeer = false;
  readonly #registry: Registry;
  readonly bodyUrl: (elementId: string) => string;
  readonly #runTurn: (work: (turn: Turn) => void) => Promise<void>;
  readonly #elements = new Map<string, LiveElement>();
  readonly #transcoding: Transcoding;
  readonly #routing: Routing;
  /** Works that wait for one common turn. */
  #gathering: { place: number; works: LaterWork[] } | null = null;

  constructor(
    graph: Graph,
    deps: {
      plane: MediaPlane;
      frames: FrameRoom | null;
      queue: TurnQueue;
      registry: Registry;
      clock: Clock;
      bodyUrl: (elementId: string) => string;
      runTurn: (pipeline: LivePipeline, work: (turn: Turn) => void) => Promise<void>;
    },
  ) {
    this.graph = graph;
    this.plane = deps.plane;
    this.frames = deps.frames;
    this.queue = deps.queue;
    this.#registry = deps.registry;
    this.clock = deps.clock;
    this.bodyUrl = deps.bodyUrl;
    this.#transcoding = new Transcoding(this);
    this.#routing = new Routing(this, deps.registry, this.#transcoding);
    this.lastUsedMs = deps.clock.now();
    this.#runTurn = (work) => deps.runTurn(this, work);
    this.plane.place();
  }

  readonly padsOf = (type: string): ReadonlySet<string> => {
    return new Set(Object.keys(allOf(this.#registry.get(type), "pads")));
  };

  get pipelineId(): string {
    return this.graph.pipeline.id;
  }

  element(elementId: string): Element | undefined {
    return this.graph.elements.get(elementId);
  }

  live(elementId: string): LiveElement | undefined {
    return this.#elements.get(elementId);
  }

  start(element: Element): LiveElement {
    const definition = this.#registry.creatable(element.type) as Definition<CreateElement>;
    const live = new LiveElement(this, element, definition);
    this.#elements.set(element.id, live);
    return live;
  }

  forget(live: LiveElement): void {
    this.#elements.delete(live.elementId);
    this.#routing.forget(live.elementId);
    live.close();
  }

  feeder(elementId: string, media: MediaKind): LiveElement | null {
    return this.#routing.feeder(elementId, media);
  }

  origin(elementId: string, media: MediaKind): LiveElement | null {
    return this.#routing.origin(elementId, media);
  }

  /** Every live endpoint that the element's source pads of audio and video feed now. */
  sinksOf(elementId: string): LiveElement[] {
    return this.#routing.sinksOf(elementId);
  }

  ports(hubId: string): string[] {
    return [...portsOf(this.graph, hubId)];
  }

  nowMs(): number {
    return this.clock.now();
  }

  after(delayMs: number, run: () => void): Timer {
    return this.clock.after(delayMs, run);
  }

  sendData(elementId: string, message: DataMessage): void {
    this.#routing.sendData(elementId, message);
  }

  /**
   * A peer that joins brings about some eight of these, and peers come in crowds: those between which no other turn
   * was asked for share one turn and one commit, in their order.
   */
  later(elementId: string, work: () => Action[]): void {
    const gathering = this.#gathering;
    if (gathering?.place === this.queue.places) {
      gathering.works.push({ elementId, work });
      return;
    }
    const works = [{ elementId, work }];
    const turn = this.#runTurn((turn) => this.#performAll(turn, works));
    this.#gathering = { place: this.queue.places, works };
    turn.catch((error) => this.#reportFailure(error, works[0].elementId));
  }

  #performAll(turn: Turn, works: LaterWork[]): void {
    if (this.#gathering?.works === works) this.#gathering = null;
    for (const { elementId, work } of works) {
      try {
        if (this.#elements.has(elementId)) turn.perform(elementId, work());
      } catch (error) {
        // One element's fault must not undo what happened to the others.
        this.#reportFailure(error, elementId);
      }
    }
  }

  #reportFailure(error: unknown, elementId: string): void {
    if (error instanceof AppError && error.code === "pipeline_not_found") return;
    log.error("Cannot carry out what an element asked for", {
      pipeline: this.graph.pipeline.id,
      element: elementId,
      error: toAppError(error).internal ?? error,
    });
  }

  sendersChanged(elementId: string): void {
    this.#routing.touchSink(elementId);
  }

  sourceFlowChanged(elementId: string, media: MediaKind): void {
    this.#routing.touchSource(elementId, media);
  }

  reroute(hubId: string): void {
    this.#routing.reroute(hubId);
  }

  /** The graph becomes another one, that differs in no more than `touched` from the one before. */
  replaceGraph(graph: Graph, touched: Touched): void {
    const before = this.graph;
    this.graph = graph;
    this.#routing.touch(touched);
    for (const elementId of touched.elements) {
      const [was, is] = [before, graph].map(({ elements }) => elements.get(elementId)?.properties);
      if (was && is && was !== is) this.#encodingChanged(elementId);
    }
  }

  requestKeyframe(elementId: string): void {
    const feeder = this.feeder(elementId, "video");
    if (!feeder) return;
    for (const source of [feeder.sourceOf("video"), ...this.#transcoding.sourcesOf(elementId, "video")]) {
      this.plane.apply({ do: "requestKeyframe", source });
    }
  }

  canServe(elementId: string, media: MediaKind, taken: TakenFormats): boolean {
    const pad = this.feeder(elementId, media)?.pad(media);
    return pad ? this.#transcoding.canServe(pad, taken) : false;
  }

  /** True while what leaves the element's source pad is decoded and encoded for somebody. */
  isTranscoding(elementId: string, media: "audio" | "video"): boolean {
    return this.#transcoding.isTranscoding(elementId, media);
  }

  /** Of everything that is encoded for what the element's source pads give. */
  encodingFigures(elementId: string): Promise<EncodingFigures[]> {
    return this.#transcoding.figuresOf(elementId);
  }

  /** See `Transcoding.detourOf`. */
  detourOf(elementId: string, media: "audio" | "video"): Promise<Detour | null> {
    return this.#transcoding.detourOf(elementId, media);
  }

  /** Properties of the element may say otherwise what it gives, and how it encodes. */
  #encodingChanged(elementId: string): void {
    this.#transcoding.followLimits(elementId);
    this.#routing.touchSink(elementId);
    for (const media of ["audio", "video"] as const) this.#routing.touchSource(elementId, media);
  }

  /** At the end of a turn: binds senders to the sources that feed them now; gives the flow events of what is between. */
  settle(): FlowChange[] {
    if (this.sessions.size > 0) this.lastUsedMs = this.clock.now();
    return this.#routing.settle();
  }

  close(): void {
    this.#transcoding.close();
    for (const live of [...this.#elements.values()]) this.forget(live);
    this.plane.leave();
  }
}
