import { AppError, type ErrorCode, type FieldError, newId } from "../../src/base/mod.ts";
import { describeModule, describeModules } from "../../src/command/kmd/describe_module.ts";
import { reviewElement, reviewPipeline } from "../../src/command/review.ts";
import { serverObjectId } from "../../src/command/types.ts";
import type {
  Commands,
  ConnectionView,
  Edit,
  ElementView,
  NewConnection,
  NewElement,
  NewPipeline,
  Page,
  PageQuery,
  PipelineView,
  Precondition,
  SessionView,
} from "../../src/command/mod.ts";
import { EventBus, EventCursor, type EventEnvelope, type NewEvent } from "../../src/event/mod.ts";
import { Registry } from "../../src/graph/mod.ts";
import Mixer from "../../src/elements/mixer/mod.ts";
import PassThrough from "../../src/elements/pass_through/mod.ts";
import WebRtcEndpoint from "../../src/elements/web_rtc_endpoint/mod.ts";
import { coreTypes } from "../../src/module/core_types.ts";
import { openStore } from "../../src/store/mod.ts";

/** The core types and some elements of this server, registered: built ones, and one that is only planned. */
export function ownRegistry(): Registry {
  const registry = new Registry();
  for (const definition of coreTypes) registry.register(definition, "the core");
  registry.register(WebRtcEndpoint, "web_rtc_endpoint/mod.ts");
  registry.register(PassThrough, "pass_through/mod.ts");
  registry.register(Mixer, "mixer/mod.ts");
  return registry;
}

type PipelineRow = Omit<PipelineView, "elements" | "connections">;

/**
 * The verbs over plain maps, without engine and media, for tests of doors. The idempotency table is the real one, in
 * memory; events are those that a test publishes.
 */
export class FakeCommands implements Commands {
  readonly registry = ownRegistry();
  readonly idempotency = openStore(":memory:").idempotency;
  readonly bus = new EventBus(8);
  /** The log; a test that wants a gap removes from its front. */
  readonly events: EventEnvelope[] = [];
  readonly sessions = new Map<string, SessionView>();
  /** Every call of invoke. */
  readonly invoked: { elementId: string; operation: string; input: unknown }[] = [];
  /** What invoke does; a test puts its own here. */
  onInvoke: (input: unknown) => unknown = (input) => input;
  /** Text of the bodies that were posted, by element. */
  readonly posted: { elementId: string; text: string }[] = [];
  /** Thrown by the next postBody, before it reads. */
  refuseBody: AppError | null = null;
  listeners = 0;
  #server: ReturnType<Commands["serverObject"]> = {
    id: serverObjectId,
    name: serverObjectId,
    tags: {},
    properties: {},
  };
  readonly #pipelines = new Map<string, PipelineRow>();
  readonly #elements = new Map<string, ElementView>();
  readonly #connections = new Map<string, ConnectionView>();

  describeModules(): ReturnType<Commands["describeModules"]> {
    return describeModules(this.registry);
  }

  moduleDescription(name: string): ReturnType<Commands["moduleDescription"]> {
    return describeModule(this.registry, name);
  }

  serverObject(): ReturnType<Commands["serverObject"]> {
    return this.#server;
  }

  editServer({ name = this.#server.name }: Edit): void {
    this.#server = { ...this.#server, name };
  }

  async describeServer(): ReturnType<Commands["describeServer"]> {
    return {
      name: "kaskado",
      version: "0.0.0",
      startedAtMs: 0,
      capabilities: ["whip", "whep", "sse"],
      codecs: { audio: ["opus"], video: ["VP8"] },
      media: [{
        port: 8888,
        addresses: ["127.0.0.1"],
        native: "ffi",
        packetsReceived: 2,
        packetsSent: 1,
        packetsUnsent: 0,
        drops: { malformed: 1 },
      }],
      limits: { pipelines: 100 },
      modules: this.describeModules(),
      metadata: null,
      object: this.serverObject(),
      load: {
        pipelines: this.#pipelines.size,
        elements: this.#elements.size,
        sessions: 0,
        rssBytes: 1,
        cpuSeconds: 1,
        cpuCount: 1,
      },
    };
  }

  reviewPipeline(body: unknown): FieldError[] {
    return reviewPipeline(this.registry, body);
  }

  reviewElement(body: unknown): FieldError[] {
    return reviewElement(this.registry, body);
  }

  async createPipeline(input: NewPipeline): Promise<PipelineView> {
    const id = newId();
    const name = input.name ?? id;
    if ([...this.#pipelines.values()].some((other) => other.name === name)) {
      throw new AppError(
        "pipeline_name_taken",
        `Cannot name a pipeline "${name}": it is taken, choose another`,
      );
    }
    const { tags = {}, properties = {} } = input;
    this.#pipelines.set(id, { id, name, origin: "client", tags, properties, createdAtMs: 1000, version: 1 });
    const made = await Promise.all((input.elements ?? []).map((element) => this.createElement(id, element)));
    const idOf = (end: string) => made.find((element) => element.name === end)?.id ?? end;
    for (const link of input.connections ?? []) {
      await this.connect({ ...link, source: idOf(link.source), sink: idOf(link.sink) });
    }
    return this.getPipeline(id);
  }

  listPipelines(query: Parameters<Commands["listPipelines"]>[0]): ReturnType<Commands["listPipelines"]> {
    const all = [...this.#pipelines.values()].filter((row) =>
      (query.name ?? row.name) === row.name && (!query.tag || row.tags[query.tag.key] === query.tag.value)
    );
    return pageOf(all.map((row) => ({ ...row, elementCount: 0, connectionCount: 0 })), query);
  }

  getPipeline(pipelineId: string): PipelineView {
    const row = found(this.#pipelines, pipelineId, "pipeline_not_found");
    const within = (item: { pipelineId: string }) => item.pipelineId === pipelineId;
    return {
      ...row,
      elements: [...this.#elements.values()].filter(within),
      connections: [...this.#connections.values()].filter(within),
    };
  }

  async editPipeline(pipelineId: string, edit: Edit, precondition?: Precondition): Promise<PipelineView> {
    const row = found(this.#pipelines, pipelineId, "pipeline_not_found");
    requireVersion(row.version, precondition);
    this.#pipelines.set(pipelineId, edited(row, edit));
    return this.getPipeline(pipelineId);
  }

  async releasePipeline(pipelineId: string, precondition?: Precondition): Promise<void> {
    requireVersion(found(this.#pipelines, pipelineId, "pipeline_not_found").version, precondition);
    this.#pipelines.delete(pipelineId);
  }

  drawPipeline(_pipelineId: string, format: "dot" | "svg"): string {
    return format === "dot" ? "digraph {}" : "<svg/>";
  }

  pipelineStats = async (pipelineId: string) => stats(this.getPipeline(pipelineId).id);

  async createElement(pipelineId: string, input: NewElement): Promise<ElementView> {
    found(this.#pipelines, pipelineId, "pipeline_not_found");
    this.registry.creatable(input.type);
    const id = newId();
    const { type, name = id, options = {}, properties = {}, tags = {} } = input;
    const own = { id, pipelineId, type, name, options, properties, tags };
    const element: ElementView = { ...own, parentId: null, sessionId: null, createdAtMs: 2000, version: 1 };
    this.#elements.set(id, element);
    return element;
  }

  listElements(query: Parameters<Commands["listElements"]>[0]): Page<ElementView> {
    const fits = (element: ElementView) =>
      (query.pipelineId ?? element.pipelineId) === element.pipelineId &&
      (query.type ?? element.type) === element.type;
    return pageOf([...this.#elements.values()].filter(fits), query);
  }

  getElement(elementId: string): ElementView {
    return found(this.#elements, elementId, "element_not_found");
  }

  async editElement(elementId: string, edit: Edit, precondition?: Precondition): Promise<ElementView> {
    const element = this.getElement(elementId);
    requireVersion(element.version, precondition);
    this.#elements.set(elementId, edited(element, edit));
    return this.getElement(elementId);
  }

  async releaseElement(elementId: string, precondition?: Precondition): Promise<void> {
    requireVersion(this.getElement(elementId).version, precondition);
    this.#elements.delete(elementId);
  }

  async invoke(elementId: string, operation: string, input: unknown): Promise<unknown> {
    this.describeObject(elementId);
    this.invoked.push({ elementId, operation, input });
    return await this.onInvoke(input);
  }

  describeObject(objectId: string): ReturnType<Commands["describeObject"]> {
    const type = (name: string) => this.registry.get(name);
    if (objectId === serverObjectId) {
      const childIds = this.pipelineIds();
      return { id: objectId, definition: type("ServerManager"), parentId: null, pipelineId: null, childIds };
    }
    const inside = (parentId: string | null) =>
      [...this.#elements.values()].filter((each) => each.parentId === parentId);
    if (this.#pipelines.has(objectId)) {
      const childIds = inside(null).filter((each) => each.pipelineId === objectId).map(({ id }) => id);
      return {
        id: objectId,
        definition: type("MediaPipeline"),
        parentId: null,
        pipelineId: objectId,
        childIds,
      };
    }
    const { id, type: name, pipelineId, parentId } = this.getElement(objectId);
    const childIds = inside(id).map((port) => port.id);
    return { id, definition: type(name), parentId: parentId ?? pipelineId, pipelineId, childIds };
  }

  getProperty(objectId: string, name: string): unknown {
    const row: PipelineRow | ElementView = this.#pipelines.get(objectId) ?? this.getElement(objectId);
    return name === "name" ? row.name : row.properties[name];
  }

  async setProperty(objectId: string, name: string, value: unknown): Promise<void> {
    const row: PipelineRow | ElementView = this.#pipelines.get(objectId) ?? this.getElement(objectId);
    if (name === "name") row.name = String(value);
    else row.properties = { ...row.properties, [name]: value };
  }

  pipelineIds(): string[] {
    return [...this.#pipelines.keys()];
  }

  elementStats = async (elementId: string) => stats(this.getElement(elementId).id);

  async connect(input: NewConnection): Promise<ConnectionView[]> {
    const { pipelineId } = this.getElement(input.source);
    this.getElement(input.sink);
    const kinds = input.media ? [input.media] : ["audio", "video"] as const;
    return kinds.map((media) => this.#link(pipelineId, { ...input, media }));
  }

  listConnections(elementId: string, direction?: "incoming" | "outgoing"): ConnectionView[] {
    this.getElement(elementId);
    return [...this.#connections.values()].filter((link) =>
      (direction !== "incoming" && link.source === elementId) ||
      (direction !== "outgoing" && link.sink === elementId)
    );
  }

  getConnection(connectionId: string): ConnectionView {
    return found(this.#connections, connectionId, "connection_not_found");
  }

  async removeConnection(connectionId: string): Promise<void> {
    this.#connections.delete(connectionId);
  }

  async disconnect(input: NewConnection): Promise<void> {
    for (const link of this.listConnections(input.source, "outgoing")) {
      if (link.sink === input.sink) this.#connections.delete(link.id);
    }
  }

  listSessions(query: Parameters<Commands["listSessions"]>[0]): Page<SessionView> {
    return pageOf(
      [...this.sessions.values()].filter((each) => (query.kind ?? each.kind) === each.kind),
      query,
    );
  }

  getSession(sessionId: string): SessionView {
    return found(this.sessions, sessionId, "session_not_found");
  }

  async closeSession(sessionId: string): Promise<void> {
    found(this.sessions, sessionId, "session_not_found");
    this.sessions.delete(sessionId);
  }

  openSession = refuseSession;
  answerSession = refuseSession;
  patchSession = refuseSession;

  listRecordings = async () => ({ items: [], nextCursor: null });
  getRecording = refuseRecording;
  recordingFile = refuseRecording;
  deleteRecording = refuseRecording;

  async postBody(elementId: string, body: ReadableStream<Uint8Array>): Promise<void> {
    if (this.refuseBody) throw this.refuseBody;
    this.posted.push({ elementId, text: await new Response(body as BodyInit).text() });
  }

  openCursor: Commands["openCursor"] = (filter, after) => {
    const { events } = this;
    const log = {
      readSince: (seq: number, limit: number) => events.filter((event) => event.seq > seq).slice(0, limit),
      oldest: () => events[0]?.seq ?? 0,
      newest: () => events.at(-1)?.seq ?? 0,
    };
    return new EventCursor(log, this.bus, filter, after ?? log.newest());
  };

  onEvents(listener: () => void): () => void {
    const stop = this.bus.subscribe(listener);
    this.listeners++;
    return () => {
      stop();
      this.listeners--;
    };
  }

  /** Commits one event, numbered. */
  publish(event: Partial<NewEvent> & { type: string }): void {
    const seq = (this.events.at(-1)?.seq ?? 0) + 1;
    const blank = { timeMs: 3000, pipelineId: null, elementId: null, sessionId: null, tags: [], data: {} };
    const whole = { ...blank, ...event, seq };
    this.events.push(whole);
    this.bus.publish([whole]);
  }

  #link(pipelineId: string, input: NewConnection & { media: ConnectionView["media"] }): ConnectionView {
    const { source, sink, media, sourceDescription = "default", sinkDescription = "default" } = input;
    const ends = { source, sink, media, sourceDescription, sinkDescription };
    const link = { id: newId(), pipelineId, ...ends, createdAtMs: 2500 };
    this.#connections.set(link.id, link);
    return link;
  }
}

async function refuseSession(): Promise<never> {
  throw new AppError("operation_not_supported", "Cannot open a session: these commands have no media");
}

async function refuseRecording(): Promise<never> {
  throw new AppError("recording_not_found", "Cannot find a recording: these commands have no files");
}

function found<Row>(rows: ReadonlyMap<string, Row>, id: string, code: ErrorCode): Row {
  const row = rows.get(id);
  if (row) return row;
  throw new AppError(code, `Cannot find "${id}": there is none, list them to see what there is`);
}

function requireVersion(version: number, precondition: Precondition = {}): void {
  if ((precondition.ifVersion ?? version) === version) return;
  throw new AppError(
    "precondition_failed",
    "Cannot change the resource: it has changed since, read it again",
  );
}

function edited<Row extends { name: string; tags: Record<string, string>; version: number }>(
  row: Row,
  edit: Edit,
): Row {
  const tags = Object.fromEntries(
    Object.entries({ ...row.tags, ...edit.tags }).filter((entry): entry is [string, string] =>
      entry[1] !== null
    ),
  );
  return { ...row, name: edit.name ?? row.name, tags, version: row.version + 1 };
}

/** Pages whose cursor is the number of items already shown. */
function pageOf<Item>(items: Item[], query: PageQuery): Page<Item> {
  const start = Number(query.cursor ?? 0);
  if (Number.isNaN(start)) {
    throw new AppError("cursor_invalid", "Cannot read the cursor: it is not ours, start anew");
  }
  const end = start + query.limit;
  return { items: items.slice(start, end), nextCursor: end < items.length ? String(end) : null };
}

function stats(id: string) {
  return { [id]: { id, type: "element", timestampMs: 4000 } };
}
