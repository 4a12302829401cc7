import type { Context } from "./context.ts";
import { requestKeyframe } from "./keyframe.ts";
import { beginReplay } from "./replay_group.ts";
import type { Sender } from "./sender.ts";

/** A keyframe this young is replayed rather than asked for again: its group is small, and the picture is there at once. */
const YOUNG_KEYFRAME_MS = 500;
/** A sender that waited this long for a requested keyframe takes the replay. */
const PATIENCE_MS = 300;

/**
 * Gives a sender that was bound, or whose transport has just become able to send, its first picture as soon as can be:
 * the young keyframe from the ring, else one that is asked for now, or the old one of a publisher that cannot be asked.
 */
export function join(context: Context, sender: Sender): void {
  const stream = sender.stream;
  if (stream === null || stream.media !== "video" || !sender.wantsStart()) return;
  sender.waitingSinceMs = context.nowMs;
  const young = stream.keyframeSequence >= 0 && context.nowMs - stream.keyframeMs < YOUNG_KEYFRAME_MS;
  if ((young || stream.keyframes.ignored(context.nowMs)) && beginReplay(context, sender, stream)) return;
  requestKeyframe(context, stream);
}

/** Ends the patience of a sender whose publisher did not answer. */
export function joinLate(context: Context, sender: Sender): void {
  const stream = sender.stream;
  if (stream === null || !sender.wantsStart()) return;
  const waitedMs = context.nowMs - sender.waitingSinceMs;
  if (waitedMs >= PATIENCE_MS && stream.keyframes.ignored(context.nowMs)) {
    beginReplay(context, sender, stream);
  }
}
