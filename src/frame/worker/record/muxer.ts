import { Buffer } from "node:buffer";
import * as constants from "node-av/constants";
import {
  Dictionary,
  FFmpegError,
  FormatContext,
  IOContext,
  Packet,
  Rational,
  type Stream,
} from "node-av/lib";
import type { FrameMedia } from "../../types.ts";
import { setTurn } from "../picture_turn.ts";
import type { ProfilePlan } from "./profile.ts";
import type { TrackHeader, TrackPacket } from "./track_packet.ts";

const codecIds: Readonly<Record<string, constants.AVCodecID>> = {
  VP8: constants.AV_CODEC_ID_VP8,
  VP9: constants.AV_CODEC_ID_VP9,
  AV1: constants.AV_CODEC_ID_AV1,
  H264: constants.AV_CODEC_ID_H264,
  H265: constants.AV_CODEC_ID_HEVC,
  JPEG: constants.AV_CODEC_ID_MJPEG,
  OPUS: constants.AV_CODEC_ID_OPUS,
  AAC: constants.AV_CODEC_ID_AAC,
  PCMU: constants.AV_CODEC_ID_PCM_MULAW,
  PCMA: constants.AV_CODEC_ID_PCM_ALAW,
};

const AAC_FRAME_SAMPLES = 1024;
const BUFFER_BYTES = 1 << 16;
/** A packet that begins so much later than the last one ends comes after a gap. */
const GAP_MS = 10;

interface Track {
  stream: Stream;
  lastTicks: number;
  endsMs: number;
}

/** Where the bytes of a file go. */
export interface ByteSink {
  /** `bytes` are the sink's own from now on. */
  write(at: number, bytes: Uint8Array): void;
}

/**
 * One file being written by FFmpeg: packets in, bytes at positions out. All is done in place and in memory, so that no
 * slow disk or network ever holds it up.
 */
export class Muxer {
  readonly #format = new FormatContext();
  readonly #io = new IOContext();
  readonly #packet = new Packet();
  readonly #tracks = new Map<FrameMedia, Track>();
  readonly #sink: ByteSink;
  readonly #isFragmented: boolean;
  #hasNews = false;
  #isFlushed = false;
  #position = 0;
  #size = 0;

  /** Throws FFmpegError where the container does not take the tracks. */
  constructor(plan: ProfilePlan, headers: readonly TrackHeader[], sink: ByteSink) {
    this.#sink = sink;
    this.#isFragmented = plan.format === "mp4";
    this.#packet.alloc();
    FFmpegError.throwIfError(
      this.#format.allocOutputContext2(null, plan.format, null),
      `make a ${plan.format} file`,
    );
    this.#io.allocContextWithCallbacks(
      BUFFER_BYTES,
      1,
      null,
      (bytes) => this.#take(bytes),
      (offset, whence) => this.#seek(Number(offset), whence),
    );
    this.#format.pb = this.#io;
    for (const header of headers) this.#addTrack(header);
    const options = Dictionary.fromObject(plan.options);
    const begun = this.#format.writeHeaderSync(options);
    options.free();
    if (begun < 0) this.#free();
    FFmpegError.throwIfError(begun, `begin a ${plan.format} file`);
  }

  /** Bytes that the file has so far. */
  get size(): number {
    return this.#size;
  }

  has(media: FrameMedia): boolean {
    return this.#tracks.has(media);
  }

  /** Writes a packet at `atMs` of the file. Throws FFmpegError. */
  write(packet: TrackPacket, atMs: number): void {
    const track = this.#tracks.get(packet.media)!;
    this.#tellGap(track, packet, atMs);
    const { num, den } = track.stream.timeBase;
    const ticks = (ms: number) => Math.round(ms / 1000 * den / num);
    // Two packets of one track never share a time: what reports moved back follows at once.
    track.lastTicks = Math.max(ticks(atMs), track.lastTicks + 1);
    this.#packet.data = Buffer.from(packet.bytes);
    this.#packet.pts = this.#packet.dts = BigInt(track.lastTicks);
    this.#packet.duration = BigInt(ticks(packet.durationMs));
    this.#packet.streamIndex = track.stream.index;
    this.#packet.isKeyframe = packet.keyframe;
    const written = this.#format.writeFrameSync(this.#packet);
    this.#packet.unref();
    FFmpegError.throwIfError(written, "write a packet");
    this.#hasNews = true;
  }

  /** Whether something of every track is in the file. */
  get isComplete(): boolean {
    return [...this.#tracks.values()].every(({ lastTicks }) => lastTicks >= 0);
  }

  /** Hands on all that it has, so that the file plays up to here whatever happens next. */
  flush(): void {
    // Some muxers do not bear it when there is nothing.
    if (!this.#hasNews) return;
    this.#hasNews = false;
    // The head of a fragmented file is written by a flush of its own.
    if (this.#isFragmented && !this.#isFlushed) this.#format.writeFrameSync(null);
    this.#isFlushed = true;
    this.#format.writeFrameSync(null);
    this.#io.flushSync();
  }

  /** Ends the file. */
  close(): void {
    const ended = this.#format.writeTrailerSync();
    this.#io.flushSync();
    this.#free();
    FFmpegError.throwIfError(ended, "end the file");
  }

  /** The first packet of a fragment would be moved to where the last one of its track ended. */
  #tellGap(track: Track, packet: TrackPacket, atMs: number): void {
    // Until the first flush a track's beginning is told by the head of the file.
    const isGap = (track.lastTicks >= 0 || this.#isFlushed) && atMs - track.endsMs > GAP_MS;
    track.endsMs = atMs + packet.durationMs;
    if (isGap && this.#isFragmented) this.#format.setOption("movflags", "+frag_discont");
  }

  #addTrack(header: TrackHeader): void {
    const stream = this.#format.newStream();
    const parameters = stream.codecpar;
    parameters.codecId = codecIds[header.codec];
    if (header.extradata.length > 0) parameters.extradata = Buffer.from(header.extradata);
    if (header.media === "video") {
      parameters.codecType = constants.AVMEDIA_TYPE_VIDEO;
      parameters.format = constants.AV_PIX_FMT_YUV420P;
      parameters.width = header.width;
      parameters.height = header.height;
      if (header.turn !== 0) setTurn(parameters, header.turn);
      stream.timeBase = new Rational(1, 90_000);
    } else {
      parameters.codecType = constants.AVMEDIA_TYPE_AUDIO;
      parameters.sampleRate = header.sampleRate;
      parameters.channelLayout = header.channels === 2
        ? constants.AV_CHANNEL_LAYOUT_STEREO
        : constants.AV_CHANNEL_LAYOUT_MONO;
      if (header.codec === "AAC") parameters.frameSize = AAC_FRAME_SAMPLES;
      stream.timeBase = new Rational(1, header.sampleRate);
    }
    this.#tracks.set(header.media, { stream, lastTicks: -1, endsMs: 0 });
  }

  #take(bytes: Buffer): number {
    this.#sink.write(this.#position, new Uint8Array(bytes));
    this.#position += bytes.length;
    this.#size = Math.max(this.#size, this.#position);
    return bytes.length;
  }

  #seek(offset: number, whence: constants.AVSeekWhence): bigint {
    if (whence === constants.AVSEEK_SIZE) return BigInt(this.#size);
    const from = whence === constants.AVSEEK_CUR
      ? this.#position
      : whence === constants.AVSEEK_END
      ? this.#size
      : 0;
    this.#position = from + offset;
    return BigInt(this.#position);
  }

  #free(): void {
    this.#packet.free();
    this.#format.pb = null;
    this.#io.freeContext();
    this.#format.freeContext();
  }
}
