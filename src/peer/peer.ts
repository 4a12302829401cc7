import type { KeyObject } from "node:crypto";
import { AppError, randomToken, randomUint32, type SocketAddress } from "../base/mod.ts";
import { DtlsSession } from "./dtls/session.ts";
import { IceAgent } from "./ice/agent.ts";
import type { IceDirectory } from "./ice/directory.ts";
import { parseStun, type ReceivedStun } from "./ice/stun.ts";
import { limits } from "./limits.ts";
import { parseCandidate } from "./sdp/candidate.ts";
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
  /** DER of the certificate and its key, parsed once. */
  certificate: PeerDeps["certificate"] & { bytes: Uint8Array; key: KeyObject };
  directory: IceDirectory;
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
  #localDescription: string | null = null;
  #remoteDescription: string | null = null;
  #selectedPair: Peer["selectedPair"] = null;
  #destination: SocketAddress | null = null;
  #dtls: DtlsSession | null = null;
  #early: { from: SocketAddress; bytes: Uint8Array }[] = [];
  #trickle = false;
  readonly #ice: IceAgent;
  readonly #sessionId = String(randomUint32());
  readonly #streams: LocalStreams = { cname: randomToken(16), newSsrc: randomUint32 };

  constructor(
    readonly options: PeerOptions,
    readonly callbacks: PeerCallbacks,
    readonly shared: PeerShared,
  ) {
    this.#ice = new IceAgent(shared, {
      send: (to, bytes) => callbacks.send(to, bytes),
      admit: (address) => callbacks.admit(address),
      state: (state) => callbacks.iceState(state),
      select: (address, pair) => this.#onSelect(address, pair),
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
    return this.#localDescription;
  }
  get remoteDescription(): string | null {
    return this.#remoteDescription;
  }
  get selectedPair(): Peer["selectedPair"] {
    return this.#selectedPair;
  }

  processOffer(sdp: string): string {
    this.#require("idle", "answer the offer");
    const plan = negotiateOffer(parseDescription(sdp), this.options, this.#streams);
    const setup = plan.transport.setup === "passive" ? "active" : "passive";
    const answer = writeAnswer(plan, this.#localTransport(setup), this.options, this.#origin());
    this.#media = plan.sections.flatMap((section) => section.media ? [section.media] : []);
    this.#trickle = plan.trickle;
    this.#remoteDescription = sdp;
    this.#localDescription = answer;
    this.#connect(plan.transport, setup, plan.transport.iceLite ? "controlling" : "controlled");
    return answer;
  }

  generateOffer(wanted: { audio: boolean; video: boolean }): string {
    this.#require("idle", "make an offer");
    this.#media = makeOffer(wanted, this.options, this.#streams);
    this.#trickle = true;
    this.#localDescription = writeOffer(
      this.#media,
      this.#localTransport("actpass"),
      this.options,
      this.#origin(),
    );
    this.#ice.expect("controlling");
    this.#stage = "offered";
    return this.#localDescription;
  }

  processAnswer(sdp: string): void {
    if (this.#stage !== "offered") {
      throw new AppError(
        "offer_not_generated",
        `Cannot take the answer: the session is ${this.#stage} vs offered, generate an offer first`,
      );
    }
    const { media, transport } = negotiateAnswer(parseDescription(sdp), this.#media, this.options);
    this.#media = media;
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

  heardMedia(): void {
    if (this.#stage !== "ended") this.#ice.heardMedia();
  }

  close(): void {
    this.#end("closed", "closed by this server");
  }

  /** Descriptions are exchanged: begin to connect. `setup` is our DTLS role. */
  #connect(transport: RemoteTransport, setup: Setup, role: "controlling" | "controlled"): void {
    this.#stage = "negotiated";
    const { bytes, key } = this.shared.certificate;
    this.#dtls = new DtlsSession(
      setup === "active" ? "client" : "server",
      { certificate: bytes, key, trusts: (remote) => matchesFingerprint(remote, transport.fingerprints) },
      { clock: this.shared.clock, connectMs: this.shared.timeouts.connectMs },
      {
        send: (datagram) => this.#sendDtls(datagram),
        state: (state) => this.callbacks.dtlsState(state),
        keys: (keys) => this.callbacks.keys(keys),
        ended: (end, detail) => this.#end(end, detail),
      },
    );
    this.#ice.start(role, { ufrag: transport.ufrag, password: transport.password }, transport.candidates);
    const early = this.#early;
    this.#early = [];
    for (const { from, bytes } of early) this.handleDtls(from, bytes);
  }

  #restart(fragment: IceFragment): string {
    this.#ice.restart({ ufrag: fragment.ufrag, password: fragment.password }, fragment.candidates);
    const [first] = this.#media;
    return writeFragment({ ...this.#ice.local, trickle: this.#trickle }, first, this.shared.reach);
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
    this.#dtls?.close();
    this.#ice.close();
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
    const { certificate, reach } = this.shared;
    return { ...this.#ice.local, fingerprint: certificate.fingerprint, setup, reach };
  }

  #origin(): { sessionId: string; version: number } {
    return { sessionId: this.#sessionId, version: 1 };
  }
}
