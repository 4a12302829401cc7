import { PSFB, rtcpType } from "../../src/rtp/mod.ts";
import type { ProgramEvent, RecordProfile, RecordSpec } from "../../src/frame/mod.ts";
import { Hardware } from "../../src/frame/worker/hardware.ts";
import { OwnThread } from "../../src/frame/worker/own_thread.ts";
import { type MediaSocket, readRtp } from "../../src/frame/worker/media_socket.ts";
import { Recorder } from "../../src/frame/worker/record/recorder.ts";
import { recordSpec } from "./recorder_rig.ts";
import { VirtualClock } from "./virtual_clock.ts";

/** Something that reaches the recorder at a moment of virtual time: a datagram, or what the test does. */
export interface Arrival {
  atMs: number;
  bytes?: Uint8Array;
  act?: () => unknown;
}

/** How often the worker's loop looks when nothing comes. */
const TICK_MS = 20;
/** Frames are worked off in between: in real time there is time for that too. */
const BREATH_MS = 250;

/** A recorder in this process, under a clock that runs as fast as the machine can. */
export class VirtualRecorder {
  readonly mediaDir: string;
  readonly clock = new VirtualClock();
  readonly events: ProgramEvent[] = [];
  readonly recorder: Recorder;
  /** Virtual times at which it asked for a keyframe, in ms since the beginning. */
  readonly keyframeRequests: number[] = [];
  readonly #startMs = this.clock.now();

  constructor(name: string, profile: RecordProfile, more: Partial<RecordSpec> = {}) {
    this.mediaDir = Deno.makeTempDirSync({ prefix: "recorder-" });
    const socket = {
      send: (write: (bytes: Uint8Array, offset: number) => number) => this.#hear(write),
      flush: () => {},
    } as unknown as MediaSocket;
    const spec = recordSpec(`file://${this.mediaDir}/${name}`, profile, this.mediaDir, more);
    this.recorder = new Recorder(spec, {
      clock: this.clock,
      socket,
      hardware: new Hardware(false),
      ownThread: new OwnThread(),
      cname: "test",
      event: (event) => this.events.push(event),
      end: () => {},
      guarded: (step) => step,
    });
  }

  path(name: string): string {
    return `${this.mediaDir}/${name}`;
  }

  get nowMs(): number {
    return this.clock.now() - this.#startMs;
  }

  /** Lets everything arrive at its time. */
  async run(arrivals: Arrival[]): Promise<void> {
    let breathedMs = this.nowMs;
    // Whole milliseconds: fractions get lost in the size of wall time.
    const whole = arrivals.map((arrival) => ({ ...arrival, atMs: Math.round(arrival.atMs) }));
    for (const arrival of whole.sort((a, b) => a.atMs - b.atMs)) {
      while (this.nowMs < arrival.atMs) {
        this.clock.advance(Math.min(TICK_MS, arrival.atMs - this.nowMs));
        this.recorder.tick(this.clock.now());
        if (this.nowMs - breathedMs < BREATH_MS) continue;
        breathedMs = this.nowMs;
        await breath();
      }
      if (arrival.bytes) this.#deliver(arrival.bytes);
      await arrival.act?.();
    }
    await breath();
  }

  /** Ends the recording, with all that is in work. */
  async stop(): Promise<void> {
    await this.recorder.call("stopAndWait", {});
  }

  async close(): Promise<void> {
    await this.recorder.close();
    await Deno.remove(this.mediaDir, { recursive: true });
  }

  #deliver(bytes: Uint8Array): void {
    const nowMs = this.clock.now();
    if (rtcpType(bytes, 0) >= 192 && rtcpType(bytes, 0) <= 223) {
      return this.recorder.rtcp(bytes, 0, bytes.length);
    }
    const packet = readRtp(bytes, 0, bytes.length, nowMs);
    if (packet) this.recorder.rtp(packet);
  }

  #hear(write: (bytes: Uint8Array, offset: number) => number): void {
    const bytes = new Uint8Array(64);
    write(bytes, 0);
    if (rtcpType(bytes, 0) === PSFB) this.keyframeRequests.push(this.nowMs);
  }
}

/** Lets files be written and pictures decoded. */
const breath = () => new Promise((resolve) => setTimeout(resolve, 0));
