import type { FieldError } from "../base/mod.ts";
import type { EventCursor, EventFilter } from "../event/mod.ts";
import type {
  Definition,
  MediaKind,
  PipelineOrigin,
  Recording,
  Registry,
  ServerObject,
  Session,
} from "../graph/mod.ts";
import type { Store } from "../store/mod.ts";
import type { ModuleDescription } from "./kmd/types.ts";

/** A page of a list and where the next one starts; `nextCursor` is null on the last page. */
export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

export interface PageQuery {
  /** 1–1000. */
  limit: number;
  /** What an earlier page gave as `nextCursor`. */
  cursor?: string;
}

/** What every door shows of a pipeline. */
export interface PipelineView {
  id: string;
  name: string;
  origin: PipelineOrigin;
  tags: Record<string, string>;
  properties: Record<string, unknown>;
  createdAtMs: number;
  version: number;
  elements: ElementView[];
  connections: ConnectionView[];
}

export type PipelineSummary = Omit<PipelineView, "elements" | "connections"> & {
  elementCount: number;
  connectionCount: number;
};

export interface ElementView {
  id: string;
  pipelineId: string;
  type: string;
  name: string;
  options: Record<string, unknown>;
  /** Every property of the type: settable ones with their value or default, read-only ones as they are now. */
  properties: Record<string, unknown>;
  tags: Record<string, string>;
  sessionId: string | null;
  /** The hub a port belongs to; null for what stands in the pipeline itself. */
  parentId: string | null;
  createdAtMs: number;
  version: number;
}

export interface ConnectionView {
  id: string;
  pipelineId: string;
  source: string;
  sink: string;
  media: MediaKind;
  sourceDescription: string;
  sinkDescription: string;
  createdAtMs: number;
}

export interface NewElement {
  type: string;
  name?: string;
  options?: Record<string, unknown>;
  properties?: Record<string, unknown>;
  tags?: Record<string, string>;
}

/** Ends are element ids, or in a whole-graph request names of elements of the same request. */
export interface NewConnection {
  source: string;
  sink: string;
  /** Absent: every kind that both ends have a pad for. */
  media?: MediaKind;
  sourceDescription?: string;
  sinkDescription?: string;
}

export interface NewPipeline {
  name?: string;
  /** Default "client". */
  origin?: PipelineOrigin;
  tags?: Record<string, string>;
  properties?: Record<string, unknown>;
  elements?: NewElement[];
  connections?: NewConnection[];
}

/** A change of what a client may set. Tags with value null are removed; absent ones stay. */
export interface Edit {
  name?: string;
  properties?: Record<string, unknown>;
  tags?: Record<string, string | null>;
}

/** Refuse with precondition_failed unless the resource has this version; absent: do it anyway. */
export interface Precondition {
  ifVersion?: number;
}

/** Where a session is wanted: at a stream by name, or at one element of any graph. */
export type SessionPlace = { stream: string } | { elementId: string };

export interface SessionRequest {
  kind: "whip" | "whep";
  place: SessionPlace;
  /** The client's offer; null makes this server offer (a WHEP counter-offer). */
  offer: string | null;
  remoteAddress: string | null;
  userAgent: string | null;
}

export interface SessionView extends Session {
  /** Changes with each ICE restart; without quotes. */
  iceGeneration: string;
}

export interface OpenedSession {
  session: SessionView;
  /** The answer, or this server's offer where none was given. */
  description: string;
}

export interface ServerView {
  name: "kaskado";
  version: string;
  startedAtMs: number;
  /** What is built and can be relied on, e.g. "whip", "whep", "sse". */
  capabilities: string[];
  codecs: { audio: string[]; video: string[] };
  media: MediaPortView[];
  limits: Record<string, number>;
  modules: { name: string; version: string; types: string[] }[];
  /** What whoever runs the server says of it, null for nothing. */
  metadata: unknown;
  /** The server as an object: what clients may change of it. */
  object: ServerObject;
  load: {
    pipelines: number;
    elements: number;
    sessions: number;
    rssBytes: number;
    /** Processor time since the start, of all threads. */
    cpuSeconds: number;
    /** Processors that this process may use. */
    cpuCount: number;
  };
}

/** One UDP port; counts are since the start. */
export interface MediaPortView {
  port: number;
  addresses: string[];
  native: "ffi" | "portable";
  packetsReceived: number;
  packetsSent: number;
  /** What the socket buffer or the network would not take. */
  packetsUnsent: number;
  /** Datagrams that were dropped, by reason. */
  drops: Record<string, number>;
}

/** The one object that is the server itself, under Kurento's id. */
export const serverObjectId = "manager_ServerManager";

/** What any object is, whatever its place. */
export interface ObjectView {
  id: string;
  definition: Definition;
  /** Null for the server and for pipelines. */
  parentId: string | null;
  /** Null for the server. */
  pipelineId: string | null;
  /** Ids of what lives in it, in order of creation. */
  childIds: string[];
}

/** Figures of one element, keyed by a stats id that is stable while the stream lasts; see the W3C webrtc-stats names. */
export type StatsView = Record<
  string,
  Record<string, unknown> & { id: string; type: string; timestampMs: number }
>;

/**
 * One entry of the operation getStats, with exactly the fields of a class of Kurento's: RTCInboundRTPStreamStats,
 * RTCOutboundRTPStreamStats, RTCDataChannelStats or RTCPeerConnectionStats.
 */
export type KurentoStats = Record<string, unknown> & {
  id: string;
  type: "inboundrtp" | "outboundrtp" | "datachannel" | "session" | "element" | "endpoint";
  timestampMillis: number;
};

/** A file that a recorder wrote. */
export interface RecordingView {
  /** Path below the media folder, with slashes. */
  name: string;
  /** "interrupted": it was not closed in good order, and plays to about its last second. */
  state: Recording["state"];
  profile: string;
  /** As `Content-Type` has it. */
  contentType: string;
  /** Of all its files, where a playlist names more. */
  sizeBytes: number;
  /** Of what is in it; while it is written, and of an interrupted one, as of at most a second ago. */
  durationMs: number;
  tracks: Recording["tracks"];
  /** The recorder and its pipeline, which may be gone. */
  pipelineId: string;
  elementId: string;
  startedAtMs: number;
}

/** A file to be read. */
export interface RecordingFile {
  /** In the file system, absolute, without links on the way. */
  path: string;
  contentType: string;
  sizeBytes: number;
  modifiedAtMs: number;
}

/** Every verb of the server. Doors call these and nothing else. Each throws AppError only. */
export interface Commands {
  readonly registry: Registry;
  readonly idempotency: Store["idempotency"];

  describeServer(): Promise<ServerView>;
  /** The server as an object, as clients left it. */
  serverObject(): ServerObject;
  /** Changes name, tags and properties of the server itself; throws body_invalid. */
  editServer(edit: Edit): void;
  /** Every module, in order of registration, with the names of its types that are not abstract. */
  describeModules(): { name: string; version: string; types: string[] }[];
  /** The interface description of one module, in the shape of Kurento's `.kmd.json`; throws module_not_found. */
  moduleDescription(name: string): ModuleDescription;

  createPipeline(input: NewPipeline): Promise<PipelineView>;
  listPipelines(
    query: PageQuery & { name?: string; tag?: { key: string; value: string } },
  ): Page<PipelineSummary>;
  /** What is wrong with the elements of a body for `createPipeline` whose shape was refused. */
  reviewPipeline(body: unknown): FieldError[];
  getPipeline(pipelineId: string): PipelineView;
  editPipeline(pipelineId: string, edit: Edit, precondition?: Precondition): Promise<PipelineView>;
  releasePipeline(pipelineId: string, precondition?: Precondition): Promise<void>;
  drawPipeline(pipelineId: string, format: "dot" | "svg"): string;
  pipelineStats(pipelineId: string): Promise<StatsView>;

  createElement(pipelineId: string, input: NewElement): Promise<ElementView>;
  /** What is wrong with a body for `createElement` whose shape was refused. */
  reviewElement(body: unknown): FieldError[];
  listElements(query: PageQuery & { pipelineId?: string; type?: string }): Page<ElementView>;
  getElement(elementId: string): ElementView;
  editElement(elementId: string, edit: Edit, precondition?: Precondition): Promise<ElementView>;
  releaseElement(elementId: string, precondition?: Precondition): Promise<void>;
  /**
   * Runs an operation of an object's type; `input` is checked against the definition. The object is an element (hubs
   * included), a pipeline, or the server itself (`serverObjectId`).
   */
  invoke(objectId: string, operation: string, input: unknown): Promise<unknown>;
  /** What an object is: its definition, and where it stands. Throws element_not_found for an id that nobody has. */
  describeObject(objectId: string): ObjectView;
  /** Value of one property as it is now; those of MediaObject (id, name, children, …) included. */
  getProperty(objectId: string, name: string): unknown;
  setProperty(objectId: string, name: string, value: unknown): Promise<void>;
  /** Every live pipeline id in order of creation. */
  pipelineIds(): string[];
  elementStats(elementId: string): Promise<StatsView>;

  connect(input: NewConnection): Promise<ConnectionView[]>;
  /** Connections that start ("outgoing"), end ("incoming") or either at the element. */
  listConnections(elementId: string, direction?: "incoming" | "outgoing"): ConnectionView[];
  getConnection(connectionId: string): ConnectionView;
  removeConnection(connectionId: string): Promise<void>;
  disconnect(input: NewConnection): Promise<void>;

  openSession(request: SessionRequest): Promise<OpenedSession>;
  listSessions(
    query: PageQuery & { kind?: "whip" | "whep"; pipelineId?: string; stream?: string },
  ): Page<SessionView>;
  getSession(sessionId: string): SessionView;
  /** Takes the client's answer to our counter-offer; offer_not_generated or answer_processed when none is owed. */
  answerSession(sessionId: string, answer: string): Promise<void>;
  /**
   * Trickled candidates (fragment null in the result) or an ICE restart (our fragment in it). Refused with
   * precondition_failed unless the session, when its turn comes, still has `ifGeneration` as its iceGeneration.
   */
  patchSession(
    sessionId: string,
    fragment: string,
    precondition?: { ifGeneration?: string },
  ): Promise<{ fragment: string | null; session: SessionView }>;
  closeSession(sessionId: string): Promise<void>;

  /**
   * Gives a body to the element that takes some (HttpPostEndpoint), as it arrives. Resolves when it was read to its end;
   * rejects with media_invalid for what is no media, with body_stalled where it stops coming, with body_in_flight while
   * another one is being taken.
   */
  postBody(elementId: string, body: ReadableStream<Uint8Array>): Promise<void>;

  /** Files that recorders wrote and that are there, in order of their beginnings. */
  listRecordings(
    query: PageQuery & { pipelineId?: string; elementId?: string; state?: Recording["state"] },
  ): Promise<Page<RecordingView>>;
  /** `name` is the path below the media folder; throws recording_not_found. */
  getRecording(name: string): Promise<RecordingView>;
  /** Where the bytes of a recording are: of the file itself, or of one that its playlist names (`part`). */
  recordingFile(name: string, part?: string): Promise<RecordingFile>;
  /** Removes the file, with those that its playlist names; throws recording_active while it is being written. */
  deleteRecording(name: string): Promise<void>;

  /** A reader of events that have a number above `after`; `after` null starts at the present. */
  openCursor(filter: EventFilter, after: number | null): EventCursor;
  /** Calls back after each commit; returns the way to stop. */
  onEvents(listener: () => void): () => void;
}
