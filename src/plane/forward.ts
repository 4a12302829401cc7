// hot
import type { Context } from "./context.ts";
import { sendPacket } from "./egress.ts";
import { equalise } from "./equalise.ts";
import { resolveFormat, senderFlows } from "./events.ts";
import { FLAG_KEYFRAME } from "./packet_ring.ts";
import type { Sender } from "./sender.ts";
import type { Source } from "./source.ts";

/** Sends what came into `source` to all its senders: sender by sender, so that runs to one destination form. */
export function forwardPending(context: Context, source: Source): void {
  equalise(context.ring, source.pending, source.pendingCount);
  const senders = source.senders;
  for (let i = 0; i < senders.length; i++) forwardTo(context, senders[i], source);
  source.pendingCount = 0;
}

/** Sends the packet in `slot`, which belongs to the bound source and is not older than the sender's floor. */
export function forwardPacket(context: Context, sender: Sender, slot: number): void {
  const ring = context.ring;
  if (ring.format[slot] !== sender.format && !resolveFormat(context, sender, ring.format[slot])) {
    sender.wait(context.nowMs);
    return;
  }
  const extended = ring.sequence[slot] + sender.sequenceShift;
  sendPacket(context, sender, slot, extended);
  sender.packetsSent++;
  sender.octetsSent += ring.payloadLength[slot];
  sender.lastSentMs = context.nowMs;
  if (extended > sender.highest) {
    sender.highest = extended;
    const timestamp = sender.timestampOf(ring, slot);
    if (((timestamp - sender.lastTimestamp) | 0) > 0) sender.lastTimestamp = timestamp;
  }
  if (!sender.flowing) senderFlows(context, sender, true);
}

function forwardTo(context: Context, sender: Sender, source: Source): void {
  if (sender.replayNext >= 0 || !sender.transport.canSend()) return;
  for (let i = 0; i < source.pendingCount; i++) {
    const slot = source.pending[i];
    if (sender.waiting && !begin(context, sender, source, slot)) continue;
    if (context.ring.sequence[slot] < sender.floor) context.drops.late++;
    else forwardPacket(context, sender, slot);
    if (sender.replayNext >= 0) return;
  }
}

/** Starts the sender at this packet where it can: a keyframe, or any packet of audio, in a format that it has. */
function begin(context: Context, sender: Sender, source: Source, slot: number): boolean {
  const ring = context.ring;
  if (source.media === "video" && (ring.flags[slot] & FLAG_KEYFRAME) === 0) return false;
  if (!resolveFormat(context, sender, ring.format[slot])) return false;
  sender.begin(ring.sequence[slot], ring.timestamp[slot], 0, source.clockRate, context.nowMs);
  // A sender report with the next tick: without one a player cannot bring sound and picture together.
  sender.transport.nextReportMs = context.nowMs;
  // What overtook the first packet, or came with it, follows from the history.
  if (source.highest > sender.floor) {
    sender.replayNext = sender.floor + 1;
    context.replaying.push(sender);
  }
  return true;
}
