import type {
  CreateElement,
  Definition,
  ElementContext,
  ElementInstance,
  Outcome,
  PeerHandle,
  PeerHandlers,
  PeerWish,
} from "../../src/module/mod.ts";

/** A peer that answers at once and lets the test play the network. */
export class FakePeer implements PeerHandle {
  iceState: PeerHandle["iceState"] = "new";
  dtlsState: PeerHandle["dtlsState"] = "new";
  localDescription: string | null = null;
  remoteDescription: string | null = null;
  selectedPair: PeerHandle["selectedPair"] = null;
  readonly media = [];
  readonly calls: string[] = [];
  closed = false;
  /** Thrown by the next negotiation. */
  fault: Error | null = null;

  constructor(readonly wish: PeerWish, readonly handlers: PeerHandlers) {}

  processOffer(sdp: string): string {
    this.#negotiate(`offer ${sdp}`);
    this.remoteDescription = sdp;
    return this.localDescription = `answer to ${sdp}`;
  }

  generateOffer({ audio, video }: { audio: boolean; video: boolean }): string {
    this.#negotiate(`generate ${audio} ${video}`);
    return this.localDescription = "our offer";
  }

  processAnswer(sdp: string): void {
    this.#negotiate(`answer ${sdp}`);
    this.remoteDescription = sdp;
  }

  addRemoteCandidate(candidate: string, mid: string | null, mLineIndex: number | null): void {
    this.calls.push(`candidate ${candidate} ${mid} ${mLineIndex}`);
  }

  processFragment(fragment: string): ReturnType<PeerHandle["processFragment"]> {
    this.#negotiate(`fragment ${fragment}`);
    return fragment === "restart" ? { restarted: true, fragment: "ours" } : { restarted: false };
  }

  close(): void {
    this.closed = true;
  }

  #negotiate(call: string): void {
    if (this.fault) throw this.fault;
    this.calls.push(call);
  }
}

/** One live element without an engine: what it opened, and a short way to its operations. */
export interface BareElement {
  instance: ElementInstance;
  peers: FakePeer[];
  /** What `feeding` and `property` tell it. */
  feeding: Partial<Record<"audio" | "video", { codec: string; format: string }>>;
  properties: Record<string, unknown>;
  /** Fault of the next peer that is opened. */
  fault: Error | null;
  run(operation: string, input?: object): Outcome;
}

/** Makes an element of the type with a context that only records. */
export function bareElement(definition: Definition, options: object = {}): BareElement {
  const bare: BareElement = {
    instance: {},
    peers: [],
    feeding: {},
    properties: { maxAudioRecvBandwidth: 0, maxVideoRecvBandwidth: 0 },
    fault: null,
    run: (operation, input = {}) => bare.instance.operations![operation](input as never) as Outcome,
  };
  const context: ElementContext = {
    elementId: "element",
    property: (name) => bare.properties[name],
    feeding: (media) => bare.feeding[media as "audio"] ?? null,
    flowing: (direction, media) => direction === "in" && media === "audio",
    openPeer: (wish, handlers) => {
      const peer = new FakePeer(wish, handlers);
      peer.fault = bare.fault;
      bare.peers.push(peer);
      return peer;
    },
  };
  bare.instance = (definition.create as CreateElement)(context, definition.options.parse(options) as never);
  return bare;
}
