import { Buffer } from "node:buffer";
import { AV_CODEC_FLAG_LOW_DELAY, type AVCodecID, FF_THREAD_SLICE } from "node-av/constants";
import * as constants from "node-av/constants";
import {
  Codec,
  CodecContext,
  type CodecParameters,
  FFmpegError,
  Frame,
  type HardwareDeviceContext,
  Packet,
} from "node-av/lib";
import type { Hardware } from "./hardware.ts";

/** Pictures beyond 4096×4096 are refused before anything is allocated for them. */
const MAX_PIXELS = 4096 * 4096;

const ids: Readonly<Record<string, AVCodecID>> = {
  VP8: constants.AV_CODEC_ID_VP8,
  VP9: constants.AV_CODEC_ID_VP9,
  H264: constants.AV_CODEC_ID_H264,
  H265: constants.AV_CODEC_ID_HEVC,
  AV1: constants.AV_CODEC_ID_AV1,
};

type Take = (picture: Frame, timestamp: number) => Promise<void>;

/** One open decoder that gives a picture as soon as its frame is there; in hardware where there is some for it. */
export class VideoDecoder {
  readonly #id: AVCodecID;
  readonly #name: string;
  readonly #prepare: (context: CodecContext) => void;
  readonly #hardware: Hardware;
  readonly #packet = new Packet();
  readonly #frame = new Frame();
  #context: CodecContext;
  /** What it decodes with, null where that is the processor. */
  #device: HardwareDeviceContext | null;
  /** The device has given a picture. */
  #isProven = false;

  /** Decodes what came by RTP. Throws where this FFmpeg has no decoder for the codec. */
  static ofCodec(codecName: string, hardware: Hardware): VideoDecoder {
    // Live streams have no pictures out of order; with them the flag would spoil it.
    const prepare = (context: CodecContext) => context.setFlags(AV_CODEC_FLAG_LOW_DELAY);
    return new VideoDecoder(ids[codecName], codecName, prepare, hardware);
  }

  /** Decodes the stream of a file. Throws likewise. */
  static ofStream(parameters: CodecParameters, hardware: Hardware): VideoDecoder {
    const prepare = (context: CodecContext) =>
      FFmpegError.throwIfError(context.parametersToContext(parameters), "set up the decoder");
    return new VideoDecoder(parameters.codecId, "the video of the source", prepare, hardware);
  }

  private constructor(
    id: AVCodecID,
    name: string,
    prepare: (context: CodecContext) => void,
    hardware: Hardware,
  ) {
    this.#id = id;
    this.#name = name;
    this.#prepare = prepare;
    this.#hardware = hardware;
    this.#device = hardware.decoderDevice(id);
    this.#context = this.#openContext();
    this.#packet.alloc();
    this.#frame.alloc();
  }

  /**
   * Decodes one frame and hands on the pictures that come out, valid during the call only. False when the bitstream
   * is damaged: what follows is not worth seeing before the next keyframe.
   */
  async decode(
    bytes: Uint8Array,
    timestamp: number,
    take: Take,
    decodeTimestamp = timestamp,
  ): Promise<boolean> {
    const isSound = await this.#decodeNow(bytes, timestamp, take, decodeTimestamp);
    if (isSound || !this.#device || this.#isProven) return isSound;
    this.#leaveHardware();
    return await this.#decodeNow(bytes, timestamp, take, decodeTimestamp);
  }

  /** Hands on the pictures that it still holds; it must be flushed before more is decoded. */
  async drain(take: Take): Promise<void> {
    await this.#context.sendPacket(null);
    await this.#receive(take, true);
  }

  /** Forgets what it has seen: the stream goes on elsewhere. */
  flush(): void {
    this.#context.flushBuffers();
  }

  close(): void {
    this.#packet.free();
    this.#frame.free();
    this.#context.freeContext();
  }

  async #decodeNow(
    bytes: Uint8Array,
    timestamp: number,
    take: Take,
    decodeTimestamp: number,
  ): Promise<boolean> {
    this.#packet.data = Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
    this.#packet.pts = BigInt(timestamp);
    this.#packet.dts = BigInt(decodeTimestamp);
    const isTaken = await this.#context.sendPacket(this.#packet) >= 0;
    this.#packet.unref();
    return await this.#receive(take, isTaken);
  }

  async #receive(take: Take, isSoundSoFar: boolean): Promise<boolean> {
    let isSound = isSoundSoFar;
    while (this.#context.receiveFrameSync(this.#frame) >= 0) {
      isSound &&= this.#frame.decodeErrorFlags === 0;
      if (isSound) isSound = await this.#handOn(take);
      this.#frame.unref();
    }
    return isSound;
  }

  /** False where a picture cannot be had from the device. */
  async #handOn(take: Take): Promise<boolean> {
    const timestamp = Number(this.#frame.bestEffortTimestamp);
    if (!this.#device) {
      await take(this.#frame, timestamp);
      return true;
    }
    const fetched = await this.#fetch();
    if (!fetched) return false;
    try {
      await take(fetched, timestamp);
    } finally {
      if (fetched !== this.#frame) fetched.free();
    }
    return true;
  }

  /** The picture in our memory, null where the device does not give it. */
  async #fetch(): Promise<Frame | null> {
    if (!this.#frame.isHwFrame()) {
      // FFmpeg has found by itself that the device cannot do it, and goes on without.
      this.#device = null;
      this.#hardware.decoderFailed(this.#id);
      return this.#frame;
    }
    const fetched = new Frame();
    fetched.alloc();
    if (await this.#frame.hwframeTransferData(fetched) < 0) {
      fetched.free();
      return null;
    }
    fetched.copyProps(this.#frame);
    this.#isProven = true;
    return fetched;
  }

  #leaveHardware(): void {
    this.#hardware.decoderFailed(this.#id);
    this.#device = null;
    this.#context.freeContext();
    this.#context = this.#openContext();
  }

  #openContext(): CodecContext {
    const codec = Codec.findDecoder(this.#id);
    if (!codec) throw new Error(`Cannot decode ${this.#name}: this FFmpeg has no decoder for it`);
    const context = new CodecContext();
    context.allocContext3(codec);
    this.#prepare(context);
    // Threads by frames would hold pictures back.
    context.threadType = FF_THREAD_SLICE;
    context.threadCount = 2;
    context.setOption("max_pixels", String(MAX_PIXELS));
    if (this.#device) context.hwDeviceCtx = this.#device;
    FFmpegError.throwIfError(context.open2Sync(codec, null), `open the decoder of ${this.#name}`);
    return context;
  }
}
