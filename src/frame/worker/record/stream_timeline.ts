import { timestampDelta } from "../../../rtp/mod.ts";
import { low32 } from "../extended_timestamp.ts";

/** Time stamps that jump by so much between two frames, more than time has passed, are of a new beginning. */
const MAX_JUMP_MS = 2000;
/** Without reports: a stream so far behind has been held up on its way, or stood still when it stays there or is further. */
const STALL_MS = 2000;
const STALL_PATIENCE_MS = 5000;
const MAX_STALL_MS = 30_000;
/** Streams whose senders' clocks are this near to each other are of one sender: the plane writes its own clock for all. */
const SAME_CLOCK_MS = 30_000;
/** How fast times that are in use follow arrivals: slowly towards later ones, as most of those have only waited. */
const LATER_RATE = 0.0005;
const EARLIER_RATE = 0.005;
/** Two machines' clocks part over hours; less than this is no sign of it, as packets wait. */
const DOMAIN_RATE = 0.0001;
const DOMAIN_TOLERANCE_MS = 400;
const MAX_DOMAINS = 4;
/** Reports say by some milliseconds more or less what the last ones said: a share of that is believed each time. */
const MAX_NOISE_MS = 50;
const BELIEVED = 0.15;
/** "Not known" (RFC 3550 section 6.4.1): the NTP time stamp 0, in ms since the Unix epoch. */
const UNKNOWN_NTP_MS = -2_208_988_800_000;

/** One sender's wall clock against ours: ours is `offsetMs` ahead. */
interface Domain {
  offsetMs: number;
  movedMs: number;
}

/** The wall clocks of the senders of one recording; streams that one sender sends share one. */
export class SenderClocks {
  readonly #domains: Domain[] = [];

  /** The clock that lies near `offsetMs`, or a new one. */
  near(offsetMs: number, nowMs: number): Domain {
    const known = this.#domains.find((domain) => Math.abs(domain.offsetMs - offsetMs) < SAME_CLOCK_MS);
    if (known) return known;
    const domain = { offsetMs, movedMs: nowMs };
    this.#domains.push(domain);
    if (this.#domains.length > MAX_DOMAINS) this.#domains.shift();
    return domain;
  }
}

/**
 * RTP time of one stream as our wall time. By the sender's reports, which tie audio and video to one clock whatever
 * their ways here did to them; before the first report by the earliest arrivals.
 */
export class StreamTimeline {
  readonly #ticksPerMs: number;
  readonly #clocks: SenderClocks;
  #report: { ntpMs: number; timestamp: number } | null = null;
  #domain: Domain | null = null;
  /** Wall time minus stream time by arrivals; null before the first. */
  #guessMs: number | null = null;
  #guessedMs = 0;
  #isUsed = false;
  /** Since when the stream has been far behind; null where it is not. */
  #lateSinceMs: number | null = null;
  /** The last frame: its stream time, and when it came. */
  #last: { atMs: number; nowMs: number } | null = null;

  /** The latest frame whose wall time was asked for. */
  #given: { timestamp: number; wallMs: number } | null = null;

  constructor(clockRate: number, clocks: SenderClocks) {
    this.#ticksPerMs = clockRate / 1000;
    this.#clocks = clocks;
  }

  /** Whether reports have tied the stream to its sender's clock. */
  get isReported(): boolean {
    return this.#report !== null;
  }

  /** The sender says that its clock stood at `ntpMs` (ms since the Unix epoch) at the 32-bit `timestamp`. */
  report(ntpMs: number, timestamp: number): void {
    if (ntpMs === UNKNOWN_NTP_MS) return;
    const offMs = this.#report ? ntpMs - this.#ntpMs(timestamp) : Infinity;
    const isNoise = Math.abs(offMs) < MAX_NOISE_MS;
    if (Math.abs(offMs) > SAME_CLOCK_MS) this.#domain = null;
    this.#report = { ntpMs: isNoise ? ntpMs - offMs * (1 - BELIEVED) : ntpMs, timestamp };
  }

  /** A frame with this extended time stamp came. */
  arrived(timestamp: number, nowMs: number): void {
    const atMs = timestamp / this.#ticksPerMs;
    if (this.#isJump(atMs, nowMs)) this.#restart();
    this.#last = { atMs, nowMs };
    this.#follow(nowMs - atMs, nowMs);
    if (!this.#report) return;
    this.#domain ??= this.#clocks.near(this.#lagByGuess(timestamp), nowMs);
    this.#move(this.#domain, nowMs - this.#ntpMs(timestamp), nowMs);
  }

  /**
   * Our wall time of an extended time stamp, ms; `arrived` must have heard of a frame. Where a report puts the clock
   * back, later frames follow at half their distances until that is made up: none comes before one that was given out.
   */
  wallMs(timestamp: number): number {
    const wallMs = this.#wallByClock(timestamp);
    const given = this.#given;
    if (given && timestamp <= given.timestamp) return wallMs;
    const leastMs = given ? given.wallMs + (timestamp - given.timestamp) / this.#ticksPerMs / 2 : wallMs;
    this.#given = { timestamp, wallMs: Math.max(wallMs, leastMs) };
    return this.#given.wallMs;
  }

  #wallByClock(timestamp: number): number {
    this.#isUsed = true;
    if (this.#report && this.#domain) return this.#ntpMs(timestamp) + this.#domain.offsetMs;
    return timestamp / this.#ticksPerMs + this.#guessMs!;
  }

  #isJump(atMs: number, nowMs: number): boolean {
    if (!this.#last) return false;
    const stepMs = atMs - this.#last.atMs;
    return stepMs < -MAX_JUMP_MS || stepMs - (nowMs - this.#last.nowMs) > MAX_JUMP_MS;
  }

  /** What the last report said is not of these time stamps. */
  #restart(): void {
    this.#report = null;
    this.#domain = null;
    this.#guessMs = null;
    this.#lateSinceMs = null;
    this.#given = null;
  }

  /** The earliest arrivals are nearest to the truth: others have waited on their way. */
  #follow(lagMs: number, nowMs: number): void {
    const offMs = lagMs - (this.#guessMs ?? lagMs);
    const elapsedMs = Math.max(0, nowMs - this.#guessedMs);
    const lowestMs = this.#isUsed ? -elapsedMs * EARLIER_RATE : -Infinity;
    const isNew = this.#guessMs === null || this.#stoodStill(offMs, nowMs);
    this.#guessMs = isNew ? lagMs : this.#guessMs! + clamped(offMs, lowestMs, elapsedMs * LATER_RATE);
    this.#guessedMs = nowMs;
  }

  #stoodStill(offMs: number, nowMs: number): boolean {
    this.#lateSinceMs = offMs > STALL_MS ? this.#lateSinceMs ?? nowMs : null;
    const lateMs = this.#lateSinceMs === null ? 0 : nowMs - this.#lateSinceMs;
    return offMs > MAX_STALL_MS || lateMs > STALL_PATIENCE_MS;
  }

  /** All streams of the sender move together. */
  #move(domain: Domain, lagMs: number, nowMs: number): void {
    const limitMs = Math.max(0, nowMs - domain.movedMs) * DOMAIN_RATE;
    const offMs = lagMs - domain.offsetMs;
    if (Math.abs(offMs) > DOMAIN_TOLERANCE_MS) domain.offsetMs += clamped(offMs, -limitMs, limitMs);
    domain.movedMs = nowMs;
  }

  /** What the guess makes of it, so that the first report moves nothing. */
  #lagByGuess(timestamp: number): number {
    return timestamp / this.#ticksPerMs + this.#guessMs! - this.#ntpMs(timestamp);
  }

  #ntpMs(timestamp: number): number {
    const { ntpMs, timestamp: at } = this.#report!;
    return ntpMs + timestampDelta(low32(timestamp), at) / this.#ticksPerMs;
  }
}

const clamped = (value: number, least: number, most: number) => Math.max(least, Math.min(most, value));
