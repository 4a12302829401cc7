import { Packet } from "node-av/lib";
import { randomUint32, type Timer } from "../../base/mod.ts";
import { type FrameMedia, type PlaySpec, programPayloads } from "../types.ts";
import type { Carrier } from "./carrier.ts";
import { CopiedStream, copyFormat } from "./copied_stream.ts";
import { EncodedAudio, encodedFormats, EncodedVideo } from "./encoded_stream.ts";
import { MediaFault } from "./media_fault.ts";
import { MediaSource } from "./media_source.ts";
import { MediaTimeline } from "./media_timeline.ts";
import { OutboundStream } from "./outbound_stream.ts";
import { type ProgramContext, Refusal, type RunningProgram } from "./program.ts";
import { readRtcp } from "./rtcp_reader.ts";
import { SenderClock } from "./sender_clock.ts";

/** Waits before a lost live source is opened again. */
const RECONNECT_DELAYS_MS = [500, 1000, 2000, 4000, 8000];
/** A jump of the medium's own time beyond this is a new beginning. */
const MAX_JUMP_SECONDS = 5;

/** What a program sends of one kind of media, over all the sources that it opens. */
interface Sent {
  ssrc: number;
  codec: string;
  stream: OutboundStream;
  clock: SenderClock;
}

type State = "stopped" | "playing" | "paused";

/**
 * Plays a URI at the pace of its own time.
 *
 *   stopped → playing ⇄ paused     play, pause
 *   any → stopped                  stop, the end, a fault
 */
export class Play implements RunningProgram {
  readonly #spec: PlaySpec;
  readonly #context: ProgramContext;
  readonly #timeline: MediaTimeline;
  readonly #sent = new Map<FrameMedia, Sent>();
  readonly #ssrcs: Record<FrameMedia, number> = { audio: randomUint32(), video: randomUint32() };
  #state: State = "stopped";
  #source: MediaSource | null = null;
  #carriers = new Map<number, Carrier>();
  #running: Promise<void> | null = null;
  #seekMs: number | null = null;
  #lastSeconds = 0;
  #wake: (() => void) | null = null;
  /** A live source that was paused is opened anew: what it sent meanwhile is past. */
  #reopens = false;

  constructor(spec: PlaySpec, context: ProgramContext) {
    this.#spec = spec;
    this.#context = context;
    this.#timeline = new MediaTimeline(context.clock.now());
  }

  /** A player hears nothing. */
  rtp(): void {}

  rtcp(bytes: Uint8Array, offset: number, length: number): void {
    readRtcp(bytes, offset, length, {
      senderReport: () => {},
      keyframeWanted: (ssrc) => {
        if (ssrc !== this.#ssrcs.video) return;
        for (const carrier of this.#carriers.values()) {
          if (carrier.media === "video") carrier.requestKeyframe();
        }
      },
    });
  }

  tick(nowMs: number): void {
    for (const { stream } of this.#sent.values()) stream.tick(nowMs);
  }

  async call(operation: string, input: Record<string, unknown>): Promise<unknown> {
    switch (operation) {
      case "play":
        return await this.#play();
      case "pause":
        return this.#pause();
      case "stop":
        return await this.#stop();
      case "seek":
        return this.#seek(Number(input.positionMs));
      case "position":
        return { positionMs: this.#positionMs() };
      case "videoInfo":
        return this.#videoInfo();
      default:
        throw new Refusal(`Cannot run "${operation}": not an operation of a player`);
    }
  }

  async close(): Promise<void> {
    await this.#stop();
    for (const { stream } of this.#sent.values()) stream.end(this.#context.clock);
  }

  async #play(): Promise<void> {
    // The last run may be on its way out.
    if (this.#state === "stopped") await this.#running;
    if (this.#state === "playing") return;
    this.#reopens = this.#state === "paused" && this.#source?.isLive === true;
    this.#setState("playing");
    this.#timeline.release();
    this.#running ??= this.#run().finally(() => this.#running = null);
    this.#wakeUp();
  }

  #pause(): void {
    if (this.#state !== "playing") return;
    this.#setState("paused");
    this.#wakeUp();
  }

  async #stop(): Promise<void> {
    if (this.#state !== "stopped") this.#setState("stopped");
    this.#source?.interrupt();
    this.#wakeUp();
    await this.#running;
  }

  #seek(positionMs: number): void {
    if (!Number.isFinite(positionMs) || positionMs < 0) {
      throw new Refusal(`Cannot seek: position ${positionMs} vs milliseconds from 0 up`);
    }
    if (!this.#source?.isSeekable) {
      throw new Refusal("Cannot seek: the source is not open or has no positions");
    }
    this.#seekMs = positionMs;
    this.#wakeUp();
  }

  #positionMs(): number {
    if (!this.#source) return 0;
    const seconds = this.#state === "playing" && this.#timeline.isAnchored
      ? this.#timeline.secondsAt(this.#context.clock.now())
      : this.#lastSeconds;
    return Math.max(0, Math.round((seconds - this.#source.startSeconds) * 1000));
  }

  #videoInfo() {
    const durationMs = Math.round(this.#source?.durationMs ?? 0);
    const isSeekable = this.#source?.isSeekable ?? false;
    return { isSeekable, seekableInitMs: 0, seekableEndMs: isSeekable ? durationMs : 0, durationMs };
  }

  #setState(state: State): void {
    this.#state = state;
    this.#context.event({ type: "state", state });
  }

  async #run(): Promise<void> {
    for (let attempt = 0; this.#state !== "stopped";) {
      const fault = await this.#session(() => attempt = 0);
      if (this.#isStopped()) return;
      if (this.#reopens) {
        this.#reopens = false;
        await this.#closeSource();
        continue;
      }
      const isLost = this.#source?.isLive || attempt > 0;
      await this.#closeSource();
      if (!fault && !isLost && !this.#spec.loop) return this.#end();
      if (!isLost && fault) return this.#fail(fault);
      if (isLost && !this.#spec.reconnect) return fault ? this.#fail(fault) : this.#end();
      if (!isLost) continue;
      const reason = fault?.message ?? "The source ended";
      this.#context.event({ type: "reconnecting", attempt: ++attempt, reason });
      await this.#wait(RECONNECT_DELAYS_MS[Math.min(attempt, RECONNECT_DELAYS_MS.length) - 1]);
    }
  }

  /** Opens the source and plays it to its end; returns what went wrong. */
  async #session(played: () => void): Promise<MediaFault | null> {
    using packet = new Packet();
    packet.alloc();
    try {
      const source = await MediaSource.open(this.#spec);
      this.#source = source;
      this.#openCarriers(source);
      this.#timeline.release();
      let count = 0;
      for (; !this.#isStopped() && await this.#step(source, packet); count++) played();
      return count > 0 || this.#isStopped() ? null : new MediaFault("INVALID_MEDIA", "The source is empty");
    } catch (error) {
      if (error instanceof MediaFault) return error;
      return new MediaFault("INVALID_MEDIA", error instanceof Error ? error.message : String(error));
    } finally {
      if (this.#isStopped()) await this.#closeSource();
    }
  }

  /** One packet, when it is due; false at the end. */
  async #step(source: MediaSource, packet: Packet): Promise<boolean> {
    while (this.#state === "paused" && this.#seekMs === null) await this.#wait(Infinity);
    if (this.#isStopped() || this.#reopens) return false;
    if (this.#seekMs !== null) await this.#jump(source, this.#seekMs);
    if (!await source.read(packet)) {
      for (const carrier of this.#carriers.values()) await carrier.finish();
      return false;
    }
    const carrier = this.#carriers.get(packet.streamIndex);
    if (carrier) await this.#present(source, carrier, packet);
    packet.unref();
    return true;
  }

  async #present(source: MediaSource, carrier: Carrier, packet: Packet): Promise<void> {
    const stream = carrier.media === "video" ? source.video! : source.audio!;
    const tick = stream.timeBase.num / stream.timeBase.den;
    const decoded = secondsOf(packet.dts, tick) ?? secondsOf(packet.pts, tick) ?? this.#lastSeconds;
    const presented = secondsOf(packet.pts, tick) ?? decoded;
    this.#anchor(decoded);
    if (!source.isLive) await this.#waitUntil(decoded);
    // Paused or moved while it waited: a jump drops the packet, a pause presents it when it is over.
    if (this.#isStopped() || this.#seekMs !== null) return;
    while (this.#state === "paused" && this.#seekMs === null) await this.#wait(Infinity);
    if (this.#isStopped() || this.#seekMs !== null) return;
    this.#anchor(decoded);
    this.#lastSeconds = decoded;
    const rtp = (seconds: number) => this.#timeline.rtpSeconds(seconds);
    await carrier.take(packet, { presented: rtp(presented), decoded: rtp(decoded) });
  }

  /** Ties the medium's time to the wall's where it is not, or where it has jumped. */
  #anchor(seconds: number): void {
    const nowMs = this.#context.clock.now();
    if (this.#timeline.isAnchored && Math.abs(seconds - this.#lastSeconds) < MAX_JUMP_SECONDS) return;
    this.#timeline.anchor(seconds, nowMs);
    this.#lastSeconds = seconds;
  }

  async #jump(source: MediaSource, positionMs: number): Promise<void> {
    this.#seekMs = null;
    if (!await source.seek(positionMs)) {
      const description = `The source cannot go to ${positionMs} ms`;
      this.#context.event({ type: "error", kind: "SEEK_FAILED", description });
      return;
    }
    for (const carrier of this.#carriers.values()) carrier.reset();
    this.#timeline.release();
    this.#lastSeconds = source.startSeconds + positionMs / 1000;
  }

  #openCarriers(source: MediaSource): void {
    for (const stream of [source.video, source.audio]) {
      if (!stream) continue;
      const media = stream === source.video ? "video" : "audio";
      const copied = copyFormat(stream);
      const format = copied ?? encodedFormats[media];
      const sent = this.#sentAs(media, format.codec);
      const carrier = copied
        ? new CopiedStream(stream, copied, sent.stream)
        : media === "video"
        ? new EncodedVideo(stream, sent.stream, this.#context)
        : new EncodedAudio(stream, sent.stream, sent.clock, this.#context);
      this.#carriers.set(stream.index, carrier);
      this.#context.event({ type: "stream", media, ssrc: sent.ssrc, format });
    }
  }

  /** The stream of a kind; another codec gets another packetiser under the same SSRC. */
  #sentAs(media: FrameMedia, codec: string): Sent {
    const known = this.#sent.get(media);
    if (known?.codec === codec) return known;
    const { clockRate } = programPayloads[codec];
    const { socket, cname, clock: wall } = this.#context;
    const clock = new SenderClock(clockRate);
    const nowMs = wall.now();
    clock.report(nowMs, this.#timeline.rtpSecondsAt(nowMs) * clockRate, nowMs);
    const ssrc = this.#ssrcs[media];
    const sent = { ssrc, codec, clock, stream: new OutboundStream(codec, ssrc, socket, clock, cname) };
    this.#sent.set(media, sent);
    return sent;
  }

  async #closeSource(): Promise<void> {
    const carriers = [...this.#carriers.values()];
    const source = this.#source;
    this.#carriers = new Map();
    this.#source = null;
    for (const carrier of carriers) await carrier.close();
    await source?.close();
  }

  #end(): void {
    this.#context.event({ type: "endOfStream" });
    this.#setState("stopped");
  }

  #fail(fault: MediaFault): void {
    this.#context.event({ type: "error", kind: fault.kind, description: fault.message });
    this.#setState("stopped");
  }

  /** A method, because the state changes while others wait. */
  #isStopped(): boolean {
    return this.#state === "stopped";
  }

  async #waitUntil(seconds: number): Promise<void> {
    while (this.#state === "playing" && this.#seekMs === null && this.#timeline.isAnchored) {
      const leftMs = this.#timeline.dueMs(seconds) - this.#context.clock.now();
      if (leftMs <= 0) return;
      await this.#wait(leftMs);
    }
  }

  /** Until `ms` are over or a call changed something. */
  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      let timer: Timer | null = null;
      this.#wake = () => {
        timer?.cancel();
        this.#wake = null;
        resolve();
      };
      if (Number.isFinite(ms)) timer = this.#context.clock.after(ms, () => this.#wake?.());
    });
  }

  #wakeUp(): void {
    this.#wake?.();
  }
}

/** FFmpeg's "no time stamp" is the least number of 64 bits. */
function secondsOf(ticks: bigint, tick: number): number | null {
  return ticks === -(2n ** 63n) ? null : Number(ticks) * tick;
}
