import type { Frame } from "node-av/lib";
import type { Clock } from "../../base/mod.ts";
import { programPayloads } from "../types.ts";
import { AudioEncoder } from "./audio_encoder.ts";
import { Latency } from "./latency.ts";
import type { OutboundStream } from "./outbound_stream.ts";
import type { OutputSpec } from "./output_spec.ts";
import { Resampler } from "./resampler.ts";
import { SampleQueue } from "./sample_queue.ts";
import type { SenderClock } from "./sender_clock.ts";

/** Two frames: less is the jitter of clocks and rounding, more is a pause or a loss. */
const HOLE_SECONDS = 0.04;

/** One encoded audio stream that a program sends: samples in, RTP out. */
export class AudioOutput {
  readonly stream: OutboundStream;
  readonly #clock: SenderClock;
  readonly #spec: OutputSpec;
  readonly #resampler: Resampler;
  readonly #samples: SampleQueue;
  readonly #wall: Clock;
  readonly #latency = new Latency();
  /** When the first of the samples that wait for a whole frame came; null where none wait. */
  #waitsSinceMs: number | null = null;
  #encoder: AudioEncoder;

  /** `clock` runs at the output's own rate. */
  constructor(spec: OutputSpec, stream: OutboundStream, clock: SenderClock, wall: Clock) {
    this.stream = stream;
    this.#wall = wall;
    this.#clock = clock;
    this.#spec = spec;
    this.#encoder = new AudioEncoder(spec.format.codec, bitrateOf(spec.bitrate));
    const { sampleRate, channels, frameSamples } = this.#encoder;
    this.#resampler = new Resampler(sampleRate, channels);
    this.#samples = new SampleQueue(channels, frameSamples, sampleRate * HOLE_SECONDS);
  }

  /** `seconds` is the stream's time, of any start. */
  push(samples: Frame, seconds: number, arrivedMs: number): void {
    const piece = this.#resampler.convert(samples);
    const { clockRate } = programPayloads[this.#spec.format.codec];
    this.#waitsSinceMs ??= arrivedMs;
    this.#samples.add(piece, seconds * clockRate, (frame, position) => {
      this.#clock.frame(position, arrivedMs);
      this.#encoder.encode(frame, (bytes) => this.stream.send(bytes, position));
      this.#latency.add(this.#wall.now() - (this.#waitsSinceMs ?? arrivedMs));
      this.#waitsSinceMs = null;
    });
  }

  /** The sender of the source says that its stream was at `seconds` at `ntpMs`. */
  report(ntpMs: number, seconds: number, nowMs: number): void {
    this.#clock.report(ntpMs, seconds * this.stream.clockRate, nowMs);
  }

  setBitrate(wish: OutputSpec["bitrate"]): void {
    this.#encoder.close();
    this.#encoder = new AudioEncoder(this.#spec.format.codec, bitrateOf(wish));
  }

  stats() {
    return {
      ssrc: this.stream.ssrc,
      codec: this.#spec.format.codec,
      framesSent: this.stream.frameCount,
      framesDropped: 0,
      latency: this.#latency.read(),
    };
  }

  close(): void {
    this.#encoder.close();
    this.#resampler.close();
  }
}

/** Opus takes 6–510 kbit/s. */
function bitrateOf({ bitrateBps, minBitrateBps, maxBitrateBps }: OutputSpec["bitrate"]): number | null {
  if (bitrateBps === null && maxBitrateBps === null && minBitrateBps === null) return null;
  const wanted = Math.max(minBitrateBps ?? 0, Math.min(maxBitrateBps ?? Infinity, bitrateBps ?? 64_000));
  return Math.min(510_000, Math.max(6000, wanted));
}
