// hot
import type { Context } from "./context.ts";
import { sendPacket } from "./egress.ts";
import { equalise } from "./equalise.ts";
import { resolveFormat, senderFlows } from "./events.ts";
import { FLAG_KEYFRAME } from "./packet_ring.ts";
import type { Sender } from "./sender.ts";
import type { Stream } from "./stream.ts";

/** Sends what came into `stream` to all its senders: sender by sender, so that runs to one destination form. */
export function forwardPending(context: Context, stream: Stream): void {
  if (stream.arriving.length > 0 && hasKeyframe(context, stream)) takeArrivals(context, stream);
  equalise(context.ring, stream.pending, stream.pendingCount);
  const senders = stream.senders;
  for (let i = 0; i < senders.length; i++) forwardTo(context, senders[i], stream);
  stream.pendingCount = 0;
}

/** Sends the packet in `slot`, which belongs to the bound stream and is not older than the sender's floor. */
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

/** Senders that waited for this keyframe change over to it; each first gets what its old stream has for it. */
function takeArrivals(context: Context, stream: Stream): void {
  const arriving = stream.arriving;
  while (arriving.length > 0) {
    const sender = arriving[arriving.length - 1];
    const old = sender.stream;
    if (old !== null) {
      equalise(context.ring, old.pending, old.pendingCount);
      forwardTo(context, sender, old);
    }
    sender.enter(stream);
    sender.wait(context.nowMs);
  }
}

function hasKeyframe(context: Context, stream: Stream): boolean {
  for (let i = 0; i < stream.pendingCount; i++) {
    if ((context.ring.flags[stream.pending[i]] & FLAG_KEYFRAME) !== 0) return true;
  }
  return false;
}

function forwardTo(context: Context, sender: Sender, stream: Stream): void {
  if (sender.replayNext >= 0 || !sender.transport.canSend()) return;
  for (let i = 0; i < stream.pendingCount; i++) {
    const slot = stream.pending[i];
    if (sender.waiting && !begin(context, sender, stream, slot)) continue;
    if (context.ring.sequence[slot] < sender.floor) context.drops.late++;
    else forwardPacket(context, sender, slot);
    if (sender.replayNext >= 0) return;
  }
}

/** Starts the sender at this packet where it can: a keyframe, or any packet of audio, in a format that it has. */
function begin(context: Context, sender: Sender, stream: Stream, slot: number): boolean {
  const ring = context.ring;
  if (stream.media === "video" && (ring.flags[slot] & FLAG_KEYFRAME) === 0) return false;
  if (!resolveFormat(context, sender, ring.format[slot])) return false;
  sender.begin(ring.sequence[slot], ring.timestamp[slot], 0, stream.clockRate, context.nowMs);
  // A sender report with the next tick: without one a player cannot bring sound and picture together.
  sender.transport.nextReportMs = context.nowMs;
  // What overtook the first packet, or came with it, follows from the history.
  if (stream.highest > sender.floor) {
    sender.replayNext = sender.floor + 1;
    context.replaying.push(sender);
  }
  return true;
}
