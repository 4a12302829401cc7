// hot
import type { Context } from "./context.ts";
import { sendKeyframeRequest } from "./rtcp_feedback.ts";
import type { Source } from "./source.ts";
import type { Stream } from "./stream.ts";

/** Wants a keyframe of whoever fills `stream`; the request goes out unless one is on its way. */
export function requestKeyframe(context: Context, stream: Stream): void {
  if (stream.media === "video" && stream.keyframes.want(context.nowMs)) ask(context, stream);
}

/** Wants keyframes of all that viewers of `source` watch; of all that publishers send where nobody watches. */
export function requestKeyframes(context: Context, source: Source): void {
  const watched = source.senders.length > 0;
  for (let i = 0; i < source.streams.length; i++) {
    const stream = source.streams[i];
    if (!watched || stream.senders.length > 0) requestKeyframe(context, stream);
  }
}

/** Repeats an unanswered request when it is time, as long as somebody waits for it. */
export function repeatKeyframeRequest(context: Context, stream: Stream): void {
  if (stream.media !== "video") return;
  if (stream.candidate !== null || isAwaited(stream) || isOwed(stream, context.nowMs)) {
    requestKeyframe(context, stream);
  } else if (stream.keyframes.due(context.nowMs)) ask(context, stream);
}

function isAwaited(stream: Stream): boolean {
  if (stream.arriving.length > 0) return true;
  const senders = stream.senders;
  for (let i = 0; i < senders.length; i++) if (senders[i].wantsStart()) return true;
  return false;
}

/** Viewers by RTP without feedback (RFC 3551) cannot say that they have missed one. */
function isOwed(stream: Stream, nowMs: number): boolean {
  if (!stream.keyframes.overdue(nowMs)) return false;
  const senders = stream.senders;
  for (let i = 0; i < senders.length; i++) if (!senders[i].asks && senders[i].flowing) return true;
  return false;
}

function ask(context: Context, stream: Stream): void {
  const inbound = stream.candidate ?? stream.active;
  if (inbound !== null) sendKeyframeRequest(context, inbound);
}
