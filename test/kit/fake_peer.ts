import type {
  Action,
  CreateElement,
  DataChannelInfo,
  DataChannelWish,
  DataMessage,
  Definition,
  ElementContext,
  ElementInstance,
  Outcome,
  PeerHandle,
  PeerHandlers,
  PeerRates,
  PeerWish,
} from "../../src/module/mod.ts";
import { allOf } from "../../src/graph/mod.ts";
import { FakeProgram } from "./fake_program.ts";
import { FakeRtp } from "./fake_rtp.ts";

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
  /** What `dataChannels` gives; `createDataChannel` adds one that is still connecting. */
  dataChannels: DataChannelInfo[] = [];
  readonly sent: { channelId: number; payload: string | Uint8Array }[] = [];
  /** What `sendData` gives. */
  takesData = true;
  /** Every call of `setRates`. */
  readonly rates: PeerRates[] = [];
  /** Thrown by the next negotiation. */
  fault: Error | null = null;

  constructor(readonly wish: PeerWish, readonly handlers: PeerHandlers) {}

  /** As a real peer has it: what offers plain RTP gets every m-line turned down. */
  get hasTransport(): boolean {
    return !/ RTP\/AVPF? /.test(this.remoteDescription ?? "");
  }

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

  gather(): void {
    this.calls.push("gather");
  }

  createDataChannel({ label, protocol }: DataChannelWish): number {
    this.#negotiate(`channel ${label}`);
    const channelId = this.dataChannels.length * 2 + 1;
    const figures = { messagesSent: 0, bytesSent: 0, messagesReceived: 0, bytesReceived: 0 };
    this.dataChannels.push({ channelId, label, protocol, state: "connecting", ...figures });
    return channelId;
  }

  closeDataChannel(channelId: number): void {
    this.calls.push(`close channel ${channelId}`);
  }

  sendData(channelId: number, payload: string | Uint8Array): boolean {
    if (this.takesData) this.sent.push({ channelId, payload });
    return this.takesData;
  }

  setRates(rates: PeerRates): void {
    this.rates.push(rates);
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
  programs: FakeProgram[];
  rtpSessions: FakeRtp[];
  /** What `feeding` and `property` tell it; properties that are not here have their defaults. */
  feeding: Partial<Record<"audio" | "video", { codec: string; format: string }>>;
  properties: Record<string, unknown>;
  /** What `videoLimits` gives. */
  videoLimits: ReturnType<ElementContext["videoLimits"]>;
  /** What `kept` gives; an operation's `keep` is put here by the test, as the engine would. */
  kept: Record<string, unknown>;
  /** What `ports` gives. */
  ports: string[];
  /** What `nowMs` gives. */
  nowMs: number;
  /** What left the source pad of kind data. */
  sentData: DataMessage[];
  /** Works for later turns, in the order in which they were asked for. */
  laterWorks: (() => Action[])[];
  /** What waits for its time, by `after`; cancelled ones are taken out. */
  waiting: { delayMs: number; work: () => Action[] }[];
  /** Fault of the next peer that is opened; thrown instead of opening a program. */
  fault: Error | null;
  run(operation: string, input?: object): Outcome;
}

/** Makes an element of the type with a context that only records; `before` is what it finds when it is made. */
export function bareElement(
  definition: Definition,
  options: object = {},
  before: Partial<Pick<BareElement, "kept" | "properties" | "fault">> = {},
): BareElement {
  const bare: BareElement = {
    instance: {},
    peers: [],
    programs: [],
    rtpSessions: [],
    feeding: {},
    properties: {},
    videoLimits: { bitrateBps: null, minBitrateBps: null, maxBitrateBps: null },
    kept: {},
    ports: [],
    nowMs: 1_790_000_000_000,
    sentData: [],
    laterWorks: [],
    waiting: [],
    fault: null,
    ...before,
    run: (operation, input = {}) => bare.instance.operations![operation](input as never) as Outcome,
  };
  const context: ElementContext = {
    elementId: "element",
    parentId: null,
    nowMs: () => bare.nowMs,
    property: (name) =>
      Object.hasOwn(bare.properties, name)
        ? bare.properties[name]
        : allOf(definition, "properties")[name]?.default,
    videoLimits: () => bare.videoLimits,
    ports: () => bare.ports,
    kept: () => bare.kept,
    sendData: (message) => void bare.sentData.push(message),
    later: (work) => void bare.laterWorks.push(work),
    after: (delayMs, work) => {
      const entry = { delayMs, work };
      bare.waiting.push(entry);
      return { cancel: () => void (bare.waiting = bare.waiting.filter((each) => each !== entry)) };
    },
    bodyUrl: "http://server.example/post/element",
    feeding: (media) => bare.feeding[media as "audio"] ?? null,
    flowing: (direction, media) => direction === "in" && media === "audio",
    openPeer: (wish, handlers) => {
      const peer = new FakePeer(wish, handlers);
      peer.fault = bare.fault;
      bare.peers.push(peer);
      return peer;
    },
    mediaUri: (uri) => uri.includes("://") ? uri : `file:///media/${uri}`,
    openRtp: (wish, handlers) => {
      const session = new FakeRtp(wish, handlers);
      session.fault = bare.fault;
      bare.rtpSessions.push(session);
      return session;
    },
    openProgram: (wish, handlers) => {
      if (bare.fault) throw bare.fault;
      const program = new FakeProgram(wish, handlers);
      bare.programs.push(program);
      return program;
    },
  };
  bare.instance = (definition.create as CreateElement)(context, definition.options.parse(options) as never);
  return bare;
}
