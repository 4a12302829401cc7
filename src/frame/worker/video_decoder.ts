import { Buffer } from "node:buffer";
import { AV_CODEC_FLAG_LOW_DELAY, type AVCodecID, FF_THREAD_SLICE } from "node-av/constants";
import * as constants from "node-av/constants";
import { Codec, CodecContext, type CodecParameters, FFmpegError, Frame, Packet } from "node-av/lib";

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

  /** Decodes what came by RTP. Throws where this FFmpeg has no decoder for the codec. */
  static ofCodec(codecName: string): VideoDecoder {
    // Live streams have no pictures out of order; with them the flag would spoil it.
    return new VideoDecoder(
      ids[codecName],
      codecName,
      (context) => context.setFlags(AV_CODEC_FLAG_LOW_DELAY),
    );
  }

  /** Decodes the stream of a file. Throws likewise. */
  static ofStream(parameters: CodecParameters): VideoDecoder {
    return new VideoDecoder(parameters.codecId, "the video of the source", (context) => {
      FFmpegError.throwIfError(context.parametersToContext(parameters), "set up the decoder");
    });
  }

  private constructor(id: AVCodecID, name: string, prepare: (context: CodecContext) => void) {
    const codec = Codec.findDecoder(id);
    if (!codec) throw new Error(`Cannot decode ${name}: this FFmpeg has no decoder for it`);
    this.#context.allocContext3(codec);
    prepare(this.#context);
    // Threads by frames would hold pictures back.
    this.#context.threadType = FF_THREAD_SLICE;
    this.#context.threadCount = 2;
    this.#context.setOption("max_pixels", String(MAX_PIXELS));
    FFmpegError.throwIfError(this.#context.open2Sync(codec, null), `open the decoder of ${name}`);
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
    decodeTimestamp = timestamp,
  ): Promise<boolean> {
    this.#packet.data = Buffer.from(bytes);
    this.#packet.pts = BigInt(timestamp);
    this.#packet.dts = BigInt(decodeTimestamp);
    let isSound = await this.#context.sendPacket(this.#packet) >= 0;
    this.#packet.unref();
    while (this.#context.receiveFrameSync(this.#frame) >= 0) {
      isSound &&= this.#frame.decodeErrorFlags === 0;
      if (isSound) await take(this.#frame, Number(this.#frame.bestEffortTimestamp));
      this.#frame.unref();
    }
    return isSound;
  }

  /** Hands on the pictures that it still holds; it must be flushed before more is decoded. */
  async drain(take: (picture: Frame, timestamp: number) => Promise<void>): Promise<void> {
    await this.#context.sendPacket(null);
    while (this.#context.receiveFrameSync(this.#frame) >= 0) {
      await take(this.#frame, Number(this.#frame.bestEffortTimestamp));
      this.#frame.unref();
    }
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
}
