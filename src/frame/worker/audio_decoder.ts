import { Buffer } from "node:buffer";
import {
  AV_CHANNEL_LAYOUT_MONO,
  AV_CHANNEL_LAYOUT_STEREO,
  AV_CODEC_ID_OPUS,
  AV_CODEC_ID_PCM_ALAW,
  AV_CODEC_ID_PCM_MULAW,
  type AVCodecID,
} from "node-av/constants";
import { Codec, CodecContext, type CodecParameters, FFmpegError, Frame, Packet } from "node-av/lib";
import { programPayloads } from "../types.ts";

const ids: Readonly<Record<string, AVCodecID>> = {
  OPUS: AV_CODEC_ID_OPUS,
  PCMU: AV_CODEC_ID_PCM_MULAW,
  PCMA: AV_CODEC_ID_PCM_ALAW,
};

/** One open audio decoder. Its steps take fractions of a millisecond, so that they are done in place. */
export class AudioDecoder {
  readonly #context = new CodecContext();
  readonly #packet = new Packet();
  readonly #frame = new Frame();

  /** Decodes what came by RTP. */
  static ofCodec(codecName: string): AudioDecoder {
    const { clockRate, channels } = programPayloads[codecName];
    return new AudioDecoder(ids[codecName], codecName, (context) => {
      context.sampleRate = clockRate;
      context.channelLayout = channels === 2 ? AV_CHANNEL_LAYOUT_STEREO : AV_CHANNEL_LAYOUT_MONO;
    });
  }

  /** Decodes the stream of a file. */
  static ofStream(parameters: CodecParameters): AudioDecoder {
    return new AudioDecoder(parameters.codecId, "the audio of the source", (context) => {
      FFmpegError.throwIfError(context.parametersToContext(parameters), "set up the decoder");
    });
  }

  private constructor(id: AVCodecID, name: string, prepare: (context: CodecContext) => void) {
    const codec = Codec.findDecoder(id);
    if (!codec) throw new Error(`Cannot decode ${name}: this FFmpeg has no decoder for it`);
    this.#context.allocContext3(codec);
    prepare(this.#context);
    FFmpegError.throwIfError(this.#context.open2Sync(codec, null), `open the decoder of ${name}`);
    this.#packet.alloc();
    this.#frame.alloc();
  }

  /** Decodes one frame; what comes out is valid during the call only. False for what cannot be decoded. */
  decode(bytes: Uint8Array, take: (samples: Frame) => void): boolean {
    this.#packet.data = Buffer.from(bytes);
    const isSound = this.#context.sendPacketSync(this.#packet) >= 0;
    this.#packet.unref();
    while (this.#context.receiveFrameSync(this.#frame) >= 0) {
      take(this.#frame);
      this.#frame.unref();
    }
    return isSound;
  }

  /** Forgets what it has heard: the stream goes on elsewhere. */
  flush(): void {
    this.#context.flushBuffers();
  }

  close(): void {
    this.#packet.free();
    this.#frame.free();
    this.#context.freeContext();
  }
}
