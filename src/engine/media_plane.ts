import { AppError, type Clock, createLog } from "../base/mod.ts";
import {
  type DtlsCertificates,
  type IceOptions,
  openPeers,
  type Peer,
  type PeerCallbacks,
  type PeerOptions,
  type Peers,
  type RtpPorts,
} from "../peer/mod.ts";
import type { PlaneCommand, PlaneEvent, PlaneHandle, PlaneStats, PortRange } from "../plane/mod.ts";

const log = createLog("engine");

/** Who is told what the plane says about one of its things. */
export interface SourceOwner {
  flow(flowing: boolean): void;
  format(codec: string, format: string): void;
}
export interface SenderOwner {
  flow(flowing: boolean): void;
  mismatch(codec: string): void;
}
export interface TransportOwner {
  dtls: Peer["handleDtls"];
  media(active: boolean): void;
  heardMedia(): void;
  /** Whether `heardMedia` means anything to it. */
  livesByMedia(): boolean;
  heardConsent(): void;
  /** It is known now where its peer is, by what came from there. */
  latched?(): void;
  keyNearlyUsed?(): void;
}

export interface MediaPlaneSettings {
  clock: Clock;
  certificates: DtlsCertificates;
  addresses: string[];
  /** How peers reach this server beyond its host candidates, unless their element says otherwise. */
  iceDefaults: IceOptions;
  /**
   * The address that the plane is bound to ("" for every one) and the TCP port for ICE (null for none). Without it there
   * are host candidates on UDP only.
   */
  network?: { bind: string; tcpPort: number | null };
  connectMs: number;
  consentMs: number;
  /** UDP ports for RTP sessions, which have some of their own. */
  rtpPorts: PortRange;
}

/** What programs of this machine reach a socket by that is bound to every address. */
const everyAddress = ["", "::", "0.0.0.0"];

/** How often media that still arrives is counted as consent, for peers that answer no checks (FFmpeg). */
const consentByMediaMs = 3000;

/** One packet plane with the peers that live on its port: numbers are given here, events find their owner here. */
export class MediaPlane {
  readonly handle: PlaneHandle;
  readonly iceDefaults: IceOptions;
  /** Address at which processes of this machine and the plane reach each other. */
  readonly hostAddress: string;
  /** Where RTP sessions without ICE reach this plane, the best first. */
  readonly rtpAddresses: string[];
  readonly #rtpPorts: PortRange;
  readonly #opening = new Map<number, Opening>();
  readonly #peers: Peers;
  readonly #sources = new Map<number, SourceOwner>();
  readonly #senders = new Map<number, SenderOwner>();
  readonly #transports = new Map<number, TransportOwner>();
  readonly #clock: Clock;
  readonly #consentTimer: { cancel(): void };
  #outbox: PlaneCommand[] = [];
  #lastId = 0;
  #pipelines = 0;

  constructor(handle: PlaneHandle, settings: MediaPlaneSettings) {
    this.handle = handle;
    this.iceDefaults = settings.iceDefaults;
    this.hostAddress = hostAddressOf(settings.network?.bind ?? "");
    this.rtpAddresses = rtpAddressesOf(settings, handle.family);
    this.#rtpPorts = settings.rtpPorts;
    this.#clock = settings.clock;
    this.#peers = openPeers({
      clock: settings.clock,
      certificates: settings.certificates,
      reach: { addresses: settings.addresses, port: handle.port },
      timeouts: { connectMs: settings.connectMs, consentMs: settings.consentMs },
      network: settings.network && {
        ...settings.network,
        keep: settings.iceDefaults,
        send: (address, bytes) => this.apply({ do: "send", address, bytes }),
      },
    });
    this.#consentTimer = settings.clock.every(consentByMediaMs, () => {
      this.#countMediaAsConsent().catch((error) => log.debug("media was not counted as consent", { error }));
    });
  }

  /** How many pipelines were placed here; new ones go where there are fewest. */
  get load(): number {
    return this.#pipelines;
  }
  place(): void {
    this.#pipelines++;
  }
  leave(): void {
    this.#pipelines--;
  }

  nextId(): number {
    return ++this.#lastId;
  }

  /** Commands given without a pause between them go over as one message: a message costs more than what it says. */
  apply(...commands: PlaneCommand[]): void {
    if (this.#outbox.length === 0) queueMicrotask(() => this.#post());
    this.#outbox.push(...commands);
  }

  /** Counters of these transports, or of all. */
  stats(transports?: readonly number[]): Promise<PlaneStats> {
    this.#post();
    return this.handle.stats(transports);
  }

  /** STUN datagrams that were dropped without an answer, by reason, since the start. */
  get stunDrops(): Record<string, number> {
    const { stunMalformed, stunUnknown, stunUnauthentic } = this.#peers.counters;
    return { stunMalformed, stunUnknown, stunUnauthentic };
  }

  openPeer(options: PeerOptions, callbacks: PeerCallbacks): Peer {
    return this.#peers.open(options, callbacks);
  }

  /**
   * Opens UDP ports for one m-line of an RTP session, with one for RTCP where `rtcp`. Rejects with AppError limit_reached
   * when none is free.
   */
  openPorts(rtcp: boolean): Promise<RtpPorts> {
    const port = this.nextId();
    return new Promise((resolve, reject) => {
      this.#opening.set(port, { resolve, reject });
      this.apply({ do: "openPort", port, rtcp, range: this.#rtpPorts });
    });
  }

  /** After the transport that used them. */
  closePorts(port: number): void {
    this.apply({ do: "closePort", port });
  }

  ownSource(source: number, owner: SourceOwner | null): void {
    setOrDelete(this.#sources, source, owner);
  }
  ownSender(sender: number, owner: SenderOwner | null): void {
    setOrDelete(this.#senders, sender, owner);
  }
  ownTransport(transport: number, owner: TransportOwner | null): void {
    setOrDelete(this.#transports, transport, owner);
  }

  /** To be called with everything the plane tells. */
  hear(events: readonly PlaneEvent[]): void {
    for (const event of events) {
      try {
        this.#hear(event);
      } catch (error) {
        // What one peer sent must not end the sessions of all others.
        log.error("what the plane told could not be taken", { on: event.on, error });
      }
    }
  }

  async close(): Promise<void> {
    this.#consentTimer.cancel();
    this.#peers.close();
    this.#post();
    await this.handle.close();
  }

  #post(): void {
    if (this.#outbox.length === 0) return;
    const commands = this.#outbox;
    this.#outbox = [];
    this.handle.apply(commands);
  }

  #hear(event: PlaneEvent): void {
    switch (event.on) {
      case "datagram":
        if (event.kind === "stun") return this.#peers.handleStun(event.from, event.bytes);
        return void this.#transports.get(event.transport ?? 0)?.dtls(event.from, event.bytes);
      case "consent":
        for (const transport of event.transports) this.#transports.get(transport)?.heardConsent();
        return;
      case "sourceFlow":
        return void this.#sources.get(event.source)?.flow(event.flowing);
      case "sourceFormat":
        return void this.#sources.get(event.source)?.format(event.codec, event.format);
      case "senderFlow":
        return void this.#senders.get(event.sender)?.flow(event.flowing);
      case "formatMismatch":
        return void this.#senders.get(event.sender)?.mismatch(event.codec);
      case "transportMedia":
        return void this.#transports.get(event.transport)?.media(event.active);
      case "transportLatched":
        return void this.#transports.get(event.transport)?.latched?.();
      case "keyNearlyUsed":
        return void this.#transports.get(event.transport)?.keyNearlyUsed?.();
      case "portOpened":
      case "portFailed":
        return this.#hearPort(event);
    }
  }

  #hearPort(event: Extract<PlaneEvent, { on: "portOpened" | "portFailed" }>): void {
    const opening = this.#opening.get(event.port);
    this.#opening.delete(event.port);
    if (event.on === "portFailed") opening?.reject(noPort(event.reason));
    else opening?.resolve({ port: event.port, rtpPort: event.udpPort, rtcpPort: event.rtcpPort });
  }

  async #countMediaAsConsent(): Promise<void> {
    // The figures of a full plane are a large message: asked for only where somebody lives by them.
    if (!this.#transports.values().some((owner) => owner.livesByMedia())) return;
    const since = this.#clock.now() - 2 * consentByMediaMs;
    for (const transport of (await this.stats()).transports) {
      if (transport.lastReceivedMs > since) this.#transports.get(transport.transport)?.heardMedia();
    }
  }
}

/** The announced addresses, and those of loopback where the plane hears them; IPv6 ones where it speaks that. */
function rtpAddressesOf({ addresses, network }: MediaPlaneSettings, family: PlaneHandle["family"]): string[] {
  const loopback = everyAddress.includes(network?.bind ?? "") ? ["127.0.0.1", "::1"] : [];
  return [...addresses, ...loopback].filter((address) => family === "dual" || !address.includes(":"));
}

/** Somebody waits for ports. */
interface Opening {
  resolve(ports: RtpPorts): void;
  reject(error: AppError): void;
}

function noPort(reason: string): AppError {
  return new AppError(
    "limit_reached",
    `Cannot open a port for RTP: ${reason} vs one that is free, release endpoints or widen KASKADO_RTP_PORTS`,
  );
}

function setOrDelete<Owner>(owners: Map<number, Owner>, id: number, owner: Owner | null): void {
  if (owner === null) owners.delete(id);
  else owners.set(id, owner);
}

/** Where programs of this machine find a plane that is bound like this. */
export function hostAddressOf(bind: string): string {
  return everyAddress.includes(bind) ? "127.0.0.1" : bind;
}
