import { AppError, assert, type Clock, createLog } from "../base/mod.ts";
import type { NewEvent } from "../event/mod.ts";
import {
  allOf,
  type Change,
  type Element,
  elementOf,
  eventTags,
  type Graph,
  planAll,
  type PlannedEvent,
  type Session,
  type Touched,
} from "../graph/mod.ts";
import type { Action } from "../module/mod.ts";
import type { Commit } from "../store/mod.ts";
import { AllTouched, difference } from "./difference.ts";
import type { LiveElement } from "./live_element.ts";
import type { LivePipeline } from "./live_pipeline.ts";
import { RecordingChanges } from "./recording_changes.ts";
import { SessionChanges } from "./session_changes.ts";

const log = createLog("engine");

/**
 * One turn of a pipeline: what a command or something from below changes, taken together. Effects happen at once and
 * are undone when the turn fails; rows and events are written when it ends, in one commit; what leaves the pipeline is
 * stopped after that.
 */
export class Turn {
  readonly pipeline: LivePipeline;
  readonly #clock: Clock;
  readonly #before: Graph;
  #graph: Graph;
  readonly #events: NewEvent[] = [];
  readonly #started: LiveElement[] = [];
  readonly #stopping: LiveElement[] = [];
  readonly #sessions: SessionChanges;
  readonly #recordings: RecordingChanges;
  /** What may differ from the state before; nothing else does. */
  readonly touched = new AllTouched();
  #over = false;

  constructor(pipeline: LivePipeline, clock: Clock) {
    this.pipeline = pipeline;
    this.#clock = clock;
    this.#before = pipeline.graph;
    this.#graph = pipeline.graph;
    this.#sessions = new SessionChanges(pipeline.sessions);
    this.#recordings = new RecordingChanges(pipeline.graph.pipeline.id);
  }

  /** The graph as this turn has left it so far. */
  get graph(): Graph {
    return this.#graph;
  }

  /** True when this turn changed the graph. */
  get changed(): boolean {
    return this.#graph !== this.#before;
  }

  /** Changes the graph and starts what has to start. Throws, with nothing changed, when that cannot be. */
  change(...changes: Change[]): void {
    this.requireOpen();
    const plan = planAll(this.#graph, changes, this.pipeline.padsOf);
    for (const { kind, element } of plan.effects) if (kind === "stop") this.#endSessionsOf(element);
    this.#graph = plan.graph;
    this.touched.add(plan.touched);
    this.pipeline.replaceGraph(plan.graph, plan.touched);
    for (const event of plan.events) this.#record(event);
    for (const effect of plan.effects) {
      if (effect.kind === "start") this.#start(effect.element);
      else this.#stopLater(effect.element, plan.touched);
    }
  }

  /** The live side of an element that is in the graph. */
  live(elementId: string): LiveElement {
    elementOf(this.#graph, elementId);
    const live = this.pipeline.live(elementId);
    assert(live, "every element of the graph is alive");
    return live;
  }

  /** Carries out what handlers of an element want done. */
  perform(elementId: string, actions: readonly Action[]): void {
    this.requireOpen();
    for (const action of actions) this.#performOne(elementId, action);
  }

  record(event: PlannedEvent): void {
    this.#record(event);
  }

  session(sessionId: string): Session | undefined {
    return this.#sessions.get(sessionId);
  }

  putSession(session: Session): void {
    this.requireOpen();
    const isNew = this.#sessions.get(session.id) === undefined;
    this.#sessions.put(session);
    const { id, kind, stream, state } = session;
    this.#record(
      {
        type: isNew ? "SessionStarted" : "SessionStateChanged",
        elementId: session.elementId,
        data: { sessionId: id, kind, stream, state },
      },
      id,
    );
  }

  /** Ends a session and with it the element that was made for it. */
  endSession(sessionId: string, reason: string): void {
    this.requireOpen();
    const session = this.#sessions.get(sessionId);
    if (!session) return;
    this.#forgetSession(session, reason);
    if (this.#graph.elements.get(session.elementId)?.sessionId === sessionId) {
      this.change({ kind: "removeElement", elementId: session.elementId });
    }
  }

  /** Ids of sessions that this turn changed, started or ended. */
  get touchedSessions(): string[] {
    const rows = this.#sessions.rows();
    return rows ? [...rows.putSessions.map(({ id }) => id), ...rows.removeSessions] : [];
  }

  /** Throws when this turn is over: it missed its deadline and was undone, and others have had theirs since. */
  requireOpen(): void {
    if (!this.#over) return;
    throw new AppError(
      "turn_deadline",
      "Cannot go on with the request: it took too long and was given up, ask again",
    );
  }

  /** What has to be written; null when this turn changed nothing that is kept. */
  commit(): Commit | null {
    const rows = difference(this.#before, this.#graph, this.touched);
    const sessions = this.#sessions.rows();
    const recordings = this.#recordings.rows();
    if (rows === null && sessions === null && recordings === null && this.#events.length === 0) return null;
    return { ...rows, ...sessions, ...recordings, events: this.#events };
  }

  /** To be called once the commit is written. */
  finish(): void {
    this.#over = true;
    this.pipeline.sessions = this.#sessions.done();
    for (const live of this.#stopping) this.pipeline.forget(live);
  }

  /** Takes back what this turn did to live elements. */
  undo(): void {
    if (this.#over) return;
    this.#over = true;
    if (!this.changed) return;
    // Senders may have been bound for the graph that is not to be: all that was touched is looked at again.
    this.pipeline.replaceGraph(this.#before, this.touched);
    for (const live of this.#started.reverse()) this.pipeline.forget(live);
    this.pipeline.settle();
  }

  #forgetSession(session: Session, reason: string): void {
    const { id: sessionId, kind, stream, elementId } = session;
    this.#sessions.remove(sessionId);
    this.#record({ type: "SessionEnded", elementId, data: { sessionId, kind, stream, reason } }, sessionId);
  }

  /** Before the element goes, so that followers hear of the end of its sessions first. */
  #endSessionsOf(element: Element): void {
    for (const session of this.#sessions.of(element)) this.#forgetSession(session, "elementReleased");
  }

  #start(element: Element): void {
    try {
      this.#started.push(this.pipeline.start(element));
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw new AppError(
        "element_start_failed",
        `Cannot start element "${element.name}": ${element.type} failed while starting, the log says why`,
        { internal: error },
      );
    }
  }

  #stopLater(element: Element, touched: Touched): void {
    const live = this.pipeline.live(element.id);
    if (live) this.#stopping.push(live);
    const hub = element.parentId !== null && this.#graph.elements.has(element.parentId)
      ? this.pipeline.live(element.parentId)
      : undefined;
    if (!hub) return;
    // A port that something entered may have fed others.
    for (const link of touched.connections.values()) {
      if (link.sink === element.id) this.pipeline.reroute(hub.elementId);
    }
    this.perform(hub.elementId, hub.instance.onPortGone?.(element.id) ?? []);
  }

  #performOne(elementId: string, action: Action): void {
    switch (action.do) {
      case "emit":
        return this.#emit(elementId, action.event, action.data);
      case "requestKeyframe":
        return this.pipeline.requestKeyframe(elementId);
      case "keep":
        return this.change({ kind: "keep", elementId, kept: action.values });
      case "reroute":
        return this.pipeline.reroute(elementId);
      case "endOfStream":
        return this.#tellEnd(elementId);
      case "recorded":
        return this.#recordings.put(elementId, action.file);
      case "sessionConnected": {
        const session = this.#sessions.get(action.sessionId);
        this.pipeline.hadPeer = true;
        if (session && session.state !== "connected") this.putSession({ ...session, state: "connected" });
        return;
      }
      case "sessionEnded":
        return this.endSession(action.sessionId, action.reason);
    }
  }

  /** A sink is told once, whatever kinds of media end there, and not while another kind comes that goes on. */
  #tellEnd(elementId: string): void {
    const source = this.pipeline.live(elementId);
    if (source) source.hasEnded = true;
    for (const sink of this.pipeline.sinksOf(elementId)) {
      if (!sink.isFedOn) this.perform(sink.elementId, sink.instance.onEndOfStream?.() ?? []);
    }
  }

  #emit(elementId: string, type: string, data: Record<string, unknown>): void {
    const live = this.pipeline.live(elementId);
    if (!live) return;
    if (!Object.hasOwn(allOf(live.definition, "events"), type)) {
      log.error("Cannot emit an event that the element's definition does not have", {
        type,
        element: live.definition.type,
      });
      return;
    }
    this.#record({ type, elementId, data });
  }

  #record(event: PlannedEvent, sessionId: string | null = null): void {
    const { pipeline, elements } = this.#graph;
    const element = event.elementId === null ? undefined : elements.get(event.elementId) ??
      this.#before.elements.get(event.elementId);
    const owner = element ?? pipeline;
    this.#events.push({
      type: event.type,
      timeMs: this.#clock.now(),
      pipelineId: pipeline.id,
      elementId: event.elementId,
      sessionId: sessionId ?? element?.sessionId ?? null,
      tags: eventTags(owner),
      data: event.data,
    });
  }
}
