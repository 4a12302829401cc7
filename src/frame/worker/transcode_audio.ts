import type { Frame } from "node-av/lib";
import { timestampDelta } from "../../rtp/mod.ts";
import { programPayloads } from "../types.ts";
import { AudioDecoder } from "./audio_decoder.ts";
import { AudioOutput } from "./audio_output.ts";
import { low32 } from "./extended_timestamp.ts";
import { FrameAssembly, type ReceivedFrame } from "./frame_assembly.ts";
import type { RtpPacket } from "./media_socket.ts";
import { OutboundStream } from "./outbound_stream.ts";
import { codecOf, readBitrate, readOutputSpec, readSsrc } from "./output_spec.ts";
import { type ProgramContext, Refusal, type RunningProgram } from "./program.ts";
import { readRtcp } from "./rtcp_reader.ts";
import { SenderClock } from "./sender_clock.ts";

const ERROR_PERIOD_MS = 2000;

/** Decodes one audio stream once and encodes it for every output; time stamps are scaled to the output's clock. */
export class AudioTranscode implements RunningProgram {
  readonly #context: ProgramContext;
  readonly #outputs = new Map<number, AudioOutput>();
  readonly #counters = { packets: 0, foreignPackets: 0, frames: 0, errors: 0 };
  #codec = "";
  #ssrc = 0;
  #assembly: FrameAssembly | null = null;
  #decoder: AudioDecoder | null = null;
  /** Extended time stamp of the last frame, null before the first. */
  #lastTimestamp: number | null = null;
  #reportedMs = -Infinity;

  constructor(context: ProgramContext) {
    this.#context = context;
  }

  rtp(packet: RtpPacket): void {
    const codec = codecOf(packet.payloadType, "audio");
    if (!codec) {
      this.#counters.foreignPackets++;
      return;
    }
    this.#counters.packets++;
    if (codec !== this.#codec || packet.ssrc !== this.#ssrc) this.#restart(codec, packet.ssrc);
    const { sequenceNumber, timestamp, marker, payload, nowMs } = packet;
    this.#assembly!.take(sequenceNumber, timestamp, marker, payload, nowMs);
  }

  rtcp(bytes: Uint8Array, offset: number, length: number): void {
    readRtcp(bytes, offset, length, {
      senderReport: (ssrc, ntpMs, timestamp) => this.#takeReport(ssrc, ntpMs, timestamp),
      keyframeWanted: () => {},
    });
  }

  tick(nowMs: number): void {
    this.#assembly?.tick(nowMs);
    for (const output of this.#outputs.values()) output.stream.tick(nowMs);
  }

  call(operation: string, input: Record<string, unknown>): Promise<unknown> {
    // The steps are done in place; what they throw rejects.
    return Promise.resolve().then(() => this.#perform(operation, input));
  }

  close(): Promise<void> {
    for (const ssrc of [...this.#outputs.keys()]) this.#removeOutput(ssrc);
    this.#decoder?.close();
    this.#decoder = null;
    this.#assembly = null;
    return Promise.resolve();
  }

  #perform(operation: string, input: Record<string, unknown>): unknown {
    switch (operation) {
      case "addOutput":
        return this.#addOutput(input);
      case "removeOutput":
        return this.#removeOutput(readSsrc(input));
      case "setBitrate":
        return this.#outputOf(readSsrc(input)).setBitrate(readBitrate(input));
      case "stats":
        return {
          input: { ...this.#counters, lost: this.#assembly?.lostCount ?? 0 },
          outputs: [...this.#outputs.values()].map((output) => output.stats()),
        };
      default:
        throw new Refusal(`Cannot run "${operation}": not an operation of a transcoder`);
    }
  }

  #addOutput(input: Record<string, unknown>) {
    const spec = readOutputSpec(input, "audio");
    if (this.#outputs.has(spec.ssrc)) throw new Refusal(`Cannot add an output: SSRC ${spec.ssrc} is in use`);
    const { codec } = spec.format;
    const { socket, cname } = this.#context;
    const clock = new SenderClock(programPayloads[codec].clockRate);
    const stream = new OutboundStream(codec, spec.ssrc, socket, clock, cname);
    this.#outputs.set(spec.ssrc, new AudioOutput(spec, stream, clock, this.#context.clock));
    return { ssrc: spec.ssrc };
  }

  #removeOutput(ssrc: number): void {
    const output = this.#outputOf(ssrc);
    this.#outputs.delete(ssrc);
    output.close();
    output.stream.end(this.#context.clock);
  }

  #outputOf(ssrc: number): AudioOutput {
    const output = this.#outputs.get(ssrc);
    if (!output) throw new Refusal(`Cannot find the output: no stream has SSRC ${ssrc}`);
    return output;
  }

  #restart(codec: string, ssrc: number): void {
    this.#ssrc = ssrc;
    this.#lastTimestamp = null;
    this.#assembly = new FrameAssembly(codec, "audio", {
      frame: (frame) => this.#decode(frame),
      // The outputs' time goes on behind the hole.
      lost: () => {},
    });
    if (codec === this.#codec) return;
    this.#codec = codec;
    this.#decoder?.close();
    this.#decoder = null;
  }

  #decode(frame: ReceivedFrame): void {
    this.#counters.frames++;
    this.#lastTimestamp = frame.timestamp;
    if (this.#outputs.size === 0) return;
    try {
      this.#decoder ??= AudioDecoder.ofCodec(this.#codec);
      const isSound = this.#decoder.decode(frame.bytes, (samples) => this.#handOn(samples, frame));
      if (!isSound) this.#fail(`A frame of ${this.#codec} could not be decoded`);
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
    }
  }

  #handOn(samples: Frame, { timestamp, arrivedMs }: ReceivedFrame): void {
    const seconds = timestamp / programPayloads[this.#codec].clockRate;
    for (const output of this.#outputs.values()) output.push(samples, seconds, arrivedMs);
  }

  #takeReport(ssrc: number, ntpMs: number, timestamp: number): void {
    if (ssrc !== this.#ssrc || this.#lastTimestamp === null) return;
    const extended = this.#lastTimestamp + timestampDelta(timestamp, low32(this.#lastTimestamp));
    const seconds = extended / programPayloads[this.#codec].clockRate;
    for (const output of this.#outputs.values()) output.report(ntpMs, seconds, this.#context.clock.now());
  }

  #fail(description: string): void {
    this.#counters.errors++;
    const nowMs = this.#context.clock.now();
    if (nowMs - this.#reportedMs < ERROR_PERIOD_MS) return;
    this.#reportedMs = nowMs;
    this.#context.event({ type: "error", kind: "STREAM_ERROR_DECODE", description });
  }
}
