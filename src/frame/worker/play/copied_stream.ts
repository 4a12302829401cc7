import {
  AV_CODEC_ID_AV1,
  AV_CODEC_ID_H264,
  AV_CODEC_ID_HEVC,
  AV_CODEC_ID_OPUS,
  AV_CODEC_ID_VP8,
  AV_CODEC_ID_VP9,
  AV_PIX_FMT_NONE,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUVJ420P,
  AVERROR_EAGAIN,
} from "node-av/constants";
import {
  BitStreamFilter,
  BitStreamFilterContext,
  type CodecParameters,
  FFmpegError,
  Packet,
  type Stream,
} from "node-av/lib";
import { nalUnits } from "../../../rtp/mod.ts";
import { type FrameMedia, programPayloads, type StreamFormat } from "../../types.ts";
import type { Carrier, PacketTimes } from "./carrier.ts";
import type { OutboundStream } from "../outbound_stream.ts";
import { mediaOf } from "../output_spec.ts";

const codecs = new Map<number, string>([
  [AV_CODEC_ID_H264, "H264"],
  [AV_CODEC_ID_HEVC, "H265"],
  [AV_CODEC_ID_VP8, "VP8"],
  [AV_CODEC_ID_VP9, "VP9"],
  [AV_CODEC_ID_AV1, "AV1"],
  [AV_CODEC_ID_OPUS, "OPUS"],
]);

/** Baseline, main and high have 4:2:0 of 8 bit only. */
const plainH264Profiles = new Set([66, 77, 100]);

const annexBFilters: Readonly<Record<string, string>> = {
  H264: "h264_mp4toannexb",
  H265: "hevc_mp4toannexb",
};

/**
 * The format in which a stream can travel by RTP as it is, or null. Pictures out of order cannot: receivers show
 * frames as they come. Nor can what browsers do not decode (other than 8 bit 4:2:0). `asItIs`: only what RTP has no
 * payload format for is refused; whether the pictures are of use is the receiver's matter.
 */
export function copyFormat({ codecpar }: Stream, asItIs: boolean): StreamFormat | null {
  const codec = codecs.get(codecpar.codecId);
  if (codec === undefined) return null;
  // More than two channels are a format of their own (RFC 7587 section 3.1).
  if (codec === "OPUS") return codecpar.channels <= 2 ? { codec, format: "OPUS/48000/2" } : null;
  if (!asItIs && !isShownByBrowsers(codecpar)) return null;
  switch (codec) {
    case "H264":
      return { codec, format: `H264/1/${h264Profile(codecpar.profile)}` };
    case "H265":
      return { codec, format: "H265/1/0" };
    case "VP8":
      return { codec, format: "VP8" };
    default:
      return { codec, format: `${codec}/0` };
  }
}

/** A stream that was looked at too shortly has no pixel format yet: then its profile tells. */
function isShownByBrowsers({ videoDelay, format, codecId, profile }: CodecParameters): boolean {
  if (videoDelay > 0) return false;
  if (format !== AV_PIX_FMT_NONE) return format === AV_PIX_FMT_YUV420P || format === AV_PIX_FMT_YUVJ420P;
  return codecId === AV_CODEC_ID_H264 && plainH264Profiles.has(profile & 0xff);
}

/** Profile and constraints as in profile-level-id; FFmpeg keeps the constraints in the bits above the profile. */
function h264Profile(profile: number): string {
  const idc = profile & 0xff;
  const constrained = (profile & (1 << 9)) !== 0;
  // A stream without pictures out of order, whose baseline has no flexible macroblock order, is constrained baseline.
  if (idc === 66 || constrained) return "42e0";
  return `${idc.toString(16).padStart(2, "0")}00`;
}

/** Sends a stream as it is. */
export class CopiedStream implements Carrier {
  readonly media: FrameMedia;
  readonly format: StreamFormat;
  readonly #stream: OutboundStream;
  readonly #filter: BitStreamFilterContext | null;
  readonly #filtered = new Packet();
  /** In front of keyframes that do not bring their own. */
  readonly #parameterSets: Uint8Array;
  readonly #clockRate: number;

  constructor(source: Stream, format: StreamFormat, stream: OutboundStream) {
    this.format = format;
    this.media = mediaOf(format.codec)!;
    this.#stream = stream;
    this.#clockRate = programPayloads[format.codec].clockRate;
    this.#filtered.alloc();
    this.#filter = annexBFilters[format.codec] ? openFilter(annexBFilters[format.codec], source) : null;
    this.#parameterSets = new Uint8Array(this.#filter?.outputCodecParameters?.extradata ?? []);
  }

  take(packet: Packet, { presented }: PacketTimes): Promise<void> {
    if (presented < 0) return Promise.resolve();
    if (!this.#filter) this.#send(packet, presented);
    else if (this.#filter.sendPacketSync(packet) >= 0) this.#drain(this.#filter, presented);
    return Promise.resolve();
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }

  reset(): void {
    this.#filter?.flush();
  }

  /** A file's keyframes are where they are. */
  requestKeyframe(): void {}

  close(): Promise<void> {
    this.#filtered.free();
    this.#filter?.free();
    return Promise.resolve();
  }

  #drain(filter: BitStreamFilterContext, presented: number): void {
    for (let code = filter.receivePacketSync(this.#filtered); code !== AVERROR_EAGAIN && code >= 0;) {
      this.#send(this.#filtered, presented);
      this.#filtered.unref();
      code = filter.receivePacketSync(this.#filtered);
    }
  }

  #send(packet: Packet, presented: number): void {
    if (!packet.data || packet.size === 0) return;
    const bytes = new Uint8Array(packet.data);
    this.#stream.send(this.#complete(bytes, packet.isKeyframe), presented * this.#clockRate);
  }

  #complete(bytes: Uint8Array, isKeyframe: boolean): Uint8Array {
    if (!isKeyframe || this.#parameterSets.length === 0) return bytes;
    const has = nalUnits(bytes).some((unit) => this.#isSequenceSet(unit));
    if (has) return bytes;
    const whole = new Uint8Array(this.#parameterSets.length + bytes.length);
    whole.set(this.#parameterSets);
    whole.set(bytes, this.#parameterSets.length);
    return whole;
  }

  #isSequenceSet(unit: Uint8Array): boolean {
    return this.format.codec === "H264" ? (unit[0] & 0x1f) === 7 : (unit[0] >>> 1 & 0x3f) === 33;
  }
}

function openFilter(name: string, source: Stream): BitStreamFilterContext {
  const filter = BitStreamFilter.getByName(name);
  if (!filter) throw new Error(`Cannot send the stream: this FFmpeg has no ${name}`);
  const context = new BitStreamFilterContext();
  FFmpegError.throwIfError(context.alloc(filter), `make ${name}`);
  source.codecpar.copy(context.inputCodecParameters!);
  context.inputTimeBase = source.timeBase;
  FFmpegError.throwIfError(context.init(), `open ${name}`);
  return context;
}
