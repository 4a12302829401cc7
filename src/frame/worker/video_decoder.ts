import { Buffer } from "node:buffer";
import { AV_CODEC_FLAG_LOW_DELAY, type AVCodecID, FF_THREAD_SLICE } from "node-av/constants";
import * as constants from "node-av/constants";
import { Codec, CodecContext, FFmpegError, Frame, Packet } from "node-av/lib";

/** Pictures beyond 4096×4096 are refused before anything is allocated for them. */
const MAX_PIXELS = 4096 * 4096;

const ids: Readonly<Record<string, AVCodecID>> = {
  VP8: constants.AV_CODEC_ID_VP8,
  VP9: constants.AV_CODEC_ID_VP9,
  H264: constants.AV_CODEC_ID_H264,
  H265: constants.AV_CODEC_ID_HEVC,
  AV1: constants.AV_CODEC_ID_AV1,
};

/** One open decoder that gives a picture as soon as its frame is there. */
export class VideoDecoder {
  readonly #context = new CodecContext();
  readonly #packet = new Packet();
  readonly #frame = new Frame();

  /** Throws where this FFmpeg has no decoder for the codec. */
  constructor(codecName: string) {
    const codec = Codec.findDecoder(ids[codecName]);
    if (!codec) throw new Error(`Cannot decode ${codecName}: this FFmpeg has no decoder for it`);
    this.#context.allocContext3(codec);
    this.#context.setFlags(AV_CODEC_FLAG_LOW_DELAY);
    // Threads by frames would hold pictures back.
    this.#context.threadType = FF_THREAD_SLICE;
    this.#context.threadCount = 2;
    this.#context.setOption("max_pixels", String(MAX_PIXELS));
    FFmpegError.throwIfError(this.#context.open2Sync(codec, null), `open the decoder of ${codecName}`);
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
    take: (picture: Frame, timestamp: number) => Promise<void>,
  ): Promise<boolean> {
    this.#packet.data = Buffer.from(bytes);
    this.#packet.pts = this.#packet.dts = BigInt(timestamp);
    let isSound = await this.#context.sendPacket(this.#packet) >= 0;
    this.#packet.unref();
    while (this.#context.receiveFrameSync(this.#frame) >= 0) {
      isSound &&= this.#frame.decodeErrorFlags === 0;
      if (isSound) await take(this.#frame, Number(this.#frame.bestEffortTimestamp));
      this.#frame.unref();
    }
    return isSound;
  }

  close(): void {
    this.#packet.free();
    this.#frame.free();
    this.#context.freeContext();
  }
}
