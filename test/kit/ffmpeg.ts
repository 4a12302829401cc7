import { Buffer } from "node:buffer";
import {
  AV_CHANNEL_LAYOUT_STEREO,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_CODEC_ID_AV1,
  AV_CODEC_ID_H264,
  AV_CODEC_ID_HEVC,
  AV_CODEC_ID_OPUS,
  AV_CODEC_ID_VP8,
  AV_CODEC_ID_VP9,
  AV_LOG_FATAL,
  AV_PIX_FMT_YUV420P,
  AV_SAMPLE_FMT_FLT,
  AV_SAMPLE_FMT_FLTP,
  AV_SAMPLE_FMT_S16,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  FF_ENCODER_LIBOPUS,
  FF_ENCODER_LIBSVTAV1,
  FF_ENCODER_LIBVPX_VP8,
  FF_ENCODER_LIBVPX_VP9,
  FF_ENCODER_LIBX264,
  FF_ENCODER_LIBX265,
} from "node-av/constants";
import { Codec, CodecContext, FFmpegError, Frame, Log, Packet, Rational } from "node-av/lib";
import { drawFrame, drawTone, layDown, lyingSize, type PictureSize } from "./clip.ts";

/** One encoded frame of a clip. `ptsMs` counts from the clip's start; `bytes` is Annex B for H264 and H265. */
export interface EncodedUnit {
  ptsMs: number;
  keyframe: boolean;
  bytes: Uint8Array;
}

export interface VideoClipOptions extends PictureSize {
  fps: number;
  frameCount: number;
  /** Pictures from one keyframe to the next. */
  keyframeInterval: number;
  bitrateBps: number;
  /** H264 when absent. */
  codec?: EncodableCodec;
  /** Pictures lie so that so many clockwise quarter turns make them upright, and have their size; 0 when absent. */
  turn?: number;
}

export type EncodableCodec = "H264" | "H265" | "VP8" | "VP9" | "AV1";

export type DecodableCodec = EncodableCodec;

// A decoder that is handed a stream from its middle complains line by line; the tests look at what comes out.
Log.setLevel(AV_LOG_FATAL);

const codecIds = {
  H264: AV_CODEC_ID_H264,
  H265: AV_CODEC_ID_HEVC,
  VP8: AV_CODEC_ID_VP8,
  VP9: AV_CODEC_ID_VP9,
  AV1: AV_CODEC_ID_AV1,
};

/** What makes each encoder behave like a live publisher's: no B-frames, no look-ahead, headers before each keyframe. */
const encoders = {
  H264: {
    name: FF_ENCODER_LIBX264,
    options: { preset: "veryfast", tune: "zerolatency", profile: "baseline", "x264-params": "scenecut=0" },
  },
  H265: {
    name: FF_ENCODER_LIBX265,
    options: {
      preset: "ultrafast",
      tune: "zerolatency",
      "x265-params": "scenecut=0:bframes=0:repeat-headers=1:log-level=none",
    },
  },
  VP8: {
    name: FF_ENCODER_LIBVPX_VP8,
    options: { deadline: "realtime", "cpu-used": "-6", "auto-alt-ref": "0" },
  },
  VP9: {
    name: FF_ENCODER_LIBVPX_VP9,
    options: { deadline: "realtime", "cpu-used": "8", "lag-in-frames": "0" },
  },
  AV1: {
    name: FF_ENCODER_LIBSVTAV1,
    options: { preset: "12", "svtav1-params": "pred-struct=1:rtc=1:rc=2:lookahead=0" },
  },
};

/** Samples of one Opus frame of 20 ms at 48 kHz. */
export const OPUS_FRAME_SAMPLES = 960;

/**
 * An open encoder set as a live publisher sets it; parameter sets before every keyframe, or for muxers that put them
 * there themselves in `extraData`.
 */
export function openVideoEncoder(
  options: Omit<VideoClipOptions, "frameCount">,
  parameterSets: "inBand" | "extraData" = "inBand",
): CodecContext {
  const { name, options: settings } = encoders[options.codec ?? "H264"];
  const codec = found(Codec.findEncoderByName(name), name);
  const context = new CodecContext();
  context.allocContext3(codec);
  context.width = options.width;
  context.height = options.height;
  context.pixelFormat = AV_PIX_FMT_YUV420P;
  context.timeBase = new Rational(1, options.fps);
  context.framerate = new Rational(options.fps, 1);
  context.gopSize = options.keyframeInterval;
  context.maxBFrames = 0;
  // libvpx spins when it has more threads than the machine has time for.
  context.threadCount = 1;
  context.bitRate = BigInt(options.bitrateBps);
  if (parameterSets === "extraData") context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
  // Set one by one: node-av 6.1.1 frees a Dictionary given to open2 twice and takes the process with it at exit.
  for (const [option, value] of Object.entries(settings)) context.setOption(option, value);
  FFmpegError.throwIfError(context.open2Sync(codec, null), `open ${name}`);
  return context;
}

/** An open Opus encoder, 48 kHz stereo, 20 ms frames. */
export function openAudioEncoder(bitrateBps = 64_000): CodecContext {
  const codec = found(Codec.findEncoderByName(FF_ENCODER_LIBOPUS), "libopus");
  const context = new CodecContext();
  context.allocContext3(codec);
  context.sampleRate = 48000;
  context.channelLayout = AV_CHANNEL_LAYOUT_STEREO;
  context.sampleFormat = AV_SAMPLE_FMT_S16;
  context.timeBase = new Rational(1, 48000);
  context.bitRate = BigInt(bitrateBps);
  FFmpegError.throwIfError(context.open2Sync(codec, null), "open libopus");
  return context;
}

/** Picture `index` of the clip as a frame for `openVideoEncoder`; see VideoClipOptions for `turn`. */
export function videoFrame(size: PictureSize, index: number, fps: number, turn = 0): Frame {
  const upright = drawFrame(size, index);
  const picture = turn === 0 ? upright : layDown(upright, size, turn);
  return Frame.fromVideoBuffer(Buffer.from(picture.buffer), {
    ...lyingSize(size, turn),
    format: AV_PIX_FMT_YUV420P,
    timeBase: new Rational(1, fps),
    pts: BigInt(index),
  });
}

/** Opus frame `index` of the clip's tone for `openAudioEncoder`. */
export function audioFrame(index: number): Frame {
  const samples = drawTone(index * OPUS_FRAME_SAMPLES, OPUS_FRAME_SAMPLES);
  return Frame.fromAudioBuffer(Buffer.from(samples.buffer), {
    nbSamples: OPUS_FRAME_SAMPLES,
    format: AV_SAMPLE_FMT_S16,
    sampleRate: 48000,
    channelLayout: AV_CHANNEL_LAYOUT_STEREO,
    timeBase: new Rational(1, 48000),
    pts: BigInt(index * OPUS_FRAME_SAMPLES),
  });
}

/** Encodes the clip's first `frameCount` pictures; unit i is picture i. */
export function encodeVideoClip(options: VideoClipOptions): EncodedUnit[] {
  const turn = options.turn ?? 0;
  using encoder = openVideoEncoder({ ...options, ...lyingSize(options, turn) });
  const units: EncodedUnit[] = [];
  const take = (packet: Packet) => units.push(unitOf(packet, 1000 / options.fps));
  for (let index = 0; index < options.frameCount; index++) {
    using frame = videoFrame(options, index, options.fps, turn);
    encodeInto(encoder, frame, take);
  }
  encodeInto(encoder, null, take);
  return units;
}

/** Encodes the clip's tone as `frameCount` Opus frames of 20 ms. */
export function encodeAudioClip(frameCount: number): EncodedUnit[] {
  using encoder = openAudioEncoder();
  const units: EncodedUnit[] = [];
  const take = (packet: Packet) => units.push(unitOf(packet, 1 / 48));
  for (let index = 0; index < frameCount; index++) {
    using frame = audioFrame(index);
    encodeInto(encoder, frame, take);
  }
  encodeInto(encoder, null, take);
  return units;
}

/** Hands `frame` (null to drain) to the encoder and every packet that comes out to `take`; the packet is reused. */
export function encodeInto(encoder: CodecContext, frame: Frame | null, take: (packet: Packet) => void): void {
  FFmpegError.throwIfError(encoder.sendFrameSync(frame), "send a frame to the encoder");
  using packet = new Packet();
  packet.alloc();
  while (isThere(encoder.receivePacketSync(packet), "take a packet from the encoder")) {
    take(packet);
    packet.unref();
  }
}

/** Decodes access units (Annex B, or the codec's own frames) to I420 pictures of the size they were coded in. */
export function decodeVideo(units: Uint8Array[], codec: DecodableCodec): DecodedPicture[] {
  const pictures: DecodedPicture[] = [];
  decodeWith(codecIds[codec], units, (frame) => {
    pictures.push({ width: frame.width, height: frame.height, pixels: new Uint8Array(frame.toBuffer()) });
  });
  return pictures;
}

export interface DecodedPicture extends PictureSize {
  /** Planar I420 without row padding. */
  pixels: Uint8Array;
}

/** Decodes Opus frames and returns the sum of squared samples (full scale 1) per frame: a silent one is near 0. */
export function decodeAudioEnergy(units: Uint8Array[]): number[] {
  const energies: number[] = [];
  decodeWith(AV_CODEC_ID_OPUS, units, (frame) => energies.push(energyOf(frame)));
  return energies;
}

function decodeWith(
  codecId: Parameters<typeof Codec.findDecoder>[0],
  units: Uint8Array[],
  take: (f: Frame) => void,
) {
  const codec = found(Codec.findDecoder(codecId), `decoder ${codecId}`);
  using context = new CodecContext();
  context.allocContext3(codec);
  if (codecId === AV_CODEC_ID_OPUS) {
    context.sampleRate = 48000;
    context.channelLayout = AV_CHANNEL_LAYOUT_STEREO;
  }
  FFmpegError.throwIfError(context.open2Sync(codec, null), "open the decoder");
  units.forEach((bytes, index) => decodeUnit(context, bytes, index, take));
  drainDecoder(context, null, take);
}

/** A unit that the decoder refuses is skipped, as a player does; the caller sees it missing. */
function decodeUnit(
  context: CodecContext,
  bytes: Uint8Array,
  index: number,
  take: (frame: Frame) => void,
): void {
  using packet = new Packet();
  packet.alloc();
  packet.data = Buffer.from(bytes);
  packet.pts = packet.dts = BigInt(index);
  drainDecoder(context, packet, take);
}

function drainDecoder(context: CodecContext, packet: Packet | null, take: (frame: Frame) => void): void {
  if (context.sendPacketSync(packet) < 0) return;
  using frame = new Frame();
  frame.alloc();
  while (isThere(context.receiveFrameSync(frame), "take a frame from the decoder")) {
    take(frame);
    frame.unref();
  }
}

function energyOf(frame: Frame): number {
  if (frame.format !== AV_SAMPLE_FMT_FLT && frame.format !== AV_SAMPLE_FMT_FLTP) return energyOfS16(frame);
  const bytes = frame.toBuffer();
  const samples = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  return samples.reduce((sum, sample) => sum + sample * sample, 0);
}

function energyOfS16(frame: Frame): number {
  const bytes = frame.toBuffer();
  const samples = new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  return samples.reduce((sum, sample) => sum + (sample / 32768) ** 2, 0);
}

function isThere(code: number, action: string): boolean {
  if (code === AVERROR_EAGAIN || code === AVERROR_EOF) return false;
  FFmpegError.throwIfError(code, action);
  return true;
}

function unitOf(packet: Packet, tickMs: number): EncodedUnit {
  return {
    ptsMs: Number(packet.pts) * tickMs,
    keyframe: packet.isKeyframe,
    bytes: new Uint8Array(packet.data ?? []),
  };
}

function found<T>(value: T | null, name: string): T {
  if (value === null) throw new Error(`Cannot find ${name}: this build of FFmpeg lacks it`);
  return value;
}
