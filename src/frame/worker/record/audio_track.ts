import { programPayloads } from "../../types.ts";
import { AudioDecoder } from "../audio_decoder.ts";
import { Resampler } from "../resampler.ts";
import { AlignedSamples } from "./aligned_samples.ts";
import { FILE_AUDIO_CHANNELS, FILE_AUDIO_RATE, FileAudioEncoder } from "./file_audio_encoder.ts";
import type { KindPlan } from "./profile.ts";
import type { TrackTarget } from "./track_packet.ts";
import { opusDurationMs, opusHead } from "./track_parameters.ts";
import type { SourceFrame } from "./video_conversion.ts";

/** Clocks that part are brought together in steps of so much: too short to be heard as a break of the rhythm. */
const TOLERANCE_SECONDS = 0.012;
const LONGEST_SILENCE_SECONDS = 10;
const SAMPLES_PER_MS = FILE_AUDIO_RATE / 1000;

export interface AudioTrackHost extends TrackTarget {
  failed(description: string): void;
  /** Whether what comes is converted; told with each frame. */
  converts(isOn: boolean): void;
}

/** The audio of a recording: copied where the container takes it as it comes, else converted. */
export class AudioTrack {
  readonly #plan: KindPlan;
  readonly #host: AudioTrackHost;
  readonly #resampler = new Resampler(FILE_AUDIO_RATE, FILE_AUDIO_CHANNELS);
  /** Of the file; empty before the first frame. */
  #codec = "";
  #decoder: AudioDecoder | null = null;
  #decoderCodec = "";
  #encoder: FileAudioEncoder | null = null;
  #samples: AlignedSamples | null = null;
  readonly counters = { copied: 0, converted: 0, errors: 0 };

  constructor(plan: KindPlan, host: AudioTrackHost) {
    this.#plan = plan;
    this.#host = host;
  }

  take(frame: SourceFrame): void {
    if (frame.bytes.length === 0) return;
    try {
      if (this.#codec === "") this.#begin(frame.codec);
      if (this.#plan.copied.includes(frame.codec) && frame.codec === this.#codec) this.#copy(frame);
      else this.#convert(frame);
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
    }
  }

  /** Hands on all that is still in work; nothing can be taken after it. */
  finish(): void {
    const { encoder, samples } = { encoder: this.#encoder, samples: this.#samples };
    if (!encoder || !samples) return;
    samples.flush((piece, position) => this.#encode(encoder, piece, position));
    encoder.drain((bytes, position) => this.#emit(bytes, position / SAMPLES_PER_MS));
  }

  close(): void {
    this.#decoder?.close();
    this.#encoder?.close();
    this.#resampler.close();
  }

  #begin(codec: string): void {
    const isCopied = this.#plan.copied.includes(codec);
    this.#codec = isCopied ? codec : this.#plan.otherwise;
    if (!isCopied) return this.#openEncoder();
    const { clockRate, channels } = programPayloads[codec];
    const extradata = codec === "OPUS" ? opusHead(channels, clockRate) : new Uint8Array();
    this.#header(clockRate, channels, extradata);
  }

  #openEncoder(): void {
    const isG711 = this.#codec !== "AAC" && this.#codec !== "OPUS";
    if (isG711) throw new Error(`The audio changed its codec, and the file has ${this.#codec}`);
    this.#encoder = new FileAudioEncoder(this.#codec as "AAC" | "OPUS");
    this.#samples = new AlignedSamples(
      FILE_AUDIO_CHANNELS,
      this.#encoder.frameSamples,
      TOLERANCE_SECONDS * FILE_AUDIO_RATE,
      LONGEST_SILENCE_SECONDS * FILE_AUDIO_RATE,
    );
    this.#header(FILE_AUDIO_RATE, FILE_AUDIO_CHANNELS, this.#encoder.extradata);
  }

  #header(sampleRate: number, channels: number, extradata: Uint8Array): void {
    this.#host.header({
      media: "audio",
      codec: this.#codec,
      width: 0,
      height: 0,
      turn: 0,
      sampleRate,
      channels,
      extradata,
    });
  }

  #copy({ bytes, atMs }: SourceFrame): void {
    this.counters.copied++;
    this.#host.converts(false);
    const durationMs = this.#codec === "OPUS" ? opusDurationMs(bytes) : bytes.length / 8;
    this.#host.packet({ media: "audio", codec: this.#codec, bytes, atMs, durationMs, keyframe: true });
  }

  #convert({ codec, bytes, atMs }: SourceFrame): void {
    if (!this.#encoder) this.#openEncoder();
    this.#host.converts(true);
    const encoder = this.#encoder!;
    let position = atMs * SAMPLES_PER_MS;
    const isSound = this.#decoderOf(codec).decode(bytes, (samples) => {
      const piece = this.#resampler.convert(samples);
      this.#samples!.add(piece, position, (frame, at) => this.#encode(encoder, frame, at));
      position += piece.length / FILE_AUDIO_CHANNELS;
    });
    if (!isSound) this.#fail(`A frame of ${codec} could not be decoded`);
  }

  #decoderOf(codec: string): AudioDecoder {
    if (this.#decoder && this.#decoderCodec === codec) return this.#decoder;
    this.#decoder?.close();
    this.#decoder = null;
    this.#decoder = AudioDecoder.ofCodec(codec);
    this.#decoderCodec = codec;
    return this.#decoder;
  }

  #encode(encoder: FileAudioEncoder, samples: Int16Array, position: number): void {
    encoder.encode(samples, position, (bytes, at) => this.#emit(bytes, at / SAMPLES_PER_MS));
  }

  #emit(bytes: Uint8Array, atMs: number): void {
    this.counters.converted++;
    const durationMs = this.#encoder!.frameSamples / SAMPLES_PER_MS;
    this.#host.packet({ media: "audio", codec: this.#codec, bytes, atMs, durationMs, keyframe: true });
  }

  #fail(description: string): void {
    this.counters.errors++;
    this.#host.failed(description);
  }
}
