import { AppError, randomToken, randomUint32, type SocketAddress } from "../base/mod.ts";
import { DataChannels } from "./data/data_channels.ts";
import { DtlsSession } from "./dtls/session.ts";
import { IceAgent } from "./ice/agent.ts";
import type { IceDirectory } from "./ice/directory.ts";
import { Gathering, type GatheringDeps } from "./ice/gathering.ts";
import { parseStun, type ReceivedStun } from "./ice/stun.ts";
import { limits } from "./limits.ts";
import type { Detours } from "./detour/detours.ts";
import { type Candidate, formatCandidate, parseCandidate } from "./sdp/candidate.ts";
import { type ApplicationSection, offeredApplication } from "./sdp/application.ts";
import { matchesFingerprint } from "./sdp/fingerprint.ts";
import { type IceFragment, parseFragment, writeFragment } from "./sdp/fragment.ts";
import { makeOffer } from "./sdp/make_offer.ts";
import { type LocalStreams, negotiateOffer } from "./sdp/negotiate.ts";
import { negotiateAnswer } from "./sdp/negotiate_answer.ts";
import { parseDescription } from "./sdp/parse.ts";
import type { RemoteTransport } from "./sdp/remote_transport.ts";
import { writeAnswer } from "./sdp/write_answer.ts";
import { writeOffer } from "./sdp/write_offer.ts";
import type { LocalTransport } from "./sdp/write_section.ts";
import type { Setup } from "./sdp/description.ts";
import type {
  DataChannelInfo,
  DataChannelWish,
  DtlsState,
  FragmentResult,
  IceState,
  NegotiatedMedia,
  Peer,
  PeerCallbacks,
  PeerDeps,
  PeerEnd,
  PeerOptions,
} from "./types.ts";

/** What all peers of a process share. */
export interface PeerShared extends PeerDeps {
  directory: IceDirectory;
  gathering: GatheringDeps;
  detours: Pick<Detours, "at" | "loop">;
  /** The peer is over. */
  forget(): void;
}

/**
 * One WebRTC session: descriptions, ICE and DTLS put together.
 *
 *   idle ──► offered ──► negotiated ──► ended
 *     └────────────────► negotiated        (each ──► ended)
 */
export class PeerSession implements Peer {
  #stage: "idle" | "offered" | "negotiated" | "ended" = "idle";
  #media: NegotiatedMedia[] = [];
  /** Data channels as offered, then as negotiated. */
  #application: ApplicationSection | null = null;
  /** Writes the local description with the candidates known by then; null once all are, and it is just text. */
  #describe: (() => string) | null = null;
  #localDescription: string | null = null;
  #remoteDescription: string | null = null;
  #selectedPair: Peer["selectedPair"] = null;
  #destination: SocketAddress | null = null;
  #dtls: DtlsSession | null = null;
  #data: DataChannels | null = null;
  #early: { from: SocketAddress; bytes: Uint8Array }[] = [];
  #trickle = false;
  readonly #ice: IceAgent;
  readonly #gathering: Gathering;
  readonly #sessionId = String(randomUint32());
  readonly #streams: LocalStreams = { cname: randomToken(16), newSsrc: randomUint32 };

  constructor(
    readonly options: PeerOptions,
    readonly callbacks: PeerCallbacks,
    readonly shared: PeerShared,
  ) {
    this.#gathering = new Gathering(options.ice, shared.gathering, {
      found: (candidate) => this.#onFound(candidate),
      done: () => callbacks.gathered(),
    });
    this.#ice = new IceAgent({ ...shared, local: this.#gathering }, {
      send: (to, bytes) => callbacks.send(to, bytes),
      admit: (address) => callbacks.admit(address),
      state: (state) => callbacks.iceState(state),
      select: (address, pair) => this.#onSelect(address, pair),
      keepConsent: callbacks.keepConsent?.bind(callbacks),
      ended: (end, detail) => this.#end(end, detail),
    });
  }

  get localUfrag(): string {
    return this.#ice.local.ufrag;
  }
  get media(): NegotiatedMedia[] {
    return this.#media;
  }
  get iceState(): IceState {
    return this.#ice.state;
  }
  get dtlsState(): DtlsState {
    return this.#dtls?.state ?? "new";
  }
  get localDescription(): string | null {
    if (!this.#describe) return this.#localDescription;
    const text = this.#describe();
    // What it is made of is several times as large as the text: the whole offer, as it was read.
    if (this.#gathering.complete) {
      this.#localDescription = text;
      this.#describe = null;
    }
    return text;
  }
  get remoteDescription(): string | null {
    return this.#remoteDescription;
  }
  get selectedPair(): Peer["selectedPair"] {
    return this.#selectedPair;
  }
  get hasTransport(): boolean {
    return this.#dtls !== null;
  }

  processOffer(sdp: string): string {
    this.#require("idle", "answer the offer");
    const plan = negotiateOffer(parseDescription(sdp), this.options, this.#streams);
    const { transport } = plan;
    const setup = transport?.setup === "passive" ? "active" : "passive";
    this.#gathering.prepare();
    const local = this.#localTransport(setup);
    this.#media = plan.sections.flatMap((section) => section.media ?? []);
    this.#application = plan.sections.find((section) => section.application)?.application ?? null;
    this.#trickle = plan.trickle;
    this.#remoteDescription = sdp;
    this.#describe = () => writeAnswer(plan, local, this.options, this.#origin());
    const answer = this.localDescription!;
    if (transport) this.#connect(transport, setup, transport.iceLite ? "controlling" : "controlled");
    else this.#stage = "negotiated";
    return answer;
  }

  generateOffer(wanted: { audio: boolean; video: boolean }): string {
    this.#require("idle", "make an offer");
    this.#gathering.prepare();
    this.#media = makeOffer(wanted, this.options, this.#streams);
    this.#trickle = true;
    const offered = this.#media;
    const application = this.options.data ? offeredApplication(String(offered.length)) : null;
    this.#application = application;
    const local = this.#localTransport("actpass");
    this.#describe = () => writeOffer(offered, application, local, this.options, this.#origin());
    this.#ice.expect("controlling");
    this.#stage = "offered";
    return this.localDescription!;
  }

  processAnswer(sdp: string): void {
    if (this.#stage !== "offered") {
      throw new AppError(
        "offer_not_generated",
        `Cannot take the answer: the session is ${this.#stage} vs offered, generate an offer first`,
      );
    }
    const answer = parseDescription(sdp);
    const plan = negotiateAnswer(answer, this.#media, this.#application, this.options);
    const { transport } = plan;
    this.#media = plan.media;
    this.#application = plan.application;
    this.#remoteDescription = sdp;
    this.#connect(transport, transport.setup === "passive" ? "active" : "passive", "controlling");
  }

  addRemoteCandidate(text: string, _mid: string | null, _mLineIndex: number | null): void {
    if (this.#stage === "ended" || text.trim() === "") return;
    const candidate = parseCandidate(text);
    if (candidate) return this.#ice.addCandidate(candidate);
    throw new AppError(
      "candidate_invalid",
      `Cannot read the candidate: ${
        JSON.stringify(text.slice(0, 60))
      } vs candidate:<foundation> …, send RFC 8839 text`,
    );
  }

  processFragment(text: string): FragmentResult {
    const fragment = parseFragment(text);
    if (this.#stage !== "negotiated") {
      throw new AppError(
        "endpoint_not_negotiated",
        `Cannot take the ICE fragment: the session is ${this.#stage} vs negotiated, exchange descriptions first`,
      );
    }
    if (fragment.ufrag === "" || fragment.ufrag === this.#ice.remoteUfrag) {
      for (const candidate of fragment.candidates) this.#ice.addCandidate(candidate);
      return { restarted: false };
    }
    return { restarted: true, fragment: this.#restart(fragment) };
  }

  /** Does nothing before there is a description, whose credentials the candidates belong to. */
  gather(): void {
    if (this.#stage === "offered" || this.#stage === "negotiated") this.#gathering.start();
  }

  /** Our passive TCP candidate at this address; null when this peer takes no TCP. */
  tcpCandidateAt({ address }: SocketAddress): Candidate | null {
    if (this.#stage === "ended") return null;
    const passive = this.#gathering.candidates.filter((candidate) => candidate.tcpType === "passive");
    return passive.find((candidate) => candidate.address === address) ?? passive[0] ?? null;
  }

  handleStun(from: SocketAddress, bytes: Uint8Array): void {
    const message = parseStun(bytes);
    if (message) this.takeStun(from, bytes, message);
  }

  /** `handleStun` for a message that is parsed already; false when it is not authentic. */
  takeStun(from: SocketAddress, bytes: Uint8Array, message: ReceivedStun): boolean {
    return this.#stage !== "ended" && this.#ice.handle(from, bytes, message);
  }

  handleDtls(from: SocketAddress, bytes: Uint8Array): void {
    if (this.#stage === "ended") return;
    if (!this.#dtls) {
      if (this.#early.length < limits.earlyDatagrams) this.#early.push({ from, bytes: bytes.slice() });
      return;
    }
    this.#destination ??= from;
    if (this.#dtls.state === "new") this.#dtls.start();
    this.#dtls.receive(bytes);
  }

  get dataChannels(): readonly DataChannelInfo[] {
    return this.#data?.infos ?? [];
  }

  createDataChannel(wish: DataChannelWish): number {
    if (this.options.data && this.#data) return this.#data.create(wish);
    throw this.options.data
      ? new AppError(
        "data_channel_failed",
        `Cannot create a data channel: the session is ${this.#stage} without one vs connected with data ` +
          "channels, negotiate them and wait for the connection",
      )
      : new AppError(
        "operation_not_supported",
        "Cannot create a data channel: data channels are off vs wanted, open a session that has them",
      );
  }

  closeDataChannel(channelId: number): void {
    if (this.#data) return this.#data.close(channelId);
    throw new AppError(
      "data_channel_not_found",
      `Cannot close the data channel: ${channelId} vs no channel that is open, open one first`,
    );
  }

  sendData(channelId: number, payload: string | Uint8Array): boolean {
    return this.#data?.send(channelId, payload) ?? false;
  }

  heardMedia(): void {
    if (this.#stage !== "ended") this.#ice.heardMedia();
  }

  heardConsent(): void {
    if (this.#stage !== "ended") this.#ice.heardConsent();
  }

  get livesByMedia(): boolean {
    return this.#ice.livesByMedia;
  }

  close(): void {
    this.#end("closed", "closed by this server");
  }

  /** Descriptions are exchanged: begin to connect. `setup` is our DTLS role. */
  #connect(transport: RemoteTransport, setup: Setup, role: "controlling" | "controlled"): void {
    this.#stage = "negotiated";
    const certificate = this.shared.certificates[this.options.certificateKeyType];
    const dtlsRole = setup === "active" ? "client" : "server";
    if (this.#application) this.#data = this.#openData(dtlsRole, this.#application);
    this.#dtls = new DtlsSession(
      dtlsRole,
      { certificate, trusts: holderOf(transport.fingerprints) },
      { clock: this.shared.clock, connectMs: this.shared.timeouts.connectMs },
      {
        send: (datagram) => this.#sendDtls(datagram),
        state: (state) => this.#onDtlsState(state),
        keys: (keys) => this.callbacks.keys(keys),
        data: (plain) => this.#data?.receive(plain),
        ended: (end, detail) => this.#end(end, detail),
      },
    );
    this.#ice.start(role, { ufrag: transport.ufrag, password: transport.password }, transport.candidates);
    const early = this.#early;
    this.#early = [];
    for (const { from, bytes } of early) this.handleDtls(from, bytes);
  }

  #openData(dtlsRole: "client" | "server", application: ApplicationSection): DataChannels {
    return new DataChannels(dtlsRole, application, this.shared.clock, {
      send: (packet) => this.#dtls?.sendData(packet),
      channel: (channel) => this.callbacks.dataChannel(channel),
      message: (channelId, payload) => this.callbacks.dataMessage(channelId, payload),
    });
  }

  #onDtlsState(state: DtlsState): void {
    this.callbacks.dtlsState(state);
    if (state === "connected") this.#data?.start();
  }

  #restart(fragment: IceFragment): string {
    this.#ice.restart({ ufrag: fragment.ufrag, password: fragment.password }, fragment.candidates);
    const first = this.#media.at(0) ?? { kind: "application", mid: this.#application?.mid ?? "" };
    return writeFragment({ ...this.#ice.local, trickle: this.#trickle }, first, this.#gathering);
  }

  #onFound(candidate: Candidate): void {
    this.callbacks.candidate(formatCandidate(candidate));
    if (candidate.type === "relay") this.#ice.relayCame();
  }

  #onSelect(address: SocketAddress, pair: { localCandidate: string; remoteCandidate: string }): void {
    this.#destination = address;
    this.#selectedPair = pair;
    this.callbacks.select(address, pair);
    if (this.#dtls?.state === "new") this.#dtls.start();
  }

  #sendDtls(datagram: Uint8Array): void {
    if (this.#destination) this.callbacks.send(this.#destination, datagram);
  }

  #end(end: PeerEnd, detail: string): void {
    if (this.#stage === "ended") return;
    this.#stage = "ended";
    this.#early = [];
    this.#data?.end();
    this.#dtls?.close();
    this.#ice.close();
    this.#gathering.close();
    this.shared.forget();
    this.callbacks.ended(end, detail);
  }

  #require(stage: "idle", action: string): void {
    if (this.#stage === stage) return;
    throw new AppError(
      "endpoint_negotiated",
      `Cannot ${action}: the session is ${this.#stage} vs ${stage}, open a new session`,
    );
  }

  #localTransport(setup: Setup): LocalTransport {
    const { fingerprint } = this.shared.certificates[this.options.certificateKeyType];
    return { ...this.#ice.local, fingerprint, setup, local: this.#gathering };
  }

  #origin(): { sessionId: string; version: number } {
    return { sessionId: this.#sessionId, version: 1 };
  }
}

/** Apart from the session's other callbacks, which would keep the description alive with it as long as they live. */
function holderOf(fingerprints: RemoteTransport["fingerprints"]): (certificate: Uint8Array) => boolean {
  return (certificate) => matchesFingerprint(certificate, fingerprints);
}
