import { Packet } from "node-av/lib";
import type { Timer } from "../../../base/mod.ts";
import type { PlaySpec } from "../../types.ts";
import { Approach } from "./approach.ts";
import { Lateness } from "./lateness.ts";
import type { MediaAccess } from "./media_access.ts";
import { asFault, type MediaFault } from "./media_fault.ts";
import { MediaSource } from "./media_source.ts";
import type { MediaTimeline } from "./media_timeline.ts";
import { type MediumTimes, timesOf } from "./packet_times.ts";
import type { PlayStreams } from "./play_streams.ts";
import { type ProgramContext, Refusal } from "../program.ts";
import { ReadAhead } from "./read_ahead.ts";

/** A jump of the medium's own time beyond this is a new beginning, where such jumps are to be expected. */
const MAX_JUMP_SECONDS = 5;
/** A hole in any medium that nobody would wait for. */
const MAX_HOLE_SECONDS = 60;
/** So late, pictures are left out rather than shown late. */
const LATE_MS = 500;
/** So late, a medium goes on from now on instead of running after its time. */
const MAX_LATE_MS = 1000;
/** Shorter media would be opened again without a pause when they are looped. */
const LEAST_ROUND_MS = 200;

/** By so much what a source says of its length may be wrong. */
const NEAR_END_MS = 1000;
/** Between pictures without times. */
const LEAST_STEP_SECONDS = 1 / 120;

/** How a source is played, and how one comes to it. */
export interface PlayRules
  extends Pick<PlaySpec, "networkCacheMs" | "loop" | "reconnect" | "useEncodedMedia"> {
  /** Rejects with MediaFault. */
  openAccess(): Promise<MediaAccess>;
}

export interface RoundHost {
  rules: PlayRules;
  context: ProgramContext;
  streams: PlayStreams;
  timeline: MediaTimeline;
  isPaused(): boolean;
  isStopped(): boolean;
  /** The source is open and is going to be played. */
  opened(): void;
  /** It is played from its beginning: now, and once more with each round of a loop. */
  begins(): void;
  /** It was a playlist that grows: when it grows no more, it has ended, and is not to be played again. */
  wasEndless: boolean;
}

interface Jump {
  positionMs: number;
  resolve(): void;
  reject(error: Refusal): void;
}

/** One opening of a source, played to its end. */
export class PlayRound {
  readonly #host: RoundHost;
  readonly #lateness: Lateness;
  readonly #approach = new Approach();
  readonly #opening = Promise.withResolvers<void>();
  readonly #left = Promise.withResolvers<null>();
  #jump: Jump | null = null;
  #wake: (() => void) | null = null;
  /** Who asked for another position waits for the first packet of it. */
  #landed: (() => void) | null = null;
  #startedMs = 0;
  #endedMs = 0;
  /** Where what is read has no times of its own. */
  #firstReadMs: number | null = null;
  /** When this round of a loop began. */
  #roundMs = 0;
  /** Medium's time of the last packet that was sent, and of the end of the latest. */
  #lastSeconds = 0;
  #endSeconds = 0;
  /** Open, or null before and after. */
  source: MediaSource | null = null;
  /** Why it is over, where that is not its end. */
  fault: MediaFault | null = null;
  /** Ended by us: stopped, or a live source that is paused. */
  wasLeft = false;
  isLive = false;
  isEndless = false;
  /** It had begun to come, and broke off or went away where it may have been live. */
  isLost = false;
  /** It has come to the end that it said before: a server of live sources may have recordings too. */
  hasEnded = false;

  constructor(host: RoundHost) {
    this.#host = host;
    this.#lateness = new Lateness(host.rules.networkCacheMs);
  }

  /** How long it has played; 0 where nothing came. */
  get playedMs(): number {
    return this.#endedMs - this.#startedMs;
  }

  /** Never rejects. */
  async run(): Promise<void> {
    let access: MediaAccess | null = null;
    let source: MediaSource | null = null;
    try {
      access = await this.#access();
      if (!access) return await this.#close(null);
      source = this.source = new MediaSource(access);
      await source.open();
      access.opened();
      this.isLive = source.isLive;
      this.isEndless = source.isEndless;
      if (!this.#host.wasEndless || this.isEndless) await this.#play(source);
    } catch (error) {
      this.fault = access?.refusal() ?? asFault(error);
    }
    this.isLost = source?.isLostBy(this.fault, this.playedMs) === true;
    this.hasEnded = source !== null && this.fault === null && this.#isNearEnd(source);
    await this.#close(source);
    access?.close();
  }

  #isNearEnd({ durationMs, startSeconds }: MediaSource): boolean {
    return durationMs > 0 && (this.#endSeconds - startSeconds) * 1000 > durationMs - NEAR_END_MS;
  }

  /** Null where it was left meanwhile: nothing interrupts the look-up of a name. */
  async #access(): Promise<MediaAccess | null> {
    const opening = this.#host.rules.openAccess();
    const access = await Promise.race([opening, this.#left.promise]);
    if (!access) opening.then((late) => late.close(), () => {});
    return access;
  }

  async #close(source: MediaSource | null): Promise<void> {
    this.wasLeft = this.#isToLeave();
    this.source = null;
    this.#opening.resolve();
    this.#jump?.reject(new Refusal("Cannot seek: the source has ended"));
    this.#jump = null;
    this.#landed?.();
    await this.#host.streams.closeSource();
    await source?.close();
  }

  /** The player was stopped, paused, or plays on. */
  stateChanged(): void {
    if (this.#isToLeave()) {
      this.#left.resolve(null);
      this.source?.interrupt();
    }
    this.#wake?.();
  }

  /** Milliseconds from the beginning. */
  positionMs(): number {
    const { timeline, context, isPaused } = this.#host;
    if (!this.source) return 0;
    const seconds = timeline.isAnchored && !isPaused()
      ? timeline.secondsAt(context.clock.now())
      : this.#lastSeconds;
    const positionMs = Math.max(0, Math.round((seconds - this.source.startSeconds) * 1000));
    return this.source.durationMs > 0 ? Math.min(positionMs, Math.round(this.source.durationMs)) : positionMs;
  }

  /** Resolves when it plays from there. */
  async seek(positionMs: number): Promise<void> {
    await this.#opening.promise;
    if (!this.source?.isSeekable) {
      throw new Refusal("Cannot seek: the source has no positions or is not open");
    }
    if (positionMs > this.source.durationMs) {
      throw new Refusal(
        `Cannot seek: position ${positionMs} ms vs a duration of ${this.source.durationMs} ms`,
      );
    }
    // Who asked before is answered with the last one: nothing has failed.
    const earlier = this.#jump;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    promise.catch(() => {}).finally(() => earlier?.resolve());
    this.#jump = { positionMs, resolve, reject };
    this.#wake?.();
    await promise;
  }

  async #play(source: MediaSource): Promise<void> {
    this.#host.streams.open(source);
    await Promise.race([this.#host.streams.allTaken(), this.#left.promise]);
    this.#host.timeline.release();
    this.#host.begins();
    this.#host.opened();
    this.#opening.resolve();
    await this.#flow(source);
  }

  async #flow(source: MediaSource): Promise<void> {
    const ahead = new ReadAhead(source, source.isBuffered ? this.#host.rules.networkCacheMs : 0);
    try {
      await this.#presentAll(source, ahead);
    } finally {
      await ahead.close();
    }
  }

  async #presentAll(source: MediaSource, ahead: ReadAhead): Promise<void> {
    using packet = new Packet();
    packet.alloc();
    for (;;) {
      // The way to a position is gone in a pause too.
      if (!this.#landed) await this.#whilePaused();
      if (this.#isToLeave()) return;
      if (this.#jump) await this.#perform(source, ahead, this.#jump);
      if (await ahead.read(packet)) await this.#present(source, packet);
      else if (await this.#isOver() && !await this.#beginAgain(source, ahead)) return;
      packet.unref();
    }
  }

  /** A loop goes on without a gap where the source can go back; others are opened anew. */
  async #beginAgain(source: MediaSource, ahead: ReadAhead): Promise<boolean> {
    if (!this.#host.rules.loop || !source.isSeekable || this.#isToLeave()) return false;
    if (!await ahead.seek(0)) return false;
    this.#goOnAt(source.startSeconds);
    this.#roundMs = this.#host.context.clock.now();
    this.#host.begins();
    return true;
  }

  /** What comes next is of another place of the medium. */
  #goOnAt(seconds: number): void {
    this.#host.streams.reset();
    this.#host.timeline.release();
    this.#approach.end();
    this.#lastSeconds = seconds;
  }

  /** A live source goes on without us: what it sends meanwhile is past. */
  #isToLeave(): boolean {
    return this.#host.isStopped() || (this.isLive && this.#host.isPaused());
  }

  async #whilePaused(): Promise<void> {
    while (this.#host.isPaused() && !this.#isToLeave() && !this.#jump) await this.#wait(Infinity);
  }

  async #present(source: MediaSource, packet: Packet): Promise<void> {
    const stream = source.streamOf(packet);
    const media = this.#host.streams.mediaOf(packet.streamIndex);
    if (!stream || media === null) return;
    const told = timesOf(packet, stream, this.#lastSeconds);
    const times = source.isUntimed ? this.#timesNow(source.isAtHand ? told.end - told.decoded : 0) : told;
    if (this.#approach.isOnWay(media, times)) return await this.#pass(packet, times);
    this.#land(Math.max(times.decoded, this.#approach.seconds));
    if (!await this.#isDue(source, times.decoded)) return;
    const { timeline, streams } = this.#host;
    this.#lastSeconds = times.decoded;
    this.#endSeconds = Math.max(this.#endSeconds, times.end);
    this.#endedMs = this.#host.context.clock.now();
    if (this.#startedMs === 0) this.#startedMs = this.#roundMs = this.#endedMs - 1;
    await streams.take(packet, {
      presented: timeline.rtpSeconds(times.presented),
      decoded: timeline.rtpSeconds(times.decoded),
      // Live pictures without times queue up at their server where they are waited for.
      isLate: source.isUntimed || timeline.dueMs(times.decoded) < this.#endedMs - LATE_MS,
    });
  }

  /** What lies before a position, on the way to it. */
  async #pass(packet: Packet, { presented, decoded }: MediumTimes): Promise<void> {
    const from = this.#approach.seconds + 1;
    await this.#host.streams.take(packet, {
      presented: presented - from,
      decoded: decoded - from,
      isLate: false,
    });
  }

  /** What was read at once for a first look comes apart again, and all of it that is at hand. */
  #timesNow(stepSeconds: number): MediumTimes {
    const nowMs = this.#host.context.clock.now();
    this.#firstReadMs ??= nowMs;
    const next = this.#lastSeconds + (stepSeconds || LEAST_STEP_SECONDS);
    const seconds = Math.max((nowMs - this.#firstReadMs) / 1000, next);
    return { presented: seconds, decoded: seconds, end: seconds };
  }

  /** Waits until a packet's time has come; false where it is not wanted any more. */
  async #isDue(source: MediaSource, seconds: number): Promise<boolean> {
    for (;;) {
      await this.#whilePaused();
      if (this.#isToLeave() || this.#jump) return false;
      const nowMs = this.#host.context.clock.now();
      if (!this.#isAnchored(source, seconds)) this.#anchor(seconds, nowMs);
      const leftMs = this.#host.timeline.dueMs(seconds) - nowMs;
      if (source.isPaced) return this.#isInTime(seconds, -leftMs, nowMs);
      if (leftMs < -MAX_LATE_MS) this.#anchor(seconds, nowMs);
      if (leftMs <= 0) return true;
      await this.#wait(leftMs);
    }
  }

  /** Whether the medium's time is tied to the wall's and has not jumped. */
  #isAnchored(source: MediaSource, seconds: number): boolean {
    const step = seconds - this.#lastSeconds;
    const isJump = step > MAX_HOLE_SECONDS || (source.mayJump && Math.abs(step) > MAX_JUMP_SECONDS);
    return this.#host.timeline.isAnchored && !isJump;
  }

  #anchor(seconds: number, nowMs: number): void {
    this.#host.timeline.anchor(seconds, nowMs);
    this.#lastSeconds = seconds;
    this.#endSeconds = seconds;
  }

  #isInTime(seconds: number, lateMs: number, nowMs: number): boolean {
    const verdict = this.#lateness.judge(lateMs, nowMs);
    if (verdict === "restart") this.#anchor(seconds, nowMs);
    if (verdict !== "drop") return true;
    // What comes after a hole is of use from a keyframe on.
    this.#host.streams.reset();
    return false;
  }

  async #perform(
    source: MediaSource,
    ahead: ReadAhead,
    { positionMs, resolve, reject }: Jump,
  ): Promise<void> {
    this.#jump = null;
    if (!await ahead.seek(positionMs)) {
      return reject(new Refusal(`Cannot seek: the source does not go to ${positionMs} ms`));
    }
    this.#goOnAt(source.startSeconds + positionMs / 1000);
    // What is not decoded begins at the keyframe before.
    if (!this.#host.rules.useEncodedMedia) this.#approach.begin(this.#lastSeconds);
    this.#landed?.();
    this.#landed = resolve;
  }

  /** It plays from here. */
  #land(seconds: number): void {
    if (!this.#landed) return;
    this.#lastSeconds = seconds;
    this.#landed();
    this.#landed = null;
  }

  /** The last packet was read: waits until it has been shown. False where it goes on elsewhere. */
  async #isOver(): Promise<boolean> {
    const { streams, timeline, context } = this.#host;
    await streams.finish();
    this.#land(this.#lastSeconds);
    for (;;) {
      await this.#whilePaused();
      if (this.#isToLeave()) return true;
      if (this.#jump) return false;
      const endMs = timeline.isAnchored ? timeline.dueMs(this.#endSeconds) : 0;
      const leftMs = Math.max(endMs, this.#roundMs + LEAST_ROUND_MS) - context.clock.now();
      if (leftMs <= 0) return true;
      await this.#wait(leftMs);
    }
  }

  /** Until `ms` are over or a call has changed something. */
  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      let timer: Timer | null = null;
      this.#wake = () => {
        timer?.cancel();
        this.#wake = null;
        resolve();
      };
      if (Number.isFinite(ms)) timer = this.#host.context.clock.after(ms, () => this.#wake?.());
    });
  }
}
