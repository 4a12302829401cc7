import type { Clock, Timer } from "../../base/mod.ts";
import { CHUNK, readData, readForwardTsn, readSack, writeSack } from "./chunk.ts";
import { SctpFailure } from "./failure.ts";
import { Handshake } from "./handshake.ts";
import type { Init } from "./init_chunk.ts";
import type { OutgoingMessage } from "./outgoing_messages.ts";
import { type Chunk, type Packet, PacketWriter, readPacket } from "./packet.ts";
import type { IncomingMessage } from "./reassembly.ts";
import { Receiver } from "./receiver.ts";
import { readReconfig } from "./reconfig_chunk.ts";
import { Sender } from "./sender.ts";
import { StreamReset } from "./stream_reset.ts";

/** What an association tells its owner. Calls are synchronous and may come from inside a method of it. */
export interface AssociationCallbacks {
  /** One packet, to go into a DTLS record of its own (RFC 8261). */
  send(packet: Uint8Array): void;
  established(): void;
  message(message: IncomingMessage): void;
  /** The other side begins these streams anew; null for all. */
  incomingReset(streamIds: number[] | null): void;
  /** These streams of ours begin anew, and the other side knows. */
  outgoingReset(streamIds: number[]): void;
  /** It is over, and not by `close`; nothing is called after this. */
  ended(detail: string): void;
}

const SACK_DELAY_MS = 200;
const MOST_RESET_RETRIES = 10;
/** T bit: the sender knows no tag of ours and repeats its own (RFC 9260 section 8.5.1). */
const REFLECTED = 1;
const nothing = new Uint8Array(0);

/** The halves of an association that stands. */
interface Established {
  remote: Init;
  writer: PacketWriter;
  sender: Sender;
  receiver: Receiver;
  reset: StreamReset;
}

/**
 * One SCTP association over DTLS (RFC 9260, RFC 8261) with partial reliability (RFC 3758) and stream reset (RFC 6525),
 * as data channels need it: one path, no multi-homing, no heartbeats of its own because ICE watches the path. Nothing
 * that comes in makes it throw. At rest it has no timer.
 *
 *   new ──► connecting ──► established ──► ended      (each ──► ended)
 */
export class Association {
  #state: "new" | "connecting" | "established" | "ended" = "new";
  #live: Established | null = null;
  #sackTimer: Timer | null = null;
  #resetTimer: Timer | null = null;
  #resetRetries = 0;
  readonly #handshake: Handshake;

  constructor(
    readonly port: { local: number; remote: number },
    readonly clock: Clock,
    readonly callbacks: AssociationCallbacks,
  ) {
    this.#handshake = new Handshake(clock, {
      send: (tag, type, value) => this.#sendAlone(tag, type, 0, value),
      established: (remote) => this.#onEstablished(remote),
      failed: (detail) => this.#end(detail),
    });
  }

  get state(): "new" | "connecting" | "established" | "ended" {
    return this.#state;
  }

  /** What was given to `send` and has not arrived yet, overhead included. */
  get bufferedBytes(): number {
    return this.#live?.sender.bufferedBytes ?? 0;
  }

  /** How many streams of ours the other side takes; 0 before it said so. */
  get outboundStreams(): number {
    return this.#live?.remote.inboundStreams ?? 0;
  }

  /** Begins: both sides may. */
  start(): void {
    if (this.#state !== "new") return;
    this.#state = "connecting";
    this.#handshake.start();
  }

  /** Takes one packet. */
  receive(bytes: Uint8Array): void {
    const packet = this.#state === "ended" ? null : readPacket(bytes);
    if (packet?.destinationPort !== this.port.local || packet.sourcePort !== this.port.remote) return;
    try {
      this.#take(packet);
    } catch (error) {
      if (!(error instanceof SctpFailure)) throw error;
      this.#abort(error.message);
    }
  }

  /** Takes a message; only while established. */
  send(message: OutgoingMessage): void {
    this.#live?.sender.send(message);
    this.#flush();
  }

  /** Begins a stream of ours anew once everything on it was sent. */
  resetStream(streamId: number): void {
    if (!this.#live) return;
    if (!this.#live.remote.reconfig) {
      // There is no way to ask; both directions count as done.
      this.callbacks.incomingReset([streamId]);
      this.callbacks.outgoingReset([streamId]);
      return;
    }
    this.#live.reset.add(streamId);
    this.#flush();
  }

  /** Says ABORT and ends, without a callback. */
  close(): void {
    if (this.#live) this.#sendAlone(this.#live.remote.initiateTag, CHUNK.abort, 0, nothing);
    this.#stop();
  }

  #take(packet: Packet): void {
    const [first] = packet.chunks;
    if (first?.type === CHUNK.init) {
      if (packet.verificationTag === 0 && packet.chunks.length === 1) this.#handshake.onInit(first.value);
      return;
    }
    let hasData = false;
    for (const chunk of packet.chunks) {
      if (this.#isOver) return;
      if (!this.#isForUs(packet.verificationTag, chunk)) continue;
      // Of types that are not known, the higher bit says whether the rest of the packet may be read.
      if (!this.#takeChunk(chunk) && chunk.type < 0x80) break;
      hasData ||= chunk.type === CHUNK.data;
    }
    if (hasData) this.#live?.receiver.packetDone();
    this.#live?.reset.advanced();
    this.#flush();
  }

  #isForUs(tag: number, chunk: Chunk): boolean {
    if (tag === this.#handshake.local.initiateTag) return true;
    const mayReflect = chunk.type === CHUNK.abort || chunk.type === CHUNK.shutdownComplete;
    return mayReflect && (chunk.flags & REFLECTED) !== 0 && tag === this.#live?.remote.initiateTag;
  }

  /** False when the type is unknown. */
  #takeChunk(chunk: Chunk): boolean {
    switch (chunk.type) {
      case CHUNK.initAck:
        this.#handshake.onInitAck(chunk.value);
        return true;
      case CHUNK.cookieEcho:
        this.#handshake.onCookieEcho(chunk.value);
        return true;
      case CHUNK.cookieAck:
        this.#handshake.onCookieAck();
        return true;
      case CHUNK.abort:
        this.#end("the other side aborted");
        return true;
      case CHUNK.shutdownAck:
      case CHUNK.shutdownComplete:
      case CHUNK.error:
        return true;
      default:
        return this.#live ? this.#takeLive(this.#live, chunk) : true;
    }
  }

  #takeLive(live: Established, { type, flags, value }: Chunk): boolean {
    switch (type) {
      case CHUNK.data:
        this.#onData(live, flags, value);
        return true;
      case CHUNK.sack: {
        const sack = readSack(value);
        if (sack) live.sender.acknowledge(sack);
        return true;
      }
      case CHUNK.forwardTsn: {
        const forward = readForwardTsn(value);
        if (forward) this.#deliver(live.receiver.forward(forward));
        return true;
      }
      case CHUNK.reconfig:
        for (const parameter of readReconfig(value)) live.reset.take(parameter);
        return true;
      case CHUNK.heartbeat:
        live.writer.add(CHUNK.heartbeatAck, 0, value);
        return true;
      case CHUNK.heartbeatAck:
        return true;
      case CHUNK.shutdown:
        this.#sendAlone(live.remote.initiateTag, CHUNK.shutdownAck, 0, nothing);
        this.#end("the other side shut down");
        return true;
      default:
        return false;
    }
  }

  #onData(live: Established, flags: number, value: Uint8Array): void {
    const data = readData(flags, value);
    if (data) this.#deliver(live.receiver.take(data));
  }

  /** An owner may close the association from inside a callback. */
  #deliver(messages: IncomingMessage[]): void {
    for (const message of messages) if (!this.#isOver) this.callbacks.message(message);
  }

  #onEstablished(remote: Init): void {
    const { local } = this.#handshake;
    const writer = new PacketWriter(this.port, remote.initiateTag, (packet) => this.callbacks.send(packet));
    const sender = new Sender(
      {
        initialTsn: local.initialTsn,
        remoteWindowBytes: remote.windowBytes,
        partialReliability: remote.forwardTsn,
      },
      this.clock,
      { timedOut: () => this.#flush(), failed: (detail) => this.#abort(detail) },
    );
    const receiver = new Receiver(remote.initialTsn);
    const reset = this.#resetOf(
      { local: local.initialTsn, remote: remote.initialTsn },
      writer,
      sender,
      receiver,
    );
    this.#live = { remote, writer, sender, receiver, reset };
    this.#state = "established";
    this.callbacks.established();
  }

  #resetOf(
    initialTsns: { local: number; remote: number },
    writer: PacketWriter,
    sender: Sender,
    receiver: Receiver,
  ): StreamReset {
    return new StreamReset(initialTsns, {
      send: (value) => writer.add(CHUNK.reconfig, 0, value),
      lastSentTsn: () => (sender.nextTsn - 1) >>> 0,
      cumulativeTsn: () => receiver.cumulativeTsn,
      hasUnsent: (streamId) => sender.hasUnsent(streamId),
      incoming: (streamIds) => {
        receiver.reset(streamIds);
        this.callbacks.incomingReset(streamIds);
      },
      outgoing: (streamIds) => {
        streamIds.forEach((streamId) => sender.restartStream(streamId));
        this.callbacks.outgoingReset(streamIds);
      },
    });
  }

  /** Sends what is due, and sees to it that what is due later comes. */
  #flush(): void {
    const live = this.#live;
    if (!live) return;
    if (live.receiver.sackDue === "now") this.#writeSack(live);
    live.sender.flush(live.writer);
    live.reset.flush();
    live.writer.flush();
    if (live.receiver.sackDue === "later") {
      this.#sackTimer ??= this.clock.after(SACK_DELAY_MS, () => this.#onSackTimer());
    }
    this.#watchReset(live.reset);
  }

  #writeSack(live: Established): void {
    this.#sackTimer?.cancel();
    this.#sackTimer = null;
    const { sack, duplicates } = live.receiver.sack();
    live.writer.add(CHUNK.sack, 0, writeSack(sack, duplicates));
  }

  #onSackTimer(): void {
    this.#sackTimer = null;
    if (!this.#live) return;
    this.#writeSack(this.#live);
    this.#flush();
  }

  #watchReset(reset: StreamReset): void {
    if (!reset.isPending) {
      this.#resetTimer?.cancel();
      this.#resetTimer = null;
      this.#resetRetries = 0;
      return;
    }
    this.#resetTimer ??= this.clock.after(this.#live!.sender.timeout.ms, () => {
      this.#resetTimer = null;
      if (++this.#resetRetries > MOST_RESET_RETRIES) return this.#abort("a stream reset was not answered");
      reset.repeat();
      this.#flush();
    });
  }

  #sendAlone(tag: number, type: number, flags: number, value: Uint8Array): void {
    const writer = new PacketWriter(this.port, tag, (packet) => this.callbacks.send(packet));
    writer.add(type, flags, value);
    writer.flush();
  }

  #abort(detail: string): void {
    if (this.#live) this.#sendAlone(this.#live.remote.initiateTag, CHUNK.abort, 0, nothing);
    this.#end(detail);
  }

  #end(detail: string): void {
    if (this.#isOver) return;
    this.#stop();
    this.callbacks.ended(detail);
  }

  #stop(): void {
    this.#state = "ended";
    this.#handshake.close();
    this.#live?.sender.close();
    this.#live = null;
    this.#sackTimer?.cancel();
    this.#resetTimer?.cancel();
  }

  get #isOver(): boolean {
    return this.#state === "ended";
  }
}
