import type { Frame, Packet, Stream } from "node-av/lib";
import type { StreamFormat } from "../../types.ts";
import { AudioDecoder } from "../audio_decoder.ts";
import { AudioOutput } from "../audio_output.ts";
import type { Carrier, PacketTimes } from "./carrier.ts";
import type { LatencyFigures } from "../latency.ts";
import type { OutboundStream } from "../outbound_stream.ts";
import { PictureConverter } from "../picture_converter.ts";
import type { ProgramContext } from "../program.ts";
import type { SenderClock } from "../sender_clock.ts";
import { VideoDecoder } from "../video_decoder.ts";
import { VideoOutput } from "../video_output.ts";

const CLOCK_RATE = 90_000;
const noWish = { bitrateBps: null, minBitrateBps: null, maxBitrateBps: null };

/** What is sent where a stream cannot travel as it is: every browser takes these. */
export const encodedFormats: Readonly<Record<"audio" | "video", StreamFormat>> = {
  audio: { codec: "OPUS", format: "OPUS/48000/2" },
  video: { codec: "H264", format: "H264/1/42e0" },
};

/** Decodes the video of a medium and sends it in another format. */
export class EncodedVideo implements Carrier {
  readonly media = "video";
  readonly format: StreamFormat;
  readonly #context: ProgramContext;
  readonly #decoder: VideoDecoder;
  readonly #converter = new PictureConverter();
  readonly #output: VideoOutput;

  constructor(source: Stream, format: StreamFormat, stream: OutboundStream, context: ProgramContext) {
    this.format = format;
    this.#context = context;
    this.#decoder = VideoDecoder.ofStream(source.codecpar, context.hardware);
    this.#output = new VideoOutput(
      { ssrc: stream.ssrc, format, bitrate: noWish },
      stream,
      context,
    );
  }

  async take(packet: Packet, { presented, decoded, isLate }: PacketTimes): Promise<void> {
    if (!packet.data) return;
    if (this.#output.isFull && !isLate) await this.#output.settled();
    const arrivedMs = this.#context.clock.now();
    const [at, decodedAt] = [presented, decoded].map((seconds) => Math.round(seconds * CLOCK_RATE));
    // A damaged picture of a file is skipped, as players do.
    const take = (picture: Frame, timestamp: number) => this.#encode(picture, timestamp, arrivedMs);
    await this.#context.guarded(this.#decoder.decode(packet.data, at, take, decodedAt));
  }

  async finish(): Promise<void> {
    const nowMs = this.#context.clock.now();
    const take = async (picture: Frame, timestamp: number) => {
      await this.#encode(picture, timestamp, nowMs);
      // Several come at once: nobody is served by dropping them.
      await this.#output.settled();
    };
    await this.#context.guarded(this.#decoder.drain(take));
    await this.#output.settled();
  }

  latency(): LatencyFigures {
    return this.#output.stats().latency;
  }

  reset(): void {
    this.#decoder.flush();
    this.#output.requestKeyframe();
  }

  requestKeyframe(): void {
    this.#output.requestKeyframe();
  }

  async close(): Promise<void> {
    await this.#output.close();
    this.#decoder.close();
    this.#converter.close();
  }

  async #encode(picture: Frame, timestamp: number, arrivedMs: number): Promise<void> {
    if (timestamp < 0) return;
    const converted = await this.#converter.convert(picture);
    this.#output.push(converted, timestamp, arrivedMs);
    if (converted !== picture) converted.free();
  }
}

/** Decodes the audio of a medium and sends it as Opus. */
export class EncodedAudio implements Carrier {
  readonly media = "audio";
  readonly format = encodedFormats.audio;
  readonly #context: ProgramContext;
  readonly #decoder: AudioDecoder;
  readonly #output: AudioOutput;

  constructor(source: Stream, stream: OutboundStream, clock: SenderClock, context: ProgramContext) {
    this.#context = context;
    this.#decoder = AudioDecoder.ofStream(source.codecpar);
    this.#output = new AudioOutput(
      { ssrc: stream.ssrc, format: this.format, bitrate: noWish },
      stream,
      clock,
      context.clock,
    );
  }

  take(packet: Packet, { presented }: PacketTimes): Promise<void> {
    if (packet.data) {
      const nowMs = this.#context.clock.now();
      let at = presented;
      this.#decoder.decode(packet.data, (samples) => {
        if (at >= 0) this.#output.push(samples, at, nowMs);
        at += samples.nbSamples / samples.sampleRate;
      });
    }
    return Promise.resolve();
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }

  latency(): LatencyFigures {
    return this.#output.stats().latency;
  }

  reset(): void {
    this.#decoder.flush();
  }

  requestKeyframe(): void {}

  close(): Promise<void> {
    this.#output.close();
    this.#decoder.close();
    return Promise.resolve();
  }
}
