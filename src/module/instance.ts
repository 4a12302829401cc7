import type { MediaKind } from "../graph/mod.ts";
import type {
  CertificateKeyType,
  DataChannelInfo,
  DataChannelWish,
  IceOptions,
  NegotiatedMedia,
  Peer,
  PeerEnd,
} from "../peer/mod.ts";
import type { RembParameters } from "../plane/mod.ts";
import type { Action, Outcome } from "./action.ts";

export type { DataChannelInfo, DataChannelWish, FragmentResult, IceOptions } from "../peer/mod.ts";
export type { RembParameters } from "../plane/mod.ts";

/** The live side of one element. All of it runs inside turns of the element's pipeline, one at a time. */
export interface ElementInstance {
  /** One handler per operation of the definition, inherited ones included unless the engine has them. */
  readonly operations?: Readonly<Record<string, OperationHandler>>;
  /** Read-only properties, computed when asked for. */
  readonly computed?: Readonly<Record<string, () => unknown>>;
  /** Takes WHIP and WHEP sessions; absent on elements that cannot. */
  readonly session?: SessionHandler;
  /** Packets of one kind began or ceased to come from outside. */
  readonly onMedia?: (active: boolean) => Action[];
  /** A settable property was changed by a client; `property` already gives the new value. A throw refuses the change. */
  readonly onProperty?: (name: string) => Action[];
  /** A message entered the sink pad of kind data. Runs outside of turns, per message: no events from here. */
  readonly onData?: (message: DataMessage) => void;
  /** Hubs: the port whose sink pad feeds the source pad of `portId` now, or null. Asked whenever routing is computed. */
  readonly route?: (portId: string, media: MediaKind) => string | null;
  /** Hubs: this port is leaving; `route` must not name it any more. */
  readonly onPortGone?: (portId: string) => Action[];
}

/** One message of kind data, as data channels carry them (RFC 8831): text, or bytes. */
export interface DataMessage {
  readonly payload: string | Uint8Array;
  /** Label of the channel it came by; "" when it came by none. A sink with several channels picks the one of this label. */
  readonly label: string;
}

export type OperationHandler = (input: never) => Outcome | Promise<Outcome>;

/** Makes the live side of an element. A throw refuses its creation; what `ctx` opened by then is closed. */
export type CreateElement<Options = never> = (ctx: ElementContext, options: Options) => ElementInstance;

/** What a session of HTTP asks of an element. */
export interface SessionHandler {
  /** Starts a session on this element; one that runs already is taken over. Returns the description to send. */
  open(request: { sessionId: string; kind: "whip" | "whep"; offer: string | null }): Outcome<SessionStart>;
  answer(sdp: string): Outcome<null>;
  patch(fragment: string): Outcome<{ fragment: string | null; iceGeneration: string }>;
  close(): Outcome<null>;
  /** The session that runs on this element now. */
  readonly current: string | null;
  readonly iceGeneration: string;
}

export interface SessionStart {
  description: string;
  /** The session whose place the new one took, null when the element was free. */
  takenOver: string | null;
}

/** What an element may use of the house. */
export interface ElementContext {
  readonly elementId: string;
  /** Milliseconds since the Unix epoch, fractional, never going back. */
  nowMs(): number;
  /** Value of a settable property as it is now. */
  property(name: string): unknown;
  /** The hub this port belongs to, null for other elements. */
  readonly parentId: string | null;
  /** Hubs: ids of its ports, in order of creation; [] for other elements. */
  ports(): readonly string[];
  /** What `keep` kept last, {} when it kept nothing yet. */
  kept(): Readonly<Record<string, unknown>>;
  /** Sends a message out of the source pad of kind data, at once, to every sink that is connected now. */
  sendData(message: DataMessage): void;
  /** Runs `work` in a later turn of the pipeline and carries out what it returns; nothing once the element is gone. */
  later(work: () => Action[]): void;
  /** What flows into the sink pad of this kind now, or null. */
  feeding(media: MediaKind): { codec: string; format: string } | null;
  /** True while packets enter this element's sink pad ("in") or leave its source pad ("out"). */
  flowing(direction: "in" | "out", media: MediaKind): boolean;
  /** Opens a WebRTC session. It is closed with the element if nobody closes it before. */
  openPeer(wish: PeerWish, handlers: PeerHandlers): PeerHandle;
}

/** What the element wants of a peer; codecs and addresses are the house's matter. */
export interface PeerWish {
  receive: boolean;
  send: boolean;
  rules: "whip" | "whep" | null;
  maxReceiveKbps: { audio: number; video: number };
  /** Negotiate data channels (RFC 8831). Default false. */
  data?: boolean;
  /** Default "ECDSA". */
  certificateKeyType?: CertificateKeyType;
  /** Default: what the settings of this server say. */
  ice?: Partial<IceOptions>;
  /** DiffServ code point of what is sent to the peer, 0–63 (RFC 8837). Default 0. */
  dscp?: number;
  /** Only these upper-case codec names of the kind are negotiated; absent: all that the house has. */
  onlyCodecs?: { audio?: string[]; video?: string[] };
}

/** Bounds and estimator of one peer's media rates; kbit/s, 0 for no bound. May change while media flows. */
export interface PeerRates {
  /** What the peer is asked to send at least and at most (REMB towards it). */
  minReceiveKbps: number;
  maxReceiveKbps: number;
  /** What is sent to the peer at least, whatever it reports, and at most. */
  minSendKbps: number;
  maxSendKbps: number;
  remb: RembParameters;
}

/** Told inside a later turn; each returns what it wants done. */
export interface PeerHandlers {
  iceState(state: Peer["iceState"]): Action[];
  dtlsState(state: Peer["dtlsState"]): Action[];
  selected(pair: { localCandidate: string; remoteCandidate: string }): Action[];
  ended(end: PeerEnd, detail: string): Action[];
  /** A local candidate was found after the description was made: "candidate:…" text (RFC 8839 section 5.1). */
  candidate?(candidate: string): Action[];
  /** Every local candidate is known and in the local description. */
  gathered?(): Action[];
  /** A data channel opened or closed, from either side. */
  dataChannel?(channel: DataChannelInfo): Action[];
  /** A message came by a data channel. Runs outside of turns. */
  dataMessage?(channelId: number, message: DataMessage): void;
}

/** A peer whose negotiated media the engine ties to the element's pads by itself. */
export interface PeerHandle
  extends Pick<Peer, "iceState" | "dtlsState" | "localDescription" | "remoteDescription" | "selectedPair"> {
  readonly media: readonly NegotiatedMedia[];
  processOffer(sdp: string): string;
  generateOffer(wanted: { audio: boolean; video: boolean }): string;
  processAnswer(sdp: string): void;
  addRemoteCandidate(candidate: string, mid: string | null, mLineIndex: number | null): void;
  processFragment(fragment: string): ReturnType<Peer["processFragment"]>;
  /** Candidates of this side beyond those of the first description are looked for; told by `candidate`, `gathered`. */
  gather(): void;
  readonly dataChannels: readonly DataChannelInfo[];
  createDataChannel(wish: DataChannelWish): number;
  closeDataChannel(channelId: number): void;
  /** False when the channel is not open, its buffer is full, or the other side takes no message of this size. */
  sendData(channelId: number, payload: string | Uint8Array): boolean;
  setRates(rates: PeerRates): void;
  close(): void;
}
