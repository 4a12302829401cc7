// hot
import { KIND_RTCP, KIND_RTP, packetKind } from "../rtp/mod.ts";
import type { Context } from "./context.ts";
import { receiveRtcp } from "./rtcp_in.ts";
import { receiveRtp } from "./rtp_in.ts";
import { latchMedia, latchRtcp, type SidePeer } from "./side_peer.ts";
import type { Transport } from "./transport.ts";

/**
 * Takes the datagram in `slot`, which came in by a port of one transport: the port says whose it is, and in plain RTP its
 * sender's address whether it counts.
 */
export function receiveFromSide(context: Context, slot: number, side: number): void {
  const transport = context.sideTransports[side];
  if (!transport || transport.side === null) {
    context.drops.unknownAddress++;
    return;
  }
  const peer = transport.side;
  const kind = packetKind(context.ring.bytes, context.ring.offsetOf(slot), context.udp.slotLength[slot]);
  // RTCP may come by the port of the media though it has one of its own; never the other way round.
  if (kind !== KIND_RTCP && (kind !== KIND_RTP || side !== peer.rtpSide)) context.drops.unknownKind++;
  else if (!mayCount(context, transport, peer, slot, kind === KIND_RTP)) context.drops.unknownAddress++;
  else if (kind === KIND_RTP) takeRtp(context, transport, peer, slot);
  else takeRtcp(context, transport, peer, slot, side);
}

/** Whether the packet may be the peer's. With SRTP that shows by itself. */
function mayCount(
  context: Context,
  transport: Transport,
  peer: SidePeer,
  slot: number,
  isMedia: boolean,
): boolean {
  if (!transport.isPlain()) return true;
  // Media comes first, because it is what one can tell from noise.
  if (!peer.hasHost) return isMedia;
  if (!isFromHost(context, peer, slot)) return false;
  return !peer.latch || !isMedia || peer.mediaPort === 0 || context.udp.slotPort[slot] === peer.mediaPort;
}

function takeRtp(context: Context, transport: Transport, peer: SidePeer, slot: number): void {
  const before = transport.packetsReceived;
  const authentic = receiveRtp(context, transport, slot);
  // Where the peer only watches, no m-line takes what it sends to show where it is.
  const counts = transport.packetsReceived !== before || authentic && transport.receivers.length === 0;
  if (!counts) return;
  if (!peer.hasHost) keepHost(context, peer, slot);
  if (peer.latch && !isAtMedia(context, peer, slot)) latchMedia(context, transport, peer, slot);
}

function takeRtcp(
  context: Context,
  transport: Transport,
  peer: SidePeer,
  slot: number,
  side: number,
): void {
  const before = transport.packetsReceived;
  receiveRtcp(context, transport, slot);
  if (transport.packetsReceived === before || !peer.latch || side === peer.rtpSide) return;
  if (context.udp.slotPort[slot] !== peer.rtcpPort) latchRtcp(context, transport, peer, slot);
}

function keepHost(context: Context, peer: SidePeer, slot: number): void {
  const from = context.udp.slotAddress;
  for (let i = 0; i < 4; i++) peer.host[i] = from[slot * 4 + i];
  peer.hasHost = true;
}

function isAtMedia(context: Context, peer: SidePeer, slot: number): boolean {
  return context.udp.slotPort[slot] === peer.mediaPort && isFromHost(context, peer, slot);
}

function isFromHost(context: Context, peer: SidePeer, slot: number): boolean {
  const from = context.udp.slotAddress;
  const at = slot * 4;
  const host = peer.host;
  return from[at + 3] === host[3] && from[at + 2] === host[2] && from[at + 1] === host[1] &&
    from[at] === host[0];
}
