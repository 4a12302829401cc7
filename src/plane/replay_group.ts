// hot
import type { Context } from "./context.ts";
import { forwardPacket } from "./forward.ts";
import { MAX_REPLAY_PACKETS, REPLAY_PACKETS_PER_TURN } from "./limits.ts";
import type { Sender } from "./sender.ts";
import type { Stream } from "./stream.ts";

/** Frames of a replayed group follow each other by this much. */
const FRAME_SPACING_MS = 1;
/** For recorders, who would have what comes after them so much too late. */
const KEPT_SPACING_MS = 0.1;
/** So much from before a recording is better than its beginning in a rush; more is not what it was asked for. */
const KEPT_MS = 2000;

/**
 * Starts `sender` with the last keyframe and all that followed, from the ring, when the whole group is still there:
 * for publishers that send no keyframe on request. The group's timestamps are compressed to end at the live edge, so
 * that the viewer decodes it at once and then watches live. Returns false when it cannot be done.
 */
export function beginReplay(context: Context, sender: Sender, stream: Stream): boolean {
  const first = stream.keyframeSequence;
  const count = stream.highest - first + 1;
  if (first < 0 || count > MAX_REPLAY_PACKETS) return false;
  const frames = framesIn(context, stream, first);
  if (frames === 0) return false;
  const ring = context.ring;
  const start = ring.timestamp[stream.slotOf(ring, first)];
  const edge = stream.highestTimestamp;
  const spacingMs = sender.spec.keepsTime ? KEPT_SPACING_MS : FRAME_SPACING_MS;
  const spacing = Math.round(spacingMs * stream.clockRate / 1000);
  const span = Math.max(1, (edge - start) | 0);
  const least = (frames - 1) * spacing;
  const compressed = frames > 1 && mayKeep(context, sender, span * 1000 / stream.clockRate)
    ? span
    : Math.min(span, least);
  sender.begin(first, edge, compressed + spacing, stream.clockRate, context.nowMs);
  sender.replayEdge = edge;
  sender.replayRatio = compressed / span;
  sender.replayEnd = stream.highest + 1;
  sender.replayNext = first;
  sender.transport.nextReportMs = context.nowMs;
  context.replaying.push(sender);
  return true;
}

/** Whether what is replayed has its own times: they must not be those of what was sent before. */
function mayKeep(context: Context, sender: Sender, spanMs: number): boolean {
  if (sender.spec.keepsTime !== true || spanMs > KEPT_MS) return false;
  return sender.lastSentMs === 0 || context.nowMs - sender.lastSentMs >= spanMs;
}

/** Sends the next part of each replay; a sender that has caught up goes on live with the next turn. */
export function pumpReplays(context: Context): void {
  const replaying = context.replaying;
  let kept = 0;
  for (let i = 0; i < replaying.length; i++) {
    const sender = replaying[i];
    pump(context, sender);
    if (sender.replayNext >= 0) replaying[kept++] = sender;
  }
  replaying.length = kept;
}

function pump(context: Context, sender: Sender): void {
  const stream = sender.stream;
  if (stream === null) {
    sender.replayNext = -1;
    return;
  }
  const end = Math.min(stream.highest + 1, sender.replayNext + REPLAY_PACKETS_PER_TURN);
  while (sender.replayNext >= 0 && sender.replayNext < end) {
    const slot = stream.slotOf(context.ring, sender.replayNext);
    sender.replayNext++;
    if (slot >= 0) forwardPacket(context, sender, slot);
  }
  if (sender.replayNext > stream.highest) sender.replayNext = -1;
}

/** Distinct frames from `first` to the newest packet; 0 when one of them is no longer, or not yet, there. */
function framesIn(context: Context, stream: Stream, first: number): number {
  const ring = context.ring;
  let frames = 0;
  let timestamp = -1;
  for (let sequence = first; sequence <= stream.highest; sequence++) {
    const slot = stream.slotOf(ring, sequence);
    if (slot < 0) return 0;
    if (ring.timestamp[slot] === timestamp) continue;
    timestamp = ring.timestamp[slot];
    frames++;
  }
  return frames;
}
