import { formatAddress } from "../base/mod.ts";
import type { Context } from "./context.ts";
import { MAX_CONTROL_DATAGRAMS_PER_TURN } from "./limits.ts";
import type { Sender } from "./sender.ts";
import type { Source } from "./source.ts";
import type { Stream } from "./stream.ts";
import { MEDIA_ACTIVE, MEDIA_ENDED, type Transport } from "./transport.ts";

/** Least time between two messages on consent. */
const CONSENT_MS = 250;

/** Passes the STUN or DTLS datagram in `slot` up; what floods beyond a turn's bound is dropped. */
export function passUp(
  context: Context,
  kind: "stun" | "dtls",
  transport: Transport | null,
  slot: number,
): void {
  if (context.controlDatagrams >= MAX_CONTROL_DATAGRAMS_PER_TURN) {
    context.drops.controlFlood++;
    return;
  }
  context.controlDatagrams++;
  const { udp, ring } = context;
  const start = ring.offsetOf(slot);
  context.events.push({
    on: "datagram",
    kind,
    transport: transport === null ? null : transport.id,
    from: { address: formatAddress(udp.slotAddress, slot * 4), port: udp.slotPort[slot] },
    bytes: ring.bytes.slice(start, start + udp.slotLength[slot]),
  });
}

/** Who answered checks is told for many at once: each message wakes the control side. */
export function tellConsent(context: Context): void {
  if (context.consented.length === 0 || context.nowMs < context.nextConsentMs) return;
  context.nextConsentMs = context.nowMs + CONSENT_MS;
  context.events.push({ on: "consent", transports: context.consented });
  context.consented = [];
}

/** The source began or ceased to take packets. */
export function sourceFlows(context: Context, source: Source, flowing: boolean): void {
  source.flowing = flowing;
  context.events.push({ on: "sourceFlow", source: source.id, flowing });
}

/** The sender began or ceased to send packets. */
export function senderFlows(context: Context, sender: Sender, flowing: boolean): void {
  sender.flowing = flowing;
  context.events.push({ on: "senderFlow", sender: sender.spec.sender, flowing });
}

/** The stream's packets are of another format from now on; its source tells when that is news. */
export function formatChanges(context: Context, stream: Stream, index: number): void {
  const format = context.formats.at(index);
  const source = stream.source;
  stream.format = index;
  if (format === null) return;
  stream.clockRate = format.clockRate;
  if (source.format === index) return;
  source.format = index;
  context.events.push({ on: "sourceFormat", source: source.id, codec: format.codec, format: format.format });
}

/**
 * Finds the payload type that the sender negotiated for a format; false, and an event the first time, when its peer
 * takes neither these parameters nor this codec.
 */
export function resolveFormat(context: Context, sender: Sender, index: number): boolean {
  if (sender.format === index) return sender.payloadType >= 0;
  const format = context.formats.at(index);
  sender.format = index;
  sender.payloadType = -1;
  sender.rtxPayloadType = -1;
  if (format === null) return false;
  const payload = sender.payloadFor(format.format);
  if (payload === null) {
    context.events.push({ on: "formatMismatch", sender: sender.spec.sender, codec: format.codec });
    return false;
  }
  sender.payloadType = payload.payloadType;
  sender.rtxPayloadType = sender.spec.rtxSsrc === 0 ? -1 : payload.rtxPayloadType ?? -1;
  sender.codec = format.codec;
  sender.clockRate = format.clockRate;
  return true;
}

/** First authentic media of the transport, or the first after a pause. */
export function mediaBegins(context: Context, transport: Transport): void {
  transport.media = MEDIA_ACTIVE;
  context.events.push({ on: "transportMedia", transport: transport.id, active: true, reason: "first" });
}

/** The transport's peer said BYE for all its SSRCs, or fell silent. */
export function mediaEnds(context: Context, transport: Transport, reason: "bye" | "silence"): void {
  transport.media = MEDIA_ENDED;
  context.events.push({ on: "transportMedia", transport: transport.id, active: false, reason });
}
