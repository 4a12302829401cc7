import type { MediaKind } from "../graph/mod.ts";
import type { NegotiatedMedia, Peer, PeerEnd } from "../peer/mod.ts";
import type { Action, Outcome } from "./action.ts";

export type { FragmentResult } from "../peer/mod.ts";

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
  /** Value of a settable property as it is now. */
  property(name: string): unknown;
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
}

/** Told inside a later turn; each returns what it wants done. */
export interface PeerHandlers {
  iceState(state: Peer["iceState"]): Action[];
  dtlsState(state: Peer["dtlsState"]): Action[];
  selected(pair: { localCandidate: string; remoteCandidate: string }): Action[];
  ended(end: PeerEnd, detail: string): Action[];
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
  close(): void;
}
