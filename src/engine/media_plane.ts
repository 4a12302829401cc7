import { type Clock, createLog } from "../base/mod.ts";
import {
  type DtlsCertificates,
  type IceOptions,
  openPeers,
  type Peer,
  type PeerCallbacks,
  type PeerOptions,
  type Peers,
} from "../peer/mod.ts";
import type { PlaneCommand, PlaneEvent, PlaneHandle, PlaneStats } from "../plane/mod.ts";

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
}

/** How often media that still arrives is counted as consent, for peers that answer no checks (FFmpeg). */
const consentByMediaMs = 3000;

/** One packet plane with the peers that live on its port: numbers are given here, events find their owner here. */
export class MediaPlane {
  readonly handle: PlaneHandle;
  readonly iceDefaults: IceOptions;
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

  stats(): Promise<PlaneStats> {
    this.#post();
    return this.handle.stats();
  }

  /** STUN datagrams that were dropped without an answer, by reason, since the start. */
  get stunDrops(): Record<string, number> {
    const { stunMalformed, stunUnknown, stunUnauthentic } = this.#peers.counters;
    return { stunMalformed, stunUnknown, stunUnauthentic };
  }

  openPeer(options: PeerOptions, callbacks: PeerCallbacks): Peer {
    return this.#peers.open(options, callbacks);
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
    }
  }

  async #countMediaAsConsent(): Promise<void> {
    if (this.#transports.size === 0) return;
    const since = this.#clock.now() - 2 * consentByMediaMs;
    for (const transport of (await this.stats()).transports) {
      if (transport.lastReceivedMs > since) this.#transports.get(transport.transport)?.heardMedia();
    }
  }
}

function setOrDelete<Owner>(owners: Map<number, Owner>, id: number, owner: Owner | null): void {
  if (owner === null) owners.delete(id);
  else owners.set(id, owner);
}
