import type { SrtpCipher, SrtpProfile } from "../native/mod.ts";
import type { Context } from "./context.ts";
import type { ExtensionIds, ReceiverSpec, SenderSpec, TransportKeys } from "./control.ts";
import { forgetFeed } from "./feed.ts";
import { join } from "./join.ts";
import { KeyLife } from "./key_life.ts";
import { MAX_TRANSPORTS } from "./limits.ts";
import { Receiver } from "./receiver.ts";
import { sendBye } from "./rtcp_reports.ts";
import { isExtensionId, Sender } from "./sender.ts";
import type { SidePeer } from "./side_peer.ts";
import { chooseStreams, dropLayers } from "./simulcast.ts";
import { Source } from "./source.ts";
import { NO_KINDS, Transport } from "./transport.ts";

/** RFC 8285 one-byte elements carry 1–16 bytes. */
const MAX_MID_BYTES = 16;
/** Peers hear of us within this time, then about each second. */
const FIRST_REPORT_MS = 500;

export type OpenCipher = (profile: SrtpProfile, masterKey: Uint8Array, masterSalt: Uint8Array) => SrtpCipher;

/** What is open, by the ids of the control side. A method about an id that is not open returns false and does nothing. */
export class Tables {
  readonly #context: Context;
  readonly #openCipher: OpenCipher;
  readonly #transports = new Map<number, Transport>();
  readonly #receivers = new Map<number, Receiver>();
  readonly #senders = new Map<number, Sender>();
  readonly sources = new Map<number, Source>();
  #receiverOrder = 0;

  constructor(context: Context, openCipher: OpenCipher) {
    this.#context = context;
    this.#openCipher = openCipher;
  }

  transport(id: number): Transport | undefined {
    return this.#transports.get(id);
  }

  /** `side`: it has ports of its own. */
  openTransport(id: number, side: SidePeer | null): boolean {
    const { transports, nowMs } = this.#context;
    if (this.#transports.has(id)) return false;
    let row = transports.indexOf(null);
    if (row < 0) row = transports.length;
    if (row >= MAX_TRANSPORTS) return false;
    const transport = new Transport(id, row, side);
    transport.nextReportMs = nowMs + FIRST_REPORT_MS;
    // The row may have been somebody else's.
    this.#context.udp.setDscp(row, 0);
    transports[row] = transport;
    this.#transports.set(id, transport);
    if (side !== null) setOnSides(this.#context, side, transport);
    return true;
  }

  key(id: number, keys: TransportKeys): boolean {
    const transport = this.#transports.get(id);
    if (!transport) return false;
    closeCiphers(transport);
    transport.inCipher = this.#openCipher(keys.profile, keys.remoteKey, keys.remoteSalt);
    transport.outCipher = this.#openCipher(keys.profile, keys.localKey, keys.localSalt);
    const bounded = keys.localLifetimePackets !== undefined || keys.remoteLifetimePackets !== undefined;
    transport.keyLife = bounded ? new KeyLife(keys, transport) : null;
    transport.startKeys();
    this.sendingBecamePossible(transport);
    return true;
  }

  /** Gives waiting senders their start once there are keys and a destination. */
  sendingBecamePossible(transport: Transport): void {
    for (const sender of transport.senders) join(this.#context, sender);
  }

  closeTransport(id: number, bye: boolean): boolean {
    const transport = this.#transports.get(id);
    if (!transport) return false;
    if (bye) sendBye(this.#context, transport);
    // The row, and with it the destination, may be given to somebody else by the very next command.
    this.#context.udp.flush();
    for (const receiver of [...transport.receivers]) this.closeReceiver(receiver.spec.receiver);
    for (const sender of [...transport.senders]) this.closeSender(sender.spec.sender);
    closeCiphers(transport);
    if (transport.side !== null) setOnSides(this.#context, transport.side, null);
    this.#context.transports[transport.row] = null;
    this.#transports.delete(id);
    return true;
  }

  openSource(id: number, media: "audio" | "video"): boolean {
    if (this.sources.has(id)) return false;
    this.sources.set(id, new Source(id, media, ++this.#context.streamCount, this.#context.random()));
    return true;
  }

  closeSource(id: number): boolean {
    const source = this.sources.get(id);
    if (!source) return false;
    for (const receiver of [...source.receivers]) this.closeReceiver(receiver.spec.receiver);
    for (const sender of [...source.senders]) this.bindSender(sender.spec.sender, null);
    return this.sources.delete(id);
  }

  openReceiver(spec: ReceiverSpec): boolean {
    const transport = this.#transports.get(spec.transport);
    const source = this.sources.get(spec.source);
    if (!transport || !source || this.#receivers.has(spec.receiver)) return false;
    const { formats, ring } = this.#context;
    const receiver = new Receiver(spec, transport, source, ++this.#receiverOrder, formats, ring);
    this.#receivers.set(spec.receiver, receiver);
    transport.receivers.push(receiver);
    source.receivers.push(receiver);
    learnExtensionIds(transport, spec.extensions);
    if (transport.receivers.length === 1) this.#context.publishers.push(transport);
    return true;
  }

  closeReceiver(id: number): boolean {
    const receiver = this.#receivers.get(id);
    if (!receiver) return false;
    const { transport, source } = receiver;
    for (const inbound of transport.inbounds) {
      if (inbound.receiver === receiver) forgetFeed(inbound.stream, inbound);
    }
    transport.removeInboundsOf(receiver);
    remove(transport.receivers, receiver);
    remove(source.receivers, receiver);
    dropLayers(this.#context, source);
    if (transport.receivers.length === 0) remove(this.#context.publishers, transport);
    receiver.release(this.#context.ring);
    return this.#receivers.delete(id);
  }

  openSender(spec: SenderSpec): boolean {
    const transport = this.#transports.get(spec.transport);
    if (!transport || this.#senders.has(spec.sender) || !claimSsrcs(transport, spec)) return false;
    const encoder = new TextEncoder();
    const mid = encoder.encode(spec.mid);
    const usable = isExtensionId(spec.extensions.mid) && mid.length <= MAX_MID_BYTES;
    const cname = encoder.encode(spec.cname).slice(0, 255);
    const sender = new Sender(
      spec,
      transport,
      cname,
      usable ? mid : new Uint8Array(0),
      this.#context.random(),
    );
    this.#senders.set(spec.sender, sender);
    transport.senders.push(sender);
    return true;
  }

  bindSender(id: number, sourceId: number | null): boolean {
    const sender = this.#senders.get(id);
    const source = sourceId === null ? null : this.sources.get(sourceId);
    if (!sender || source === undefined) return false;
    if (sender.source === source) return true;
    if (sender.source) remove(sender.source.senders, sender);
    remove(this.#context.replaying, sender);
    sender.source = source;
    sender.layers = null;
    sender.enter(source === null ? null : source.streams[0]);
    sender.wait(this.#context.nowMs);
    // A format that did not fit the last source is told about again for this one.
    if (sender.payloadType < 0) sender.format = 0;
    if (source) {
      source.senders.push(sender);
      chooseStreams(this.#context, source);
    }
    join(this.#context, sender);
    return true;
  }

  closeSender(id: number): boolean {
    const sender = this.#senders.get(id);
    if (!sender) return false;
    this.bindSender(id, null);
    remove(sender.transport.senders, sender);
    return this.#senders.delete(id);
  }

  close(): void {
    for (const id of [...this.#transports.keys()]) this.closeTransport(id, true);
  }
}

/**
 * False when an SSRC of the sender was used on this transport before: under the same keys its packet numbers would
 * begin again, and a nonce would protect two texts (RFC 3711 section 9.1).
 */
function claimSsrcs(transport: Transport, { ssrc, rtxSsrc }: SenderSpec): boolean {
  const { usedSsrcs } = transport;
  if (usedSsrcs.has(ssrc) || usedSsrcs.has(rtxSsrc)) return false;
  usedSsrcs.add(ssrc);
  if (rtxSsrc !== 0) usedSsrcs.add(rtxSsrc);
  return true;
}

function learnExtensionIds(transport: Transport, ids: ExtensionIds): void {
  transport.midId = ids.mid ?? transport.midId;
  transport.ridId = ids.rid ?? transport.ridId;
  transport.repairedRidId = ids.repairedRid ?? transport.repairedRidId;
  transport.transportWideCcId = ids.transportWideCc ?? transport.transportWideCcId;
  // In the order of the forwarded extensions, see sender.ts.
  const forwarded = [ids.audioLevel, ids.videoOrientation, ids.playoutDelay, ids.absCaptureTime];
  forwarded.forEach((id, kind) => {
    if (id === undefined) return;
    if (transport.forwardedKinds === NO_KINDS) transport.forwardedKinds = new Uint8Array(256);
    transport.forwardedKinds[id & 255] = kind + 1;
  });
}

function setOnSides(context: Context, { rtpSide, rtcpSide }: SidePeer, transport: Transport | null): void {
  context.sideTransports[rtpSide] = transport;
  context.sideTransports[rtcpSide] = transport;
}

function closeCiphers(transport: Transport): void {
  transport.inCipher?.close();
  transport.outCipher?.close();
  transport.inCipher = null;
  transport.outCipher = null;
}

function remove<T>(from: T[], item: T): void {
  const at = from.indexOf(item);
  if (at >= 0) from.splice(at, 1);
}
