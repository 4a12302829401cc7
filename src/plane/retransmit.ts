// hot
import { nackBlp, nackCount, nackPid, sequenceDelta } from "../rtp/mod.ts";
import type { Context } from "./context.ts";
import { sendPacket, sendRtx } from "./egress.ts";
import { FLAG_SETTLED } from "./packet_ring.ts";
import type { Sender } from "./sender.ts";

/** Sends again what the generic NACK at `at` says is lost, as far as the history and the sender's allowance reach. */
export function answerNack(
  context: Context,
  sender: Sender,
  bytes: Uint8Array,
  at: number,
  length: number,
): void {
  const entries = nackCount(bytes, at, length);
  if (entries < 0) {
    context.drops.malformed++;
    return;
  }
  sender.nackCount++;
  if (sender.stream === null || sender.waiting || !sender.transport.canSend()) return;
  for (let i = 0; i < entries; i++) {
    const pid = nackPid(bytes, at, i);
    resend(context, sender, pid);
    let mask = nackBlp(bytes, at, i);
    for (let next = pid + 1; mask !== 0; next++, mask >>>= 1) {
      if ((mask & 1) !== 0) resend(context, sender, next & 0xffff);
    }
  }
}

function resend(context: Context, sender: Sender, sequence: number): void {
  const stream = sender.stream;
  const extended = sender.highest + sequenceDelta(sequence, sender.highest & 0xffff);
  const original = extended - sender.sequenceShift;
  // Only what was really sent under the present shift: anything else would be another text under the same number.
  if (stream === null || extended > sender.highest || original < sender.floor) {
    context.drops.notInHistory++;
    return;
  }
  const slot = stream.slotOf(context.ring, original);
  if (slot < 0 || !sendable(context, sender, slot)) {
    context.drops.notInHistory++;
    return;
  }
  if (!sender.mayResend(extended, context.nowMs)) {
    context.drops.retransmissionThrottled++;
    return;
  }
  if (sender.rtxPayloadType >= 0) sendRtx(context, sender, slot, extended);
  else sendPacket(context, sender, slot, extended);
  sender.retransmittedPacketsSent++;
}

/** A packet that is not settled goes out at the end of this turn anyway, and might still be padded. */
function sendable(context: Context, sender: Sender, slot: number): boolean {
  const ring = context.ring;
  return (ring.flags[slot] & FLAG_SETTLED) !== 0 && ring.format[slot] === sender.format &&
    sender.payloadType >= 0;
}
