import {
  AV_CODEC_ID_NONE,
  AV_DISPOSITION_ATTACHED_PIC,
  AVDISCARD_ALL,
  AVERROR_EOF,
  AVERROR_INVALIDDATA,
  AVFMT_NOTIMESTAMPS,
  AVFMT_TS_DISCONT,
  type AVFormatFlag,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
  type AVMediaType,
  AVSEEK_FLAG_BACKWARD,
} from "node-av/constants";
import { Dictionary, FormatContext, InputFormat, Packet, type Stream } from "node-av/lib";
import { faultOf, MediaFault } from "./media_fault.ts";
import type { MediaAccess } from "./media_access.ts";
import { timesOf } from "./packet_times.ts";
import type { WebBody } from "./web_body.ts";

const MICROSECONDS = 1e6;
/** Microseconds of media that are looked at; some pictures, where they have no times. */
const LIVE_LOOK = 2_000_000n;
const SHORT_LOOK = 100_000n;
/** More than two fragments of any length that is usual. */
const MAX_SEEN_MS = 15_000;
/** Keyframes are hardly ever further apart. */
const MAX_EARLIER_MS = 32_000;
/** A server that is waited for no longer while the first pictures come has all of them at hand. */
const AT_HAND_LOOK_MS = 20;
/** And does not let itself be waited for later on. */
const AT_HAND_MS = 1000;
/** A guess of FFmpeg's below this fits random bytes as well. */
const LEAST_PROBE_SCORE = 12;

/** One file or network stream, from opening to closing. Only one of `open`, `read`, `seek` at a time. */
export class MediaSource {
  readonly #access: MediaAccess;
  #format = emptyFormat();
  /** What it is was said here, and not found out from its bytes. */
  #isTold = false;
  #cameAtOnce = false;
  #isInterrupted = false;
  video: Stream | null = null;
  audio: Stream | null = null;
  /** 0 where it is unknown. */
  durationMs = 0;
  /** First time stamp in seconds. */
  startSeconds = 0;

  constructor(access: MediaAccess) {
    this.#access = access;
  }

  /** Finds the best stream of each kind. Throws MediaFault. */
  async open(): Promise<void> {
    const { name, isBody, format = null } = this.#access;
    let opened = await this.#openAs(format);
    if (opened < 0 && this.#body?.isJpeg && !this.#isInterrupted) {
      this.#format = emptyFormat();
      opened = await this.#openAs("mjpeg");
    }
    if (opened < 0) {
      throw faultOf(opened, `open the ${name}`, isBody ? "INVALID_MEDIA" : "RESOURCE_ERROR_OPEN");
    }
    // It may be live, and then each second of looking at it is one of delay.
    if (this.#isOpenEnded) this.#format.maxAnalyzeDuration = this.isUntimed ? SHORT_LOOK : LIVE_LOOK;
    const found = await this.#format.findStreamInfo(null);
    if (found < 0) throw faultOf(found, `read the ${name}`, "INVALID_MEDIA");
    this.#cameAtOnce = this.#body?.isStream === false && this.#body.waitedMs < AT_HAND_LOOK_MS;
    this.#choose();
  }

  /** Sends whether somebody looks or not: it cannot be held up, and when it ends it is lost. */
  get isLive(): boolean {
    return this.#access.isLive || this.isEndless || (this.#isOpenEnded && this.#body!.isStream);
  }

  /** A playlist that is still being written: its pieces come at once, and its end is not known. */
  get isEndless(): boolean {
    return this.#formatName === "hls" && this.durationMs === 0;
  }

  /** It has no times of its own, and what is waited for is shown when it comes. */
  get isUntimed(): boolean {
    return this.#isOpenEnded && this.#has(AVFMT_NOTIMESTAMPS);
  }

  /** It comes as fast as it is taken, as a file does. */
  get isAtHand(): boolean {
    return this.#cameAtOnce && this.#body!.waitedMs < AT_HAND_MS;
  }

  /** Its packets come when they are due; others are read as fast as one likes. */
  get isPaced(): boolean {
    return this.#access.isLive;
  }

  /** It may hesitate, and can be read before its time. */
  get isBuffered(): boolean {
    return !this.#access.isLive && !this.#access.isLocal && !this.isUntimed;
  }

  get isSeekable(): boolean {
    return !this.isLive && this.durationMs > 0 && (this.#isInPieces || this.#body?.hasRanges !== false);
  }

  /** MP4 may hold a whole fragment of one stream before that of the other, and is what playlists may lead to; Ogg a page. */
  get isMixed(): boolean {
    return this.video !== null && this.audio !== null &&
      (this.#isInPieces || this.#formatName === "ogg" || this.#formatName.startsWith("mov,"));
  }

  /** The medium's own time may jump: what it says is true between two jumps only. */
  get mayJump(): boolean {
    return this.isLive || this.#has(AVFMT_TS_DISCONT);
  }

  /**
   * Whether what was played for `playedMs` is lost rather than at its end. Who says neither how much it is nor how long may
   * be live: then it is lost when it breaks off, and when it just closes, unless most of it came at once, as of a file.
   */
  isLostBy(fault: MediaFault | null, playedMs: number): boolean {
    if (!this.#isOpenEnded || playedMs === 0) return false;
    if (fault) return fault.kind === "RESOURCE_ERROR_READ";
    return this.#body!.endsByClosing && this.#body!.waitedMs > playedMs / 2;
  }

  /** The stream of a packet, where it is one of those that are played. */
  streamOf({ streamIndex }: Packet): Stream | null {
    if (streamIndex === this.video?.index) return this.video;
    return streamIndex === this.audio?.index ? this.audio : null;
  }

  /** Reads the next packet; false at the end. Throws MediaFault. */
  async read(packet: Packet): Promise<boolean> {
    const code = await this.#format.readFrame(packet);
    if (code >= 0) return true;
    // Behind the last of several parts FFmpeg looks for another one.
    if (code === AVERROR_EOF || (code === AVERROR_INVALIDDATA && this.#formatName === "mpjpeg")) return false;
    throw faultOf(code, `read on from the ${this.#access.name}`, "RESOURCE_ERROR_READ");
  }

  /** Goes to the keyframe at or before `positionMs` from the start; false where that cannot be. */
  async seek(positionMs: number): Promise<boolean> {
    if (!this.video || this.#isInPieces || !this.#has(AVFMT_TS_DISCONT)) return await this.#goTo(positionMs);
    // Streams for broadcast have no index: FFmpeg goes to some picture, and the next keyframe may be behind the position.
    for (let earlierMs = 0; earlierMs <= MAX_EARLIER_MS; earlierMs = Math.max(500, earlierMs * 2)) {
      const fromMs = Math.max(0, positionMs - earlierMs);
      // The first picture may be decoded before the first is shown.
      if (fromMs === 0) return await this.#goTo(-1000);
      if (!await this.#goTo(fromMs)) return false;
      if (await this.#hasKeyframeBy(positionMs)) return await this.#goTo(fromMs);
    }
    return await this.#goTo(positionMs);
  }

  /** Ends what waits for the network, for good. */
  interrupt(): void {
    if (this.#isInterrupted) return;
    this.#isInterrupted = true;
    this.#format.interrupt();
  }

  /** After the last of `open`, `read` and `seek` has ended. */
  async close(): Promise<void> {
    this.#isInterrupted = true;
    await this.#format.closeInput();
  }

  /** As a format that is known, or by what its bytes look like. */
  async #openAs(name: string | null): Promise<number> {
    this.#isTold = name !== null;
    const options = Dictionary.fromObject(this.#access.options);
    try {
      const format = name === null ? null : InputFormat.findInputFormat(name);
      return await this.#format.openInput(this.#access.url, format, options);
    } finally {
      options.free();
    }
  }

  async #goTo(positionMs: number): Promise<boolean> {
    const at = BigInt(Math.round(this.#secondsAt(positionMs) * MICROSECONDS));
    return await this.#format.seekFrame(-1, at, AVSEEK_FLAG_BACKWARD) >= 0;
  }

  /** Whether the next keyframe is no later than that. */
  async #hasKeyframeBy(positionMs: number): Promise<boolean> {
    using packet = new Packet();
    packet.alloc();
    for (; await this.read(packet); packet.unref()) {
      if (packet.streamIndex !== this.video!.index) continue;
      const { presented } = timesOf(packet, this.video!, Infinity);
      if (packet.isKeyframe || presented > this.#secondsAt(positionMs)) {
        return packet.isKeyframe && presented <= this.#secondsAt(positionMs);
      }
    }
    return false;
  }

  #secondsAt(positionMs: number): number {
    return this.startSeconds + positionMs / 1000;
  }

  /** MP4 that is still being written, in fragments: FFmpeg takes those that it has seen for all. */
  get #isUnfinished(): boolean {
    return this.#body?.hasLength === false && this.#formatName.startsWith("mov,");
  }

  /** Neither bytes nor time say how much it is. */
  get #isOpenEnded(): boolean {
    return this.#body?.hasLength === false && this.durationMs === 0 && !this.#isInPieces;
  }

  get #body(): WebBody | null {
    return this.#access.body?.() ?? null;
  }

  #has(flag: number): boolean {
    return this.#format.iformat?.hasFlags(flag as unknown as AVFormatFlag) === true;
  }

  get #isInPieces(): boolean {
    return this.#formatName === "hls" || this.#formatName === "dash";
  }

  get #formatName(): string {
    return this.#format.iformat?.name ?? "";
  }

  #choose(): void {
    const { name } = this.#access;
    if (this.#access.isProbed && !this.#isTold && this.#format.probeScore < LEAST_PROBE_SCORE) {
      throw new MediaFault("INVALID_MEDIA", `Cannot play the ${name}: it is no medium that can be told`);
    }
    this.video = this.#best(AVMEDIA_TYPE_VIDEO);
    this.audio = this.#best(AVMEDIA_TYPE_AUDIO);
    if (!this.video && !this.audio) {
      throw new MediaFault("INVALID_MEDIA", `Cannot play the ${name}: it has neither audio nor video`);
    }
    const { duration, startTime, streams } = this.#format;
    this.durationMs = duration > 0n ? Number(duration) / 1000 : 0;
    if (this.durationMs < MAX_SEEN_MS && this.#isUnfinished) this.durationMs = 0;
    const start = Number(startTime) / MICROSECONDS;
    this.startSeconds = Math.abs(start) < 1e9 ? start : 0;
    for (const stream of streams) {
      if (stream.index !== this.video?.index && stream.index !== this.audio?.index) {
        stream.discard = AVDISCARD_ALL;
      }
    }
  }

  /** The best stream of a kind that is no picture of a cover. */
  #best(type: AVMediaType): Stream | null {
    const index = this.#format.findBestStream(type);
    const stream = this.#format.streams.find((candidate) => candidate.index === index);
    if (!stream || stream.codecpar.codecId === AV_CODEC_ID_NONE) return null;
    return stream.hasDisposition(AV_DISPOSITION_ATTACHED_PIC) ? null : stream;
  }
}

/** What is not allocated cannot be interrupted. */
function emptyFormat(): FormatContext {
  const format = new FormatContext();
  format.allocContext();
  return format;
}
