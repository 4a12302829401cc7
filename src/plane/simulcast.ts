// hot
import type { Context } from "./context.ts";
import { FEED_SILENCE_MS } from "./feed.ts";
import { join } from "./join.ts";
import { requestKeyframe } from "./keyframe.ts";
import { LayerChoice } from "./layer_choice.ts";
import type { Sender } from "./sender.ts";
import type { Source } from "./source.ts";
import type { Stream } from "./stream.ts";

/**
 * Gives each sender of a source with layers the stream that suits it best: of the publisher who came last, the highest
 * layer that its path and its bounds carry. A sender that is under way changes over at the next keyframe of that layer,
 * which is asked for.
 */
export function chooseStreams(context: Context, source: Source): void {
  if (source.streams.length < 2) return;
  const newest = newestFlowing(source, context.nowMs);
  if (newest < 0) return;
  for (let i = 0; i < source.senders.length; i++) choose(context, source.senders[i], source, newest);
}

/** Forgets the streams of layers that no publisher of the source has any more; who took them waits for another. */
export function dropLayers(context: Context, source: Source): void {
  const streams = source.streams;
  let kept = 1;
  for (let i = 1; i < streams.length; i++) {
    if (isOffered(source, streams[i].rid)) streams[kept++] = streams[i];
    else evacuate(context, streams[i], streams[0]);
  }
  streams.length = kept;
}

function choose(context: Context, sender: Sender, source: Source, newest: number): void {
  if (sender.layers === null) sender.layers = openChoice();
  const best = sender.layers.pick(sender, source, newest, context.nowMs);
  if (best === null || best === sender.target) return;
  if (best === sender.stream) sender.aim(null);
  else if (sender.waiting) {
    sender.enter(best);
    join(context, sender);
  } else {
    sender.aim(best);
    requestKeyframe(context, best);
  }
}

/** Number of the youngest receiver that feeds one of the streams; -1 when nothing flows. */
function newestFlowing(source: Source, nowMs: number): number {
  let newest = -1;
  for (let i = 0; i < source.streams.length; i++) {
    const active = source.streams[i].active;
    if (active === null || active.left || nowMs - active.lastPacketMs >= FEED_SILENCE_MS) continue;
    newest = Math.max(newest, active.receiver.order);
  }
  return newest;
}

function isOffered(source: Source, rid: string): boolean {
  for (let i = 0; i < source.receivers.length; i++) {
    if (source.receivers[i].spec.rids.includes(rid)) return true;
  }
  return false;
}

function evacuate(context: Context, from: Stream, to: Stream): void {
  while (from.arriving.length > 0) from.arriving[0].aim(null);
  while (from.senders.length > 0) {
    const sender = from.senders[0];
    sender.enter(to);
    sender.wait(context.nowMs);
  }
}

function openChoice(): LayerChoice {
  return new LayerChoice();
}
