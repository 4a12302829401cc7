import { AppError, type Clock } from "../base/mod.ts";
import type { Change, Graph, Pipeline, Registry, Session } from "../graph/mod.ts";
import type { Commit } from "../store/mod.ts";
import { LivePipeline } from "./live_pipeline.ts";
import type { MediaPlane } from "./media_plane.ts";
import type { FrameRoom } from "./program_link.ts";
import { Turn } from "./turn.ts";
import { TurnQueue } from "./turn_queue.ts";

export interface EngineDeps {
  registry: Registry;
  planes: MediaPlane[];
  /** Null where this server runs without frame workers. */
  frames: FrameRoom | null;
  clock: Clock;
  /** Where clients send bodies for the element, absolute. */
  bodyUrl(elementId: string): string;
  /** Writes rows and events in one transaction and tells followers. */
  commit(change: Commit): void;
  turnDeadlineMs: number;
}

/** What was kept of one pipeline. */
export interface KeptPipeline {
  graph: Graph;
  sessions: Session[];
}

/** All live pipelines. What changes one goes through `inTurn`. */
export class Engine {
  readonly #deps: EngineDeps;
  readonly #pipelines = new Map<string, LivePipeline>();
  readonly #homes = new Map<string, LivePipeline>();

  constructor(deps: EngineDeps) {
    this.#deps = deps;
  }

  /** Every live pipeline in order of creation. */
  pipelines(): IterableIterator<LivePipeline> {
    return this.#pipelines.values();
  }

  get pipelineCount(): number {
    return this.#pipelines.size;
  }

  get planes(): readonly MediaPlane[] {
    return this.#deps.planes;
  }

  find(pipelineId: string): LivePipeline | undefined {
    return this.#pipelines.get(pipelineId);
  }

  /** The same, or pipeline_not_found. */
  pipeline(pipelineId: string): LivePipeline {
    const pipeline = this.#pipelines.get(pipelineId);
    if (pipeline) return pipeline;
    throw new AppError(
      "pipeline_not_found",
      `Cannot find pipeline "${pipelineId}": there is none with this id`,
    );
  }

  /** The pipeline that holds this element, connection or session. */
  homeOf(id: string, code: "element_not_found" | "connection_not_found" | "session_not_found"): LivePipeline {
    const home = this.#homes.get(id);
    if (home) return home;
    const what = code.slice(0, code.indexOf("_"));
    throw new AppError(code, `Cannot find ${what} "${id}": there is none with this id`);
  }

  /** Makes a pipeline and runs `work` as its first turn; when that fails, nothing is left of it. */
  async create<Result>(pipeline: Pipeline, work: (turn: Turn) => Result | Promise<Result>): Promise<Result> {
    const live = this.#open({ pipeline, elements: new Map(), connections: new Map() });
    this.#pipelines.set(pipeline.id, live);
    return await this.#run(live, (turn) => {
      turn.record({ type: "ObjectCreated", elementId: null, data: { object: pipeline.id } });
      return work(turn);
    }, { putPipelines: [pipeline] });
  }

  /** Runs `work` when all earlier turns of the pipeline are over, and commits what it did or undoes it. */
  inTurn<Result>(pipeline: LivePipeline, work: (turn: Turn) => Result | Promise<Result>): Promise<Result> {
    return this.#run(pipeline, work, {});
  }

  /** Ends a pipeline with all that is in it, as its last turn; `mayGo` looks at it before and may refuse. */
  async release(pipeline: LivePipeline, mayGo: (turn: Turn) => void): Promise<void> {
    const pipelineId = pipeline.graph.pipeline.id;
    await this.#run(pipeline, (turn) => {
      mayGo(turn);
      const whole = [...turn.graph.elements.values()].filter((element) => element.parentId === null);
      turn.change(...whole.map(({ id }): Change => ({ kind: "removeElement", elementId: id })));
      turn.record({ type: "ObjectDestroyed", elementId: null, data: { objectId: pipelineId } });
    }, { removePipelines: [pipelineId] });
  }

  /** Brings back what was kept; no rows and no events are made by that. */
  restore(kept: KeptPipeline): LivePipeline {
    const pipeline = this.#open(kept.graph);
    this.#pipelines.set(kept.graph.pipeline.id, pipeline);
    for (const element of kept.graph.elements.values()) pipeline.start(element);
    pipeline.hadPeer = true;
    pipeline.sessions = new Map(kept.sessions.map((session) => [session.id, session]));
    for (const part of [kept.graph.elements, kept.graph.connections, pipeline.sessions]) {
      for (const id of part.keys()) this.#homes.set(id, pipeline);
    }
    return pipeline;
  }

  /** Ends every peer in good order. */
  async close(): Promise<void> {
    for (const pipeline of this.#pipelines.values()) pipeline.close();
    this.#pipelines.clear();
    await Promise.all([...this.#deps.planes, this.#deps.frames?.pool].map((each) => each?.close()));
  }

  #open(graph: Graph): LivePipeline {
    const { registry, frames, clock, bodyUrl, turnDeadlineMs } = this.#deps;
    const plane = this.#deps.planes.reduce((least, each) => each.load < least.load ? each : least);
    return new LivePipeline(graph, {
      plane,
      frames,
      queue: new TurnQueue(clock, turnDeadlineMs),
      registry,
      clock,
      bodyUrl,
      runTurn: (pipeline, work) => this.#run(pipeline, work, {}),
    });
  }

  #run<Result>(
    pipeline: LivePipeline,
    work: (turn: Turn) => Result | Promise<Result>,
    also: Omit<Commit, "events">,
  ): Promise<Result> {
    let turn: Turn | undefined;
    const job = async () => {
      // Throws for a pipeline that ended while this turn waited.
      this.pipeline(pipeline.graph.pipeline.id);
      const own = turn = new Turn(pipeline, this.#deps.clock);
      try {
        const result = await work(own);
        this.#commit(own, also);
        this.#index(own);
        if (also.removePipelines) this.#drop(pipeline);
        return result;
      } catch (error) {
        this.#undo(own, also);
        throw error;
      }
    };
    return pipeline.queue.run(job, () => turn && this.#undo(turn, also));
  }

  /** Nothing is left of what the turn did, and of a pipeline that it was to create. */
  #undo(turn: Turn, also: Omit<Commit, "events">): void {
    turn.undo();
    if (also.putPipelines) this.#drop(turn.pipeline);
  }

  #drop(pipeline: LivePipeline): void {
    if (this.#pipelines.delete(pipeline.graph.pipeline.id)) pipeline.close();
  }

  #commit(turn: Turn, also: Omit<Commit, "events">): void {
    turn.requireOpen();
    const { pipeline } = turn;
    const settled = pipeline.settle();
    for (const { elementId, action } of settled) turn.perform(elementId, [action]);
    const change = turn.commit();
    if (change || also.putPipelines || also.removePipelines) {
      const put = change?.putPipelines?.length ? change.putPipelines : also.putPipelines;
      const removed = also.removePipelines ? { removePipelines: also.removePipelines, putPipelines: [] } : {};
      this.#deps.commit({ ...also, ...change, putPipelines: put, ...removed });
    }
    turn.finish();
  }

  /** Keeps the way from ids to pipelines. */
  #index({ pipeline, touched, touchedSessions }: Turn): void {
    const { graph, sessions } = pipeline;
    this.#indexPart(pipeline, touched.elements, graph.elements);
    this.#indexPart(pipeline, touched.connections.keys(), graph.connections);
    this.#indexPart(pipeline, touchedSessions, sessions);
  }

  #indexPart(
    pipeline: LivePipeline,
    touched: Iterable<string>,
    present: { has(id: string): boolean },
  ): void {
    for (const id of touched) {
      if (present.has(id)) this.#homes.set(id, pipeline);
      else this.#homes.delete(id);
    }
  }
}
