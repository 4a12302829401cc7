import {
  AV_CODEC_ID_NONE,
  AV_DISPOSITION_ATTACHED_PIC,
  AVDISCARD_ALL,
  AVERROR_EOF,
  AVFMT_TS_DISCONT,
  type AVFormatFlag,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
  type AVMediaType,
  AVSEEK_FLAG_BACKWARD,
} from "node-av/constants";
import { Dictionary, FormatContext, type Packet, type Stream } from "node-av/lib";
import { faultOf, MediaFault } from "./media_fault.ts";
import type { MediaAccess } from "./media_access.ts";

const MICROSECONDS = 1e6;
/** A guess of FFmpeg's below this fits random bytes as well. */
const LEAST_PROBE_SCORE = 12;

/** One file or network stream, from opening to closing. Only one of `open`, `read`, `seek` at a time. */
export class MediaSource {
  readonly #access: MediaAccess;
  readonly #format = new FormatContext();
  #isInterrupted = false;
  video: Stream | null = null;
  audio: Stream | null = null;
  /** 0 where it is unknown. */
  durationMs = 0;
  /** First time stamp in seconds. */
  startSeconds = 0;

  constructor(access: MediaAccess) {
    this.#access = access;
    // What is not allocated cannot be interrupted.
    this.#format.allocContext();
  }

  /** Finds the best stream of each kind. Throws MediaFault. */
  async open(): Promise<void> {
    const { url, options, name } = this.#access;
    const dictionary = Dictionary.fromObject(options);
    try {
      const opened = await this.#format.openInput(url, null, dictionary);
      const kind = this.#access.isBody ? "INVALID_MEDIA" : "RESOURCE_ERROR_OPEN";
      if (opened < 0) throw faultOf(opened, `open the ${name}`, kind);
    } finally {
      dictionary.free();
    }
    const found = await this.#format.findStreamInfo(null);
    if (found < 0) throw faultOf(found, `read the ${name}`, "INVALID_MEDIA");
    this.#choose();
  }

  /** Sends whether somebody looks or not: it cannot be held up, and when it ends it is lost. */
  get isLive(): boolean {
    return this.#access.isLive || this.isEndless;
  }

  /** A playlist that is still being written: its pieces come at once, and its end is not known. */
  get isEndless(): boolean {
    return this.#formatName === "hls" && this.durationMs === 0;
  }

  /** Its packets come when they are due; others are read as fast as one likes. */
  get isPaced(): boolean {
    return this.#access.isLive;
  }

  /** It may hesitate, and can be read before its time. */
  get isBuffered(): boolean {
    return !this.#access.isLive && !this.#access.isLocal;
  }

  get isSeekable(): boolean {
    return !this.isLive && this.durationMs > 0 && (this.#isInPieces || this.#access.hasRanges?.() !== false);
  }

  /** MP4 may hold a whole fragment of one stream before that of the other, and is what playlists may lead to. */
  get isMixed(): boolean {
    return this.video !== null && this.audio !== null &&
      (this.#isInPieces || this.#formatName.startsWith("mov,"));
  }

  /** The medium's own time may jump: what it says is true between two jumps only. */
  get mayJump(): boolean {
    return this.isLive ||
      this.#format.iformat?.hasFlags(AVFMT_TS_DISCONT as unknown as AVFormatFlag) === true;
  }

  /** The stream of a packet, where it is one of those that are played. */
  streamOf({ streamIndex }: Packet): Stream | null {
    if (streamIndex === this.video?.index) return this.video;
    return streamIndex === this.audio?.index ? this.audio : null;
  }

  /** Reads the next packet; false at the end. Throws MediaFault. */
  async read(packet: Packet): Promise<boolean> {
    const code = await this.#format.readFrame(packet);
    if (code === AVERROR_EOF) return false;
    if (code < 0) throw faultOf(code, `read on from the ${this.#access.name}`, "RESOURCE_ERROR_READ");
    return true;
  }

  /** Goes to the keyframe at or before `positionMs` from the start; false where that cannot be. */
  async seek(positionMs: number): Promise<boolean> {
    const at = BigInt(Math.round((this.startSeconds + positionMs / 1000) * MICROSECONDS));
    return await this.#format.seekFrame(-1, at, AVSEEK_FLAG_BACKWARD) >= 0;
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

  get #isInPieces(): boolean {
    return this.#formatName === "hls" || this.#formatName === "dash";
  }

  get #formatName(): string {
    return this.#format.iformat?.name ?? "";
  }

  #choose(): void {
    const { name } = this.#access;
    if (this.#access.isProbed && this.#format.probeScore < LEAST_PROBE_SCORE) {
      throw new MediaFault("INVALID_MEDIA", `Cannot play the ${name}: it is no medium that can be told`);
    }
    this.video = this.#best(AVMEDIA_TYPE_VIDEO);
    this.audio = this.#best(AVMEDIA_TYPE_AUDIO);
    if (!this.video && !this.audio) {
      throw new MediaFault("INVALID_MEDIA", `Cannot play the ${name}: it has neither audio nor video`);
    }
    const { duration, startTime, streams } = this.#format;
    this.durationMs = duration > 0n ? Number(duration) / 1000 : 0;
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
