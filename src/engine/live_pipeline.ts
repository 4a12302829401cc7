import { AppError, type Clock, createLog, toAppError } from "../base/mod.ts";
import {
  allOf,
  type Definition,
  type Element,
  feederOf,
  type Graph,
  type MediaKind,
  type PadRole,
  type Registry,
  type Session,
} from "../graph/mod.ts";
import type { Action, CreateElement } from "../module/mod.ts";
import { type ElementHome, flowAction, LiveElement } from "./live_element.ts";
import type { MediaPlane } from "./media_plane.ts";
import type { TurnQueue } from "./turn_queue.ts";
import type { Turn } from "./turn.ts";

const log = createLog("engine");
const routedKinds = ["audio", "video"] as const;

interface LaterWork {
  elementId: string;
  work: () => Action[];
}

/** One pipeline that is alive. Only turns change it. */
export class LivePipeline implements ElementHome {
  graph: Graph;
  sessions: ReadonlyMap<string, Session> = new Map();
  readonly plane: MediaPlane;
  readonly queue: TurnQueue;
  /** When it last had a session; pipelines that publishers made end when they have had none for long. */
  lastUsedMs: number;
  /** True once a session has reached its peer; what was kept over a restart counts as if. */
  hadPeer = false;
  readonly #registry: Registry;
  readonly #clock: Clock;
  readonly #runTurn: (work: (turn: Turn) => void) => Promise<void>;
  readonly #elements = new Map<string, LiveElement>();
  readonly #bound = new Map<number, number | null>();
  /** Elements that media passes through. */
  readonly #through = new Set<LiveElement>();
  readonly #throughFlowing = new Set<string>();
  /** Works that wait for one common turn. */
  #gathering: { place: number; works: LaterWork[] } | null = null;
  #mustRebind = false;

  constructor(
    graph: Graph,
    deps: {
      plane: MediaPlane;
      queue: TurnQueue;
      registry: Registry;
      clock: Clock;
      runTurn: (pipeline: LivePipeline, work: (turn: Turn) => void) => Promise<void>;
    },
  ) {
    this.graph = graph;
    this.plane = deps.plane;
    this.queue = deps.queue;
    this.#registry = deps.registry;
    this.#clock = deps.clock;
    this.lastUsedMs = deps.clock.now();
    this.#runTurn = (work) => deps.runTurn(this, work);
    this.plane.place();
  }

  readonly padsOf = (type: string): ReadonlySet<string> => {
    return new Set(Object.keys(allOf(this.#registry.get(type), "pads")));
  };

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
    if (Object.values(allOf(definition, "pads")).includes("through")) this.#through.add(live);
    return live;
  }

  forget(live: LiveElement): void {
    this.#elements.delete(live.elementId);
    this.#through.delete(live);
    live.close();
  }

  feeder(elementId: string, media: MediaKind): LiveElement | null {
    const feeder = feederOf(this.graph, elementId, media, this.#roleOf);
    return feeder === null ? null : this.#elements.get(feeder) ?? null;
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

  rebindSoon(): void {
    this.#mustRebind = true;
  }

  sourceFlowChanged(): void {
    this.#mustRebind = true;
  }

  requestKeyframe(elementId: string): void {
    const feeder = this.feeder(elementId, "video");
    if (feeder) this.plane.apply({ do: "requestKeyframe", source: feeder.sourceOf("video") });
  }

  /** At the end of a turn: binds senders to the sources that feed them now; gives the flow events of what is between. */
  settle(graphChanged: boolean): { elementId: string; action: Action }[] {
    if (this.sessions.size > 0) this.lastUsedMs = this.#clock.now();
    if (!graphChanged && !this.#mustRebind) return [];
    this.#mustRebind = false;
    this.#rebind();
    return this.#throughFlow();
  }

  close(): void {
    for (const live of [...this.#elements.values()]) this.forget(live);
    this.plane.leave();
  }

  readonly #roleOf = (type: string, media: MediaKind): PadRole | undefined => {
    const definition = this.#registry.find(type);
    return definition && allOf(definition, "pads")[media];
  };

  #rebind(): void {
    const open = new Set<number>();
    for (const live of this.#elements.values()) {
      for (const link of live.links) {
        for (const { sender, media } of link.senders) {
          open.add(sender);
          this.#bind(sender, this.feeder(live.elementId, media)?.sourceOf(media) ?? null);
        }
      }
    }
    for (const sender of this.#bound.keys()) if (!open.has(sender)) this.#bound.delete(sender);
  }

  #bind(sender: number, source: number | null): void {
    if ((this.#bound.get(sender) ?? null) === source) return;
    this.#bound.set(sender, source);
    this.plane.apply({ do: "bindSender", sender, source });
  }

  #throughFlow(): { elementId: string; action: Action }[] {
    const changes: { elementId: string; action: Action }[] = [];
    for (const live of this.#through) {
      for (const media of routedKinds) {
        if (allOf(live.definition, "pads")[media] !== "through") continue;
        const key = `${live.elementId} ${media}`;
        const flowing = live.feeding(media) !== null;
        if (this.#throughFlowing.has(key) === flowing) continue;
        if (flowing) this.#throughFlowing.add(key);
        else this.#throughFlowing.delete(key);
        const { elementId } = live;
        if (!this.graph.elements.has(elementId)) continue;
        changes.push({ elementId, action: flowAction("In", media, flowing) });
        changes.push({ elementId, action: flowAction("Out", media, flowing) });
      }
    }
    return changes;
  }
}
