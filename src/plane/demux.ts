// hot
import { KIND_DTLS, KIND_RTCP, KIND_RTP, KIND_STUN, packetKind } from "../rtp/mod.ts";
import { keepConsent } from "./consent.ts";
import type { Context } from "./context.ts";
import { passUp } from "./events.ts";
import { receiveRtcp } from "./rtcp_in.ts";
import { receiveRtp } from "./rtp_in.ts";
import { receiveFromSide } from "./side_in.ts";
import type { Transport } from "./transport.ts";

/** Takes the datagram in `slot`: by its address to a transport, by its first bytes to a protocol. */
export function demux(context: Context, slot: number): void {
  const { udp, ring } = context;
  ring.reset(slot);
  const side = udp.slotSide[slot];
  if (side !== 0) {
    receiveFromSide(context, slot, side);
    return;
  }
  const length = udp.slotLength[slot];
  const kind = packetKind(ring.bytes, ring.offsetOf(slot), length);
  const row = context.addresses.find(udp.slotAddress, slot * 4, udp.slotPort[slot]);
  const transport = row < 0 ? null : context.transports[row];
  if (kind === KIND_STUN) takeStun(context, transport, slot);
  else if (kind !== KIND_RTP && kind !== KIND_RTCP && kind !== KIND_DTLS) context.drops.unknownKind++;
  else if (transport === null) context.drops.unknownAddress++;
  else if (kind === KIND_RTP) receiveRtp(context, transport, slot);
  else if (kind === KIND_RTCP) receiveRtcp(context, transport, slot);
  else passUp(context, "dtls", transport, slot);
}

function takeStun(context: Context, transport: Transport | null, slot: number): void {
  if (transport === null || !keepConsent(context, transport, slot)) passUp(context, "stun", transport, slot);
}
