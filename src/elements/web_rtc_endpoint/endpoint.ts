import {
  type Action,
  AppError,
  type ElementContext,
  type ElementInstance,
  emit,
  flowOperations,
  gives,
  type Outcome,
  type PeerHandle,
  type PeerWish,
  requestKeyframe,
  sessionConnected,
  sessionEnded,
  type SessionStart,
} from "../../module/mod.ts";
import { candidatesOf, dtlsStateName, iceStateNames, pairOf } from "./wording.ts";

export interface EndpointOptions {
  recvonly: boolean;
  sendonly: boolean;
}

type Link = "DISCONNECTED" | "CONNECTED";

export function createEndpoint(ctx: ElementContext, options: EndpointOptions): ElementInstance {
  return new Endpoint(ctx, options);
}

/**
 * The life of an endpoint, as seen by its peer:
 *
 *   free --processOffer, session.open--------> negotiated --peer ends, close--> free
 *   free --generateOffer--> offered --processAnswer, session.answer--> negotiated
 *
 * A session (WHIP, WHEP) may also replace a negotiated peer by another: the publisher came back.
 */
class Endpoint implements ElementInstance {
  readonly #ctx: ElementContext;
  readonly #options: EndpointOptions;
  #peer: PeerHandle | null = null;
  #owesAnswer = false;
  #sessionId: string | null = null;
  #iceGeneration = 0;
  #connection: Link = "DISCONNECTED";
  #media: Link = "DISCONNECTED";
  readonly operations: NonNullable<ElementInstance["operations"]>;

  constructor(ctx: ElementContext, options: EndpointOptions) {
    this.#ctx = ctx;
    this.#options = options;
    this.operations = { ...flowOperations(ctx), ...this.#ownOperations() };
  }

  #ownOperations(): NonNullable<ElementInstance["operations"]> {
    return {
      processOffer: ({ offer }: { offer: string }) => this.#processOffer(offer),
      generateOffer: (
        { options }: { options?: { offerToReceiveAudio: boolean; offerToReceiveVideo: boolean } },
      ) => this.#generateOffer(options?.offerToReceiveAudio ?? true, options?.offerToReceiveVideo ?? true),
      processAnswer: ({ answer }: { answer: string }) => this.#processAnswer(answer),
      getLocalSessionDescriptor: () => gives(described(this.#peer?.localDescription, "local")),
      getRemoteSessionDescriptor: () => gives(described(this.#peer?.remoteDescription, "remote")),
      gatherCandidates: () => this.#gatherCandidates(),
      addIceCandidate: ({ candidate }: { candidate: TrickledCandidate }) => this.#addIceCandidate(candidate),
      requestKeyframe: () => this.#requestKeyframe(),
    };
  }

  readonly computed: ElementInstance["computed"] = {
    mediaState: () => this.#media,
    connectionState: () => this.#connection,
    ICECandidatePairs: () => this.#peer?.selectedPair ? [pairOf(this.#peer.selectedPair)] : [],
    IceConnectionState: () =>
      this.#peer
        ? [{
          streamId: "0",
          componentId: 1,
          state: iceStateNames(this.#peer.iceState).at(-1) ?? "DISCONNECTED",
        }]
        : [],
    DtlsConnectionState: () => this.#peer ? [dtlsEntry(this.#peer.dtlsState)] : [],
  };

  readonly session: NonNullable<ElementInstance["session"]> = this.#sessionHandler();

  onMedia(active: boolean): Action[] {
    return this.#moveMedia(active ? "CONNECTED" : "DISCONNECTED");
  }

  #wish(rules: PeerWish["rules"]): PeerWish {
    return {
      receive: rules === null ? !this.#options.sendonly : rules === "whip",
      send: rules === null ? !this.#options.recvonly : rules === "whep",
      rules,
      maxReceiveKbps: {
        audio: this.#ctx.property("maxAudioRecvBandwidth") as number,
        video: this.#ctx.property("maxVideoRecvBandwidth") as number,
      },
    };
  }

  #openPeer(rules: PeerWish["rules"]): PeerHandle {
    const ifCurrent = (actions: () => Action[]) => this.#peer === peer ? actions() : [];
    const peer: PeerHandle = this.#ctx.openPeer(this.#wish(rules), {
      iceState: (state) => ifCurrent(() => iceStateNames(state).map(iceEvent)),
      dtlsState: (state) => ifCurrent(() => this.#dtlsMoved(state)),
      selected: (pair) =>
        ifCurrent(() => [emit("NewCandidatePairSelected", { candidatePair: pairOf(pair) })]),
      ended: (end, detail) => ifCurrent(() => this.#end(detail === "" ? end : `${end}: ${detail}`)),
    });
    return peer;
  }

  #processOffer(offer: string): Outcome<string> {
    this.#refuseIfNegotiated();
    const peer = this.#openPeer(null);
    const answer = closingOnError(peer, () => peer.processOffer(offer));
    this.#peer = peer;
    return gives(answer, emit("MediaSessionStarted"));
  }

  #generateOffer(audio: boolean, video: boolean): Outcome<string> {
    this.#refuseIfNegotiated();
    const peer = this.#openPeer(null);
    const offer = closingOnError(peer, () => peer.generateOffer({ audio, video }));
    this.#peer = peer;
    this.#owesAnswer = true;
    return gives(offer);
  }

  #processAnswer(answer: string): Outcome<string> {
    if (!this.#peer) {
      throw new AppError(
        "offer_not_generated",
        "Cannot process an answer: this endpoint has made no offer, call generateOffer first",
      );
    }
    this.#refuseIfAnswered();
    this.#peer.processAnswer(answer);
    this.#owesAnswer = false;
    return gives(this.#peer.localDescription ?? "", emit("MediaSessionStarted"));
  }

  #gatherCandidates(): Outcome<null> {
    const candidates = candidatesOf(this.#peer?.localDescription ?? null);
    if (candidates.length === 0) return gives(null);
    return gives(
      null,
      ...candidates.map((candidate) => emit("IceCandidateFound", { candidate })),
      emit("IceGatheringDone"),
    );
  }

  #addIceCandidate(candidate: TrickledCandidate): Outcome<null> {
    if (!this.#peer) {
      throw new AppError(
        "endpoint_not_negotiated",
        "Cannot add a candidate: this endpoint has no session description yet, process an offer first",
      );
    }
    this.#peer.addRemoteCandidate(
      candidate.candidate,
      candidate.sdpMid ?? null,
      candidate.sdpMLineIndex ?? null,
    );
    return gives(null);
  }

  #requestKeyframe(): Outcome<null> {
    if (this.#ctx.feeding("video") === null) {
      throw new AppError(
        "operation_not_supported",
        "Cannot request a keyframe: no video flows into this element, ask at an element that watches one",
      );
    }
    return gives(null, requestKeyframe());
  }

  #sessionHandler(): NonNullable<ElementInstance["session"]> {
    const generation = () => String(this.#iceGeneration);
    const current = () => this.#sessionId;
    return {
      get current() {
        return current();
      },
      get iceGeneration() {
        return generation();
      },
      open: (request) => this.#openSession(request),
      answer: (sdp) => this.#answerSession(sdp),
      patch: (fragment) => this.#patchSession(fragment),
      close: () => gives(null, ...this.#close("closed")),
    };
  }

  #openSession(
    request: { sessionId: string; kind: "whip" | "whep"; offer: string | null },
  ): Outcome<SessionStart> {
    this.#refuseWrongWay(request.kind);
    const peer = this.#openPeer(request.kind);
    const { offer } = request;
    const description = closingOnError(
      peer,
      () => offer === null ? peer.generateOffer({ audio: true, video: true }) : peer.processOffer(offer),
    );
    const takenOver = this.#sessionId;
    const farewell = this.#peer ? this.#close("takenOver") : [];
    this.#peer = peer;
    this.#sessionId = request.sessionId;
    this.#owesAnswer = offer === null;
    this.#iceGeneration++;
    const started = offer === null ? [] : [emit("MediaSessionStarted")];
    return gives({ description, takenOver }, ...farewell, ...started);
  }

  #answerSession(sdp: string): Outcome<null> {
    this.#refuseIfAnswered();
    this.#peer?.processAnswer(sdp);
    this.#owesAnswer = false;
    return gives(null, emit("MediaSessionStarted"));
  }

  #patchSession(fragment: string): Outcome<{ fragment: string | null; iceGeneration: string }> {
    if (!this.#peer) {
      throw new AppError("session_not_found", "Cannot patch the session: it is over, start a new one");
    }
    const result = this.#peer.processFragment(fragment);
    if (result.restarted) this.#iceGeneration++;
    return gives({
      fragment: result.restarted ? result.fragment : null,
      iceGeneration: String(this.#iceGeneration),
    });
  }

  #refuseWrongWay(kind: "whip" | "whep"): void {
    const only = kind === "whip" ? this.#options.sendonly : this.#options.recvonly;
    if (!only) return;
    throw new AppError(
      "operation_not_supported",
      `Cannot start a session: this endpoint was made ${
        kind === "whip" ? "sendonly" : "recvonly"
      } and ${kind} ` +
        "goes the other way, use an endpoint made without that option",
    );
  }

  #refuseIfNegotiated(): void {
    if (!this.#peer) return;
    throw new AppError(
      "endpoint_negotiated",
      "Cannot negotiate: this endpoint has a session already, create another endpoint or end the session",
    );
  }

  #refuseIfAnswered(): void {
    if (this.#owesAnswer) return;
    throw new AppError(
      "sdp_unacceptable",
      "Cannot take an answer: this session has made no offer that waits for one",
    );
  }

  #close(reason: string): Action[] {
    const peer = this.#peer;
    const actions = this.#end(reason);
    peer?.close();
    return actions;
  }

  #end(reason: string): Action[] {
    const sessionId = this.#sessionId;
    const wasNegotiated = this.#peer !== null && !this.#owesAnswer;
    this.#peer = null;
    this.#sessionId = null;
    this.#owesAnswer = false;
    return [
      ...this.#moveMedia("DISCONNECTED"),
      ...this.#moveConnection("DISCONNECTED"),
      ...(wasNegotiated ? [emit("MediaSessionTerminated")] : []),
      ...(sessionId === null ? [] : [sessionEnded(sessionId, reason)]),
    ];
  }

  #dtlsMoved(state: PeerHandle["dtlsState"]): Action[] {
    const moved = emit("DtlsConnectionStateChange", dtlsEntry(state));
    if (state !== "connected") return [moved];
    const reached = this.#sessionId === null ? [] : [sessionConnected(this.#sessionId)];
    return [moved, ...this.#moveConnection("CONNECTED"), ...reached];
  }

  #moveMedia(newState: Link): Action[] {
    const oldState = this.#media;
    this.#media = newState;
    return oldState === newState ? [] : [emit("MediaStateChanged", { oldState, newState })];
  }

  #moveConnection(newState: Link): Action[] {
    const oldState = this.#connection;
    this.#connection = newState;
    return oldState === newState ? [] : [emit("ConnectionStateChanged", { oldState, newState })];
  }
}

interface TrickledCandidate {
  candidate: string;
  sdpMid?: string | null;
  sdpMLineIndex?: number | null;
}

function iceEvent(state: string): Action {
  return emit("IceComponentStateChanged", { streamId: 0, componentId: 1, state });
}

function dtlsEntry(state: PeerHandle["dtlsState"]) {
  return { streamId: "0", componentId: "1", connectionId: "0", state: dtlsStateName(state) };
}

function described(description: string | null | undefined, side: "local" | "remote"): string {
  if (description) return description;
  throw new AppError(
    "endpoint_not_negotiated",
    `Cannot give the ${side} session description: there is none before negotiation`,
  );
}

function closingOnError<Result>(peer: PeerHandle, negotiate: () => Result): Result {
  try {
    return negotiate();
  } catch (error) {
    peer.close();
    throw error;
  }
}
