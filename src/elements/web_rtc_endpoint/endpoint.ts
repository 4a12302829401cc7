import {
  type Action,
  candidatePair,
  type DataMessage,
  described,
  type ElementContext,
  type ElementInstance,
  emit,
  flowOperations,
  gives,
  type Outcome,
  type PeerHandle,
  rateProperties,
  ratesOf,
  requestKeyframe,
  requireDescription,
  sdpRefusals,
  sessionConnected,
  sessionEnded,
  type SessionStart,
  Trickle,
  type TrickledCandidate,
} from "../../module/mod.ts";
import { EndpointData } from "./data_channels.ts";
import type { EndpointOptions } from "./mod.ts";
import { byOperations, type NegotiationTerms, wishOf } from "./peer_wish.ts";
import { refusal } from "./refusals.ts";

type Link = "DISCONNECTED" | "CONNECTED";
type Stage = "free" | "offered" | "answered" | "negotiated" | "declined";

export function createEndpoint(ctx: ElementContext, options: EndpointOptions): ElementInstance {
  return new Endpoint(ctx, options);
}

/**
 * The life of an endpoint, as seen by its peer:
 *
 *   free --processOffer, session.open--------> negotiated --peer ends, close--> free
 *   free --processOffer, each m-line turned down--> declined --close--> free
 *   free --generateOffer--> offered --processAnswer, session.answer--> answered --peer ends, close--> free
 *
 * A session (WHIP, WHEP) may also replace a negotiated peer by another: the publisher came back.
 */
class Endpoint implements ElementInstance {
  readonly #ctx: ElementContext;
  readonly #options: EndpointOptions;
  readonly #trickle = new Trickle();
  readonly #data: EndpointData;
  #peer: PeerHandle | null = null;
  #stage: Stage = "free";
  #sessionId: string | null = null;
  #iceGeneration = 0;
  #connection: Link = "DISCONNECTED";
  #media: Link = "DISCONNECTED";
  readonly operations: NonNullable<ElementInstance["operations"]>;

  constructor(ctx: ElementContext, options: EndpointOptions) {
    this.#ctx = ctx;
    this.#options = options;
    this.#data = new EndpointData(ctx, options.useDataChannels, () => this.#peer);
    this.operations = { ...flowOperations(ctx), ...this.#ownOperations(), ...this.#data.operations };
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
      gatherCandidates: () => gives(null, ...this.#peer ? this.#trickle.gather(this.#peer) : []),
      addIceCandidate: ({ candidate }: { candidate: TrickledCandidate }) => {
        this.#trickle.take(this.#peer, candidate);
        return gives(null);
      },
      requestKeyframe: () => this.#requestKeyframe(),
    };
  }

  readonly computed: ElementInstance["computed"] = {
    mediaState: () => this.#media,
    connectionState: () => this.#connection,
    ICECandidatePairs: () => this.#peer?.selectedPair ? [candidatePair(this.#peer.selectedPair)] : [],
    IceConnectionState: () =>
      this.#peer ? [{ streamId: "0", componentId: 1, state: this.#trickle.state }] : [],
    DtlsConnectionState: () => this.#peer ? [dtlsEntry(this.#peer.dtlsState)] : [],
    dataMessagesDropped: () => this.#data.dropped,
  };

  readonly session: NonNullable<ElementInstance["session"]> = this.#sessionHandler();

  onMedia(active: boolean): Action[] {
    return this.#moveMedia(active ? "CONNECTED" : "DISCONNECTED");
  }

  onData(message: DataMessage): void {
    this.#data.deliver(message);
  }

  onProperty(name: string): Action[] {
    if (rateProperties.includes(name)) this.#peer?.setRates(ratesOf(this.#ctx));
    return [];
  }

  /** A peer that has given its description, or none: what fails to negotiate is closed. */
  #openPeer(terms: NegotiationTerms, negotiate: (peer: PeerHandle) => string): [PeerHandle, string] {
    const ifCurrent = (actions: () => Action[]) => this.#peer === peer ? actions() : [];
    const peer: PeerHandle = this.#ctx.openPeer(wishOf(this.#ctx, this.#options, terms), {
      iceState: (state) => ifCurrent(() => this.#trickle.moved(state)),
      dtlsState: (state) => ifCurrent(() => this.#dtlsMoved(state)),
      selected: (pair) => ifCurrent(() => this.#trickle.selected(pair)),
      candidate: (candidate) => ifCurrent(() => this.#trickle.found(peer, candidate)),
      gathered: () => ifCurrent(() => this.#trickle.gathered()),
      dataChannel: (channel) => ifCurrent(() => this.#data.moved(channel)),
      dataMessage: (channelId, message) => {
        if (this.#peer === peer) this.#data.received(channelId, message);
      },
      ended: (end, detail) => ifCurrent(() => this.#end(detail === "" ? end : `${end}: ${detail}`)),
    });
    try {
      const description = negotiate(peer);
      peer.setRates(ratesOf(this.#ctx));
      return [peer, description];
    } catch (error) {
      peer.close();
      throw error;
    }
  }

  #processOffer(offer: string): Outcome<string> {
    requireDescription("offer", offer);
    this.#requireFree();
    const [peer, answer] = this.#openPeer(byOperations, (peer) => peer.processOffer(offer));
    this.#peer = peer;
    return gives(answer, ...this.#negotiated("negotiated"));
  }

  #generateOffer(audio: boolean, video: boolean): Outcome<string> {
    this.#requireFree();
    const [peer, offer] = this.#openPeer(byOperations, (peer) => peer.generateOffer({ audio, video }));
    this.#peer = peer;
    this.#stage = "offered";
    return gives(offer);
  }

  #processAnswer(answer: string): Outcome<string> {
    requireDescription("answer", answer);
    const actions = this.#takeAnswer(answer);
    return gives(this.#peer?.localDescription ?? "", ...actions);
  }

  #takeAnswer(answer: string): Action[] {
    if (this.#stage === "answered") throw sdpRefusals.secondAnswer();
    if (this.#stage !== "offered") throw sdpRefusals.answerWithoutOffer();
    this.#peer?.processAnswer(answer);
    return this.#negotiated("answered");
  }

  #negotiated(stage: Stage): Action[] {
    this.#stage = this.#peer?.hasTransport ? stage : "declined";
    if (this.#peer) this.#trickle.negotiated(this.#peer);
    return this.#stage === "declined" ? [] : [emit("MediaSessionStarted")];
  }

  #requestKeyframe(): Outcome<null> {
    if (this.#ctx.feeding("video") === null) throw sdpRefusals.keyframe();
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
      answer: (sdp) => gives(null, ...this.#takeAnswer(sdp)),
      patch: (fragment) => this.#patchSession(fragment),
      close: () => gives(null, ...this.#close("closed")),
    };
  }

  #openSession(
    { sessionId, kind, offer }: { sessionId: string; kind: "whip" | "whep"; offer: string | null },
  ): Outcome<SessionStart> {
    const only = kind === "whip" ? this.#options.sendonly : this.#options.recvonly;
    if (only) throw refusal.wrongWay(kind);
    const [peer, description] = this.#openPeer(
      { rules: kind, offered: offer !== null },
      (peer) => offer === null ? peer.generateOffer({ audio: true, video: true }) : peer.processOffer(offer),
    );
    const takenOver = this.#sessionId;
    const farewell = this.#peer ? this.#close("takenOver") : [];
    this.#peer = peer;
    this.#sessionId = sessionId;
    this.#iceGeneration++;
    this.#stage = "offered";
    const started = offer === null ? [] : this.#negotiated("negotiated");
    return gives({ description, takenOver }, ...farewell, ...started);
  }

  #patchSession(fragment: string): Outcome<{ fragment: string | null; iceGeneration: string }> {
    if (!this.#peer) throw refusal.sessionOver();
    const result = this.#peer.processFragment(fragment);
    if (result.restarted) this.#iceGeneration++;
    return gives({
      fragment: result.restarted ? result.fragment : null,
      iceGeneration: String(this.#iceGeneration),
    });
  }

  #requireFree(): void {
    if (this.#peer) throw sdpRefusals.negotiated();
  }

  #close(reason: string): Action[] {
    const peer = this.#peer;
    const actions = this.#end(reason);
    peer?.close();
    return actions;
  }

  #end(reason: string): Action[] {
    const sessionId = this.#sessionId;
    const wasNegotiated = this.#stage === "negotiated" || this.#stage === "answered";
    this.#peer = null;
    this.#sessionId = null;
    this.#stage = "free";
    this.#trickle.reset();
    return [
      ...this.#data.reset(),
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

function dtlsEntry(state: PeerHandle["dtlsState"]) {
  return { streamId: "0", componentId: "1", connectionId: "0", state: state.toUpperCase() };
}
