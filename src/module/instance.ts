import type { Timer } from "../base/mod.ts";
import type {
  BitrateWish,
  BodyEnd,
  MediaRules,
  PlaySpec,
  ProgramEvent,
  ReceiveSpec,
  RecordSpec,
} from "../frame/mod.ts";
import type { MediaKind } from "../graph/mod.ts";
import type {
  CertificateKeyType,
  DataChannelInfo,
  DataChannelWish,
  IceOptions,
  NegotiatedMedia,
  Peer,
  PeerEnd,
  RtpSession,
  SdesKey,
} from "../peer/mod.ts";
import type { RembParameters } from "../plane/mod.ts";
import type { Action, Outcome } from "./action.ts";

export type { DataChannelInfo, DataChannelWish, FragmentResult, IceOptions, SdesKey } from "../peer/mod.ts";
export type { BodyEnd, ProgramEvent, RecordProfile } from "../frame/mod.ts";
export type { Timer } from "../base/mod.ts";
export type { RembParameters } from "../plane/mod.ts";

/** The live side of one element. All of it runs inside turns of the element's pipeline, one at a time. */
export interface ElementInstance {
  /** One handler per operation of the definition, inherited ones included unless the engine has them. */
  readonly operations?: Readonly<Record<string, OperationHandler>>;
  /** Properties that are computed when asked for. Of a settable one this is what clients read; `property` gives what was set. */
  readonly computed?: Readonly<Record<string, () => unknown>>;
  /** Takes WHIP and WHEP sessions; absent on elements that cannot. */
  readonly session?: SessionHandler;
  /**
   * Takes the body of a request that came to `ElementContext.bodyUrl`, as it arrives; absent on elements that take none.
   * Completes when the client may be answered.
   */
  readonly takeBody?: (body: ReadableStream<Uint8Array>) => Outcome<null>;
  /** Packets of one kind began or ceased to come from outside. */
  readonly onMedia?: (active: boolean) => Action[];
  /** A settable property was changed by a client; `property` already gives the new value. A throw refuses the change. */
  readonly onProperty?: (name: string) => Action[];
  /**
   * All that feeds the sink pads of this element has come to its end, as a file does; told once for all kinds of media, and
   * not while one comes that goes on.
   */
  readonly onEndOfStream?: () => Action[];
  /** Whether it decodes and encodes what enters its sink pad of this kind; absent on elements that never do. */
  readonly transcodes?: (media: "audio" | "video") => boolean;
  /** The element is gone, and what it opened is closed: who still waits for something of it is to be told so. */
  readonly onGone?: () => void;
  /**
   * Completes what must not be lost, such as a file: called before the element is released and before the server stops,
   * outside of turns, and waited for within bounds.
   */
  readonly settle?: () => Promise<void>;
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
  /** How this element encodes video, where it must, by its properties as they are now; null for what nobody has set. */
  videoLimits(): BitrateWish;
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
  /** The same after a time, unless it is cancelled before. */
  after(delayMs: number, work: () => Action[]): Timer;
  /** What flows into the sink pad of this kind now, or null. */
  feeding(media: MediaKind): { codec: string; format: string } | null;
  /** True while packets enter this element's sink pad ("in") or leave its source pad ("out"). */
  flowing(direction: "in" | "out", media: MediaKind): boolean;
  /** Opens a WebRTC session. It is closed with the element if nobody closes it before. */
  openPeer(wish: PeerWish, handlers: PeerHandlers): PeerHandle;
  /** Where clients send bodies for this element by HTTP, absolute. */
  readonly bodyUrl: string;
  /** The URI that is meant by one that a client gave: without a scheme it is a path below the media folder. */
  mediaUri(uri: string): string;
  /**
   * Opens an RTP session on UDP ports of its own, without ICE. It is closed with the element if nobody closes it before.
   */
  openRtp(wish: RtpWish, handlers: RtpHandlers): RtpHandle;
  /**
   * Starts a program of the frame room: what it plays fills the element's source pads, what it records is fed by the
   * element's sink pads. It is closed with the element if nobody closes it before. Throws `not_built` where this server
   * runs without the frame room.
   */
  openProgram(wish: ProgramWish, handlers: ProgramHandlers): ProgramHandle;
}

/** What the element wants of an RTP session; codecs, addresses and ports are the house's matter. */
export interface RtpWish extends Pick<PeerWish, "maxReceiveKbps" | "onlyCodecs"> {
  /** Offers name an IPv6 address; answers keep the family of the offer. */
  useIpv6: boolean;
  /** Encryption with keys in the description (RFC 4568); null for none. The other side must use the same suite. */
  sdes: SdesKey | null;
}

/** Told inside a later turn; each returns what it wants done. */
export interface RtpHandlers {
  /** It is known of every m-line where its peer is: at once, or with COMEDIA once each was heard from. */
  connected(): Action[];
  /** A key has protected nearly as many packets as it may. */
  keyNearlyUsed(media: "audio" | "video"): Action[];
}

/** An RTP session whose media the engine ties to the element's pads by itself. */
export interface RtpHandle extends
  Pick<
    RtpSession,
    "localDescription" | "remoteDescription" | "processOffer" | "generateOffer" | "processAnswer"
  > {
  readonly media: readonly NegotiatedMedia[];
  setRates(rates: PeerRates): void;
  close(): void;
}

/** A program as an element wishes for it; where it may read and write, and whom it may reach, is the house's matter. */
export type ProgramWish =
  | Omit<PlaySpec, keyof MediaRules>
  | (Omit<ReceiveSpec, "url"> & { body: ReadableStream<Uint8Array> })
  | Omit<RecordSpec, keyof MediaRules | "s3">;

/** Told inside a later turn; each returns what it wants done. */
export interface ProgramHandlers {
  event(event: ProgramEvent): Action[];
  /** The worker broke or the program gave up. `restarting`: it is started again by itself, and forgot what it was told. */
  failed(reason: string, restarting: boolean): Action[];
  /** Nothing more is read of the body that it was given. Not told of one that was left by closing the program. */
  bodyEnded?(end: BodyEnd): Action[];
  /** The program runs and takes calls; again after each restart. */
  ready?(): Action[];
}

export interface ProgramHandle {
  /** Runs an operation of the program; rejects with an AppError that says what was refused, or that it took too long. */
  call(operation: string, input?: Record<string, unknown>): Promise<unknown>;
  close(): void;
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
export interface PeerHandle extends
  Pick<
    Peer,
    "iceState" | "dtlsState" | "localDescription" | "remoteDescription" | "selectedPair" | "hasTransport"
  > {
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
