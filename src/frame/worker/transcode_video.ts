import type { RtpPacket } from "./media_socket.ts";
import { OutboundStream } from "./outbound_stream.ts";
import { readBitrate, readMaxFps, readOutputSpec, readSsrc } from "./output_spec.ts";
import { type ProgramContext, Refusal, type RunningProgram } from "./program.ts";
import { readRtcp } from "./rtcp_reader.ts";
import { SenderClock } from "./sender_clock.ts";
import { VideoInput } from "./video_input.ts";
import { VideoOutput } from "./video_output.ts";

const CLOCK_RATE = 90_000;

/** Decodes one video stream once and encodes it for every output. Time stamps stay as they are. */
export class VideoTranscode implements RunningProgram {
  readonly #context: ProgramContext;
  readonly #outputs = new Map<number, VideoOutput>();
  readonly #clock = new SenderClock(CLOCK_RATE);
  readonly #input: VideoInput;
  #orientation: number | null = null;

  constructor(context: ProgramContext) {
    this.#context = context;
    this.#input = new VideoInput(context, {
      isWanted: () => this.#outputs.size > 0,
      picture: (picture, timestamp, arrivedMs) => {
        this.#clock.frame(timestamp, arrivedMs);
        for (const output of this.#outputs.values()) output.push(picture, timestamp, arrivedMs);
      },
      restarted: () => {
        for (const output of this.#outputs.values()) output.restart();
      },
    });
  }

  rtp(packet: RtpPacket): void {
    if (packet.orientation !== null) this.#turn(packet.orientation);
    this.#input.take(packet);
  }

  rtcp(bytes: Uint8Array, offset: number, length: number): void {
    readRtcp(bytes, offset, length, {
      senderReport: (ssrc, ntpMs, timestamp) => {
        if (ssrc === this.#input.ssrc) this.#clock.report(ntpMs, timestamp, this.#context.clock.now());
      },
      keyframeWanted: (ssrc) => this.#outputs.get(ssrc)?.requestKeyframe(),
      bitrateBound: (ssrc, bitrateBps) => this.#outputs.get(ssrc)?.setBound(bitrateBps),
    });
  }

  tick(nowMs: number): void {
    this.#input.tick(nowMs);
    for (const output of this.#outputs.values()) output.stream.tick(nowMs);
  }

  async call(operation: string, input: Record<string, unknown>): Promise<unknown> {
    switch (operation) {
      case "addOutput":
        return this.#addOutput(input);
      case "removeOutput":
        return await this.#removeOutput(readSsrc(input));
      case "setBitrate":
        return this.#setBitrate(input);
      case "stats":
        return this.#stats();
      default:
        throw new Refusal(`Cannot run "${operation}": not an operation of a transcoder`);
    }
  }

  async close(): Promise<void> {
    await this.#input.close();
    for (const ssrc of [...this.#outputs.keys()]) await this.#removeOutput(ssrc);
  }

  /** Turned when it is shown, as before: pictures are encoded as they lie. */
  #turn(orientation: number): void {
    this.#orientation = orientation;
    for (const { stream } of this.#outputs.values()) stream.orientation = orientation;
  }

  #addOutput(input: Record<string, unknown>) {
    const spec = readOutputSpec(input, "video");
    if (this.#outputs.has(spec.ssrc)) throw new Refusal(`Cannot add an output: SSRC ${spec.ssrc} is in use`);
    const { socket, cname } = this.#context;
    const stream = new OutboundStream(spec.format.codec, spec.ssrc, socket, this.#clock, cname);
    stream.orientation = this.#orientation;
    const output = new VideoOutput(spec, stream, this.#context);
    output.setMaxFps(readMaxFps(input));
    this.#outputs.set(spec.ssrc, output);
    return { ssrc: spec.ssrc };
  }

  #setBitrate(input: Record<string, unknown>): void {
    const output = this.#outputOf(readSsrc(input));
    output.setBitrate(readBitrate(input));
    output.setMaxFps(readMaxFps(input));
  }

  async #removeOutput(ssrc: number): Promise<void> {
    const output = this.#outputOf(ssrc);
    this.#outputs.delete(ssrc);
    await output.close();
    output.stream.end(this.#context.clock);
  }

  #outputOf(ssrc: number): VideoOutput {
    const output = this.#outputs.get(ssrc);
    if (!output) throw new Refusal(`Cannot find the output: no stream has SSRC ${ssrc}`);
    return output;
  }

  #stats() {
    return {
      input: { ...this.#input.counters, lost: this.#input.lostCount },
      outputs: [...this.#outputs.values()].map((output) => output.stats()),
    };
  }
}
