import type { Clock } from "../../base/mod.ts";
import type { Commands } from "../../command/mod.ts";
import type { EventCursor, EventFilter } from "../../event/mod.ts";
import { batchText, heartbeatText, opening } from "./wording.ts";

export interface StreamWish {
  filter: EventFilter;
  after: number | null;
  heartbeatMs: number;
  clock: Clock;
  /** Ends the stream. */
  signal: AbortSignal;
}

/** Events read at one time: what a slow reader can hold in memory, times the size of an event. */
const BATCH_EVENTS = 256;

/**
 * The events of a cursor as bytes of text/event-stream. Nothing is read before the consumer asks, so a slow one holds
 * one batch at most and falls behind its own cursor.
 */
export function eventStream(commands: Commands, wish: StreamWish): ReadableStream<Uint8Array> {
  const follower = new Follower(commands, wish);
  const encoder = new TextEncoder();
  let opened = false;
  return new ReadableStream({
    async pull(controller) {
      if (!opened) {
        opened = true;
        controller.enqueue(encoder.encode(opening));
        return;
      }
      const text = await follower.next();
      if (text !== null) controller.enqueue(encoder.encode(text));
      else if (!follower.cancelled) controller.close();
    },
    cancel: () => follower.cancel(),
  }, { highWaterMark: 0 });
}

/** Waits for what comes next on one stream. */
class Follower {
  readonly #commands: Commands;
  readonly #wish: StreamWish;
  readonly #cursor: EventCursor;
  #writtenSeq: number;
  #wake: (() => void) | null = null;
  cancelled = false;

  constructor(commands: Commands, wish: StreamWish) {
    this.#commands = commands;
    this.#wish = wish;
    this.#cursor = commands.openCursor(wish.filter, wish.after);
    this.#writtenSeq = this.#cursor.seq;
  }

  cancel(): void {
    this.cancelled = true;
    this.#wake?.();
  }

  /** The next text to send; null when the stream is over. */
  async next(): Promise<string | null> {
    while (!this.cancelled && !this.#wish.signal.aborted) {
      const batch = this.#cursor.read(BATCH_EVENTS);
      if (batch.events.length > 0 || batch.gap) {
        this.#writtenSeq = batch.events.at(-1)?.seq ?? batch.gap!.to;
        return batchText(batch);
      }
      // A long stretch of unwanted events is read in pieces, so that others get their turn.
      if (this.#cursor.behind) await this.#pause(0, false);
      else if (await this.#pause(this.#wish.heartbeatMs, true) === "timer") return this.#heartbeat();
    }
    return null;
  }

  #heartbeat(): string {
    const passed = this.#cursor.seq > this.#writtenSeq ? this.#cursor.seq : null;
    this.#writtenSeq = this.#cursor.seq;
    return heartbeatText(passed);
  }

  /** Until the time is over, the stream ends or, where `forEvents`, the log grows. All it holds it lets go of. */
  #pause(ms: number, forEvents: boolean): Promise<"timer" | "woken"> {
    const { signal, clock } = this.#wish;
    return new Promise((resolve) => {
      const end = (why: "timer" | "woken") => {
        timer.cancel();
        stop?.();
        signal.removeEventListener("abort", woken);
        this.#wake = null;
        resolve(why);
      };
      const woken = () => end("woken");
      const timer = clock.after(ms, () => end("timer"));
      const stop = forEvents ? this.#commands.onEvents(woken) : null;
      signal.addEventListener("abort", woken);
      this.#wake = woken;
    });
  }
}
