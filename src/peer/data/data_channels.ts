import { AppError, type Clock } from "../../base/mod.ts";
import { limits } from "../limits.ts";
import { Association } from "../sctp/association.ts";
import type { IncomingMessage } from "../sctp/reassembly.ts";
import type { DataChannelInfo, DataChannelWish } from "../types.ts";
import { DataChannel } from "./channel.ts";
import { readDcep, writeAck, writeOpen } from "./dcep.ts";
import { decodePayload, encodePayload, PPID } from "./payload.ts";

/** What descriptions said about the association (RFC 8841). */
export interface SctpTerms {
  localPort: number;
  remotePort: number;
  /** Bytes of a message that the other side takes; 0 for any. */
  remoteMaxMessageBytes: number;
}

/** What the channels tell their peer. */
export interface DataChannelsCallbacks {
  /** One SCTP packet, to go into a DTLS record of its own. */
  send(packet: Uint8Array): void;
  /** A channel opened or closed. */
  channel(channel: DataChannelInfo): void;
  message(channelId: number, payload: string | Uint8Array): void;
}

const BOUND_MOST = 65_535;
const LABEL_BYTES = 65_535;

/** The data channels of one peer (RFC 8831), over one association that begins when DTLS is connected. */
export class DataChannels {
  readonly #channels = new Map<number, DataChannel>();
  readonly #association: Association;

  /** @param dtlsRole decides whose channels have even ids (RFC 8832 section 6): those of the DTLS client */
  constructor(
    readonly dtlsRole: "client" | "server",
    readonly terms: SctpTerms,
    readonly clock: Clock,
    readonly callbacks: DataChannelsCallbacks,
  ) {
    this.#association = new Association({ local: terms.localPort, remote: terms.remotePort }, clock, {
      send: (packet) => callbacks.send(packet),
      established: () => {},
      message: (message) => this.#onMessage(message),
      incomingReset: (streamIds) => this.#onIncomingReset(streamIds ?? [...this.#channels.keys()]),
      outgoingReset: (streamIds) => streamIds.forEach((id) => this.#reset(id, "outgoing")),
      ended: () => this.#endAll(),
    });
  }

  /** What is known of each now; the values change as the channels do. */
  get infos(): DataChannelInfo[] {
    return [...this.#channels.values()].map((channel) => channel.info);
  }

  /** DTLS is connected. */
  start(): void {
    this.#association.start();
  }

  /** Takes what a DTLS record of application data had inside. */
  receive(packet: Uint8Array): void {
    this.#association.receive(packet);
  }

  /** Opens a channel and gives its id. Throws data_channel_failed, value_unacceptable. */
  create(wish: DataChannelWish): number {
    const terms = capped(wish);
    const channelId = this.#freeId();
    this.#channels.set(channelId, new DataChannel(channelId, terms, false));
    this.#sendDcep(channelId, writeOpen(terms));
    return channelId;
  }

  /** Closes a channel once what was sent on it is out. Throws data_channel_not_found. */
  close(channelId: number): void {
    const channel = this.#channels.get(channelId);
    if (!channel) {
      throw new AppError(
        "data_channel_not_found",
        `Cannot close the data channel: ${channelId} vs ${
          [...this.#channels.keys()].slice(0, 8).join(", ") || "no channel"
        } that are open, name one of these`,
      );
    }
    if (channel.beginClosing()) this.#association.resetStream(channelId);
  }

  /** False when the channel is not open, its buffer is full, or the other side takes no message of this size. */
  send(channelId: number, payload: string | Uint8Array): boolean {
    const channel = this.#channels.get(channelId);
    if (channel?.state !== "open") return false;
    const encoded = encodePayload(payload);
    const bytes = encoded.payload.length;
    const { remoteMaxMessageBytes } = this.terms;
    if (remoteMaxMessageBytes > 0 && bytes > remoteMaxMessageBytes) return false;
    const buffered = this.#association.bufferedBytes;
    if (buffered > 0 && buffered + bytes > limits.dataBufferBytes) return false;
    const { ordered, maxRetransmits, maxPacketLifeTimeMs } = channel.terms;
    const expiresAtMs = maxPacketLifeTimeMs === null ? null : this.clock.now() + maxPacketLifeTimeMs;
    this.#association.send({ streamId: channelId, ordered, ...encoded, maxRetransmits, expiresAtMs });
    channel.sent(payload.length === 0 ? 0 : bytes);
    return true;
  }

  /** Ends the association; every channel is closed. */
  end(): void {
    this.#association.close();
    this.#endAll();
  }

  #onMessage({ streamId, ppid, payload }: IncomingMessage): void {
    const channel = this.#channels.get(streamId);
    if (ppid === PPID.dcep) return this.#onDcep(streamId, channel, payload);
    if (!channel || channel.state === "closing") return;
    this.#opened(channel);
    const message = decodePayload(ppid, payload);
    if (message === null) return;
    if (payload.length > limits.dataMessageBytes) return this.close(streamId);
    channel.received(message.length === 0 ? 0 : payload.length);
    this.callbacks.message(streamId, message);
  }

  /** What is against RFC 8832 section 6 closes the channel. */
  #onDcep(channelId: number, channel: DataChannel | undefined, payload: Uint8Array): void {
    const message = readDcep(payload);
    if (message?.kind === "ack") return channel && this.#opened(channel);
    if (channel) return this.close(channelId);
    if (message === null || this.#channels.size >= limits.dataChannels) {
      return this.#association.resetStream(channelId);
    }
    const opened = new DataChannel(channelId, message.terms, true);
    this.#channels.set(channelId, opened);
    this.#sendDcep(channelId, writeAck());
    this.callbacks.channel({ ...opened.info });
  }

  #opened(channel: DataChannel): void {
    if (channel.open()) this.callbacks.channel({ ...channel.info });
  }

  #onIncomingReset(streamIds: number[]): void {
    for (const streamId of streamIds) {
      const channel = this.#channels.get(streamId);
      // Closing goes both ways (RFC 8831 section 6.7).
      if (channel?.beginClosing()) this.#association.resetStream(streamId);
      this.#reset(streamId, "incoming");
    }
  }

  #reset(streamId: number, direction: "incoming" | "outgoing"): void {
    const channel = this.#channels.get(streamId);
    if (!channel?.reset(direction)) return;
    this.#channels.delete(streamId);
    this.callbacks.channel({ ...channel.info });
  }

  #endAll(): void {
    for (const [channelId, channel] of this.#channels) {
      this.#channels.delete(channelId);
      channel.end();
      this.callbacks.channel({ ...channel.info });
    }
  }

  /** Always ordered and reliable (RFC 8832 section 6). */
  #sendDcep(streamId: number, payload: Uint8Array): void {
    this.#association.send({
      streamId,
      ordered: true,
      ppid: PPID.dcep,
      payload,
      maxRetransmits: null,
      expiresAtMs: null,
    });
  }

  #freeId(): number {
    const { state, outboundStreams } = this.#association;
    if (state !== "established") throw refused(`the association is ${state}`, "established");
    const most = Math.min(outboundStreams, 65_535);
    for (let id = this.dtlsRole === "client" ? 0 : 1; id < most; id += 2) {
      if (this.#channels.size < limits.dataChannels && !this.#channels.has(id)) return id;
    }
    throw refused(`${this.#channels.size} channels are open`, `fewer than ${limits.dataChannels}`);
  }
}

function capped(wish: DataChannelWish): DataChannelWish {
  const { maxPacketLifeTimeMs, maxRetransmits, label, protocol } = wish;
  if (maxPacketLifeTimeMs !== null && maxRetransmits !== null) {
    throw unacceptable(
      "both maxPacketLifeTime and maxRetransmits",
      "at most one of the two",
      "leave one out",
    );
  }
  for (const text of [label, protocol]) {
    const { length } = new TextEncoder().encode(text);
    if (length > LABEL_BYTES) throw unacceptable(`${length} bytes`, `at most ${LABEL_BYTES}`, "shorten it");
  }
  const most = (bound: number | null) => bound === null ? null : Math.min(bound, BOUND_MOST);
  return { ...wish, maxPacketLifeTimeMs: most(maxPacketLifeTimeMs), maxRetransmits: most(maxRetransmits) };
}

function unacceptable(found: string, wanted: string, remedy: string): AppError {
  return new AppError(
    "value_unacceptable",
    `Cannot create a data channel: ${found} vs ${wanted}, ${remedy}`,
  );
}

function refused(found: string, wanted: string): AppError {
  return new AppError(
    "data_channel_failed",
    `Cannot create a data channel: ${found} vs ${wanted}, try again later`,
  );
}
