// hot
import type { Context } from "./context.ts";
import { sendKeyframeRequest } from "./rtcp_feedback.ts";
import type { Source } from "./source.ts";

/** Wants a keyframe of whoever fills `source`; the request goes out unless one is on its way. */
export function requestKeyframe(context: Context, source: Source): void {
  if (source.media === "video" && source.keyframes.want(context.nowMs)) ask(context, source);
}

/** Repeats an unanswered request when it is time, as long as somebody waits for it. */
export function repeatKeyframeRequest(context: Context, source: Source): void {
  if (source.media !== "video") return;
  if (source.candidate !== null || isAwaited(source)) requestKeyframe(context, source);
  else if (source.keyframes.due(context.nowMs)) ask(context, source);
}

function isAwaited(source: Source): boolean {
  const senders = source.senders;
  for (let i = 0; i < senders.length; i++) if (senders[i].wantsStart()) return true;
  return false;
}

function ask(context: Context, source: Source): void {
  const inbound = source.candidate ?? source.active;
  if (inbound !== null) sendKeyframeRequest(context, inbound);
}
