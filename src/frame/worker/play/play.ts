import type { Timer } from "../../../base/mod.ts";
import { MediaTimeline } from "./media_timeline.ts";
import { PlayRound, type PlayRules } from "./play_round.ts";
import { PlayStreams } from "./play_streams.ts";
import { type ProgramContext, Refusal, type RunningProgram } from "../program.ts";
import { readRtcp } from "../rtcp_reader.ts";

/** Waits before a lost live source is opened again. */
const RECONNECT_DELAYS_MS = [500, 1000, 2000, 4000, 8000];
/** A source that has been there for so long is lost anew, not still. */
const SETTLED_MS = 10_000;

type State = "stopped" | "playing" | "paused";

/**
 * Plays a source at the pace of its own time.
 *
 *   stopped → playing ⇄ paused     play, pause
 *   any → stopped                  stop, the end, a fault
 */
export class Play implements RunningProgram {
  readonly #rules: PlayRules;
  readonly #context: ProgramContext;
  readonly #timeline: MediaTimeline;
  readonly #streams: PlayStreams;
  #state: State = "stopped";
  #round: PlayRound | null = null;
  #running: Promise<void> | null = null;
  /** Counts calls of play and stop: the last one is what counts. */
  #wish = 0;
  /** A call of play waits for the last run to end; and it was told to pause meanwhile. */
  #isStarting = false;
  #startsPaused = false;
  #wasEndless = false;
  /** It was open, and is waited for from then on. */
  #wasLive = false;
  #wake: (() => void) | null = null;

  constructor(rules: PlayRules, context: ProgramContext) {
    this.#rules = rules;
    this.#context = context;
    this.#timeline = new MediaTimeline(context.clock.now());
    this.#streams = new PlayStreams(context, this.#timeline, rules.useEncodedMedia);
  }

  /** A player hears nothing. */
  rtp(): void {}

  rtcp(bytes: Uint8Array, offset: number, length: number): void {
    readRtcp(bytes, offset, length, {
      senderReport: () => {},
      keyframeWanted: (ssrc) => this.#streams.requestKeyframe(ssrc),
    });
  }

  tick(nowMs: number): void {
    this.#streams.tick(nowMs);
  }

  async call(operation: string, input: Record<string, unknown>): Promise<unknown> {
    switch (operation) {
      case "play":
        return await this.#play();
      case "pause":
        return this.#pause();
      case "stop":
        return await this.#stop();
      case "seek":
        return await this.#seek(input.positionMs);
      case "position":
        return { positionMs: this.#round?.positionMs() ?? 0 };
      case "videoInfo":
        return this.#videoInfo();
      case "taken":
        return this.#streams.taken(input.ssrc);
      case "stats":
        return { outputs: this.#streams.stats(), latencies: this.#streams.latencies() };
      default:
        throw new Refusal(`Cannot run "${operation}": not an operation of a player`);
    }
  }

  async close(): Promise<void> {
    await this.#stop();
    this.#streams.end();
  }

  async #play(): Promise<void> {
    const wish = ++this.#wish;
    [this.#isStarting, this.#startsPaused] = [true, false];
    // The last run may be on its way out.
    if (this.#isStopped()) await this.#running;
    if (wish !== this.#wish) return;
    this.#isStarting = false;
    if (this.#state === "playing") return;
    this.#timeline.release();
    this.#setState("playing");
    this.#running ??= this.#run().finally(() => this.#running = null);
    if (this.#startsPaused) this.#setState("paused");
  }

  #pause(): void {
    if (this.#isStarting) this.#startsPaused = true;
    else if (this.#state === "playing") this.#setState("paused");
  }

  /** Answers when nothing more is sent. */
  async #stop(): Promise<void> {
    this.#wish++;
    this.#isStarting = false;
    if (!this.#isStopped()) this.#setState("stopped");
    await this.#running;
  }

  async #seek(positionMs: unknown): Promise<void> {
    if (typeof positionMs !== "number" || !Number.isFinite(positionMs) || positionMs < 0) {
      throw new Refusal(`Cannot seek: position ${positionMs} vs milliseconds from 0 up`);
    }
    if (!this.#round) throw new Refusal("Cannot seek: the source is not open, play it first");
    await this.#round.seek(positionMs);
  }

  #videoInfo() {
    const source = this.#round?.source;
    const durationMs = Math.round(source?.durationMs ?? 0);
    const isSeekable = source?.isSeekable ?? false;
    return { isSeekable, seekableInitMs: 0, seekableEndMs: isSeekable ? durationMs : 0, durationMs };
  }

  #setState(state: State): void {
    this.#state = state;
    this.#context.event({ type: "state", state });
    this.#round?.stateChanged();
    this.#wake?.();
  }

  /** A method, because the state changes while others wait. */
  #isStopped(): boolean {
    return this.#state === "stopped";
  }

  async #run(): Promise<void> {
    let attempt = 0;
    this.#wasEndless = false;
    this.#wasLive = false;
    while (!this.#isStopped()) {
      if (this.#state === "paused") await this.#wait(Infinity);
      else attempt = await this.#playOnce(attempt);
    }
  }

  /** Opens the source and plays it to its end; returns how often in a row it has been lost. */
  async #playOnce(attempt: number): Promise<number> {
    const round = this.#round = new PlayRound({
      rules: this.#rules,
      context: this.#context,
      streams: this.#streams,
      timeline: this.#timeline,
      wasEndless: this.#wasEndless,
      isPaused: () => this.#state === "paused",
      isStopped: () => this.#isStopped(),
      opened: () => {
        if (attempt > 0) this.#context.event({ type: "reconnected", attempts: attempt });
      },
      begins: () => this.#context.event({ type: "opened", ...this.#videoInfo() }),
    });
    await round.run();
    this.#round = null;
    this.#wasLive ||= round.isLive || round.isLost;
    this.#wasEndless = round.isEndless || (this.#wasEndless && round.fault !== null);
    if (this.#isStopped() || round.wasLeft) return 0;
    if (this.#rules.reconnect && this.#isLost(round, attempt)) {
      const losses = round.playedMs > SETTLED_MS ? 1 : attempt + 1;
      await this.#waitToReconnect(round, losses);
      return losses;
    }
    if (round.fault) this.#fail(round);
    else if (!this.#rules.loop || (round.isLive && !round.hasEnded)) this.#end();
    return 0;
  }

  /** A source that was there once is waited for; what has come to a known end while it was away has ended. */
  #isLost(round: PlayRound, attempt: number): boolean {
    if (round.hasEnded) return false;
    return round.isLive || round.isLost || ((attempt > 0 || this.#wasLive) && round.fault !== null);
  }

  async #waitToReconnect(round: PlayRound, losses: number): Promise<void> {
    const reason = round.fault?.message ?? "The source has ended";
    this.#context.event({ type: "reconnecting", attempt: losses, reason });
    await this.#wait(RECONNECT_DELAYS_MS[Math.min(losses, RECONNECT_DELAYS_MS.length) - 1]);
  }

  #end(): void {
    this.#setState("stopped");
    this.#context.event({ type: "endOfStream" });
  }

  #fail({ fault, playedMs }: PlayRound): void {
    this.#context.event({ type: "error", kind: fault!.kind, description: fault!.message });
    // Who has seen the beginning hears that nothing more comes.
    if (playedMs > 0) this.#end();
    else this.#setState("stopped");
  }

  /** Until `ms` are over or the state has changed. */
  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      let timer: Timer | null = null;
      this.#wake = () => {
        timer?.cancel();
        this.#wake = null;
        resolve();
      };
      if (Number.isFinite(ms)) timer = this.#context.clock.after(ms, () => this.#wake?.());
    });
  }
}
