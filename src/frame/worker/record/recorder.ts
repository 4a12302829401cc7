import type { BitrateWish, FrameMedia, RecordSpec } from "../../types.ts";
import { FrameRate } from "../frame_rate.ts";
import type { RtpPacket } from "../media_socket.ts";
import { codecOf, readBitrate } from "../output_spec.ts";
import { type ProgramContext, Refusal, type RunningProgram } from "../program.ts";
import { readRtcp } from "../rtcp_reader.ts";
import { AudioTrack } from "./audio_track.ts";
import { Delivery } from "./delivery.ts";
import { type Destination, openDestination } from "./destination.ts";
import { type ProfilePlan, profilePlans } from "./profile.ts";
import { ComplaintRate, RecordFault } from "./record_fault.ts";
import { RecordProgress } from "./record_progress.ts";
import { Residence } from "./residence.ts";
import { RecordStream, type StreamFrame } from "./record_stream.ts";
import { Recording } from "./recording.ts";
import { RecordingTime } from "./recording_time.ts";
import { StartGate } from "./start_gate.ts";
import { SenderClocks } from "./stream_timeline.ts";
import type { TrackTarget } from "./track_packet.ts";
import { VideoTrack } from "./video_track.ts";

/** Frames that wait until it is known which tracks there are. */
const MAX_PENDING = 1500;
/** After a pause a file goes on with a keyframe; without one with what comes after so long. */
const RESUME_LIMIT_MS = 2000;
const AUDIO_FRAME_MS = 20;
const COMPLAINT_PERIOD_MS = 2000;
/** Of a playlist where nothing else is said. */
const PLAYLIST_SEGMENT_MS = 2000;
/** An answer must come before the one who asked gives up. */
const WAIT_LIMIT_MS = 8000;

type State = "idle" | "recording" | "paused" | "stopped";

/**
 * Records what it is sent.
 *
 *   idle → recording ⇄ paused      record, pause
 *   any → stopped                  stop, a fault; there is no way back
 */
export class Recorder implements RunningProgram {
  readonly #spec: RecordSpec;
  readonly #context: ProgramContext;
  readonly #plan: ProfilePlan;
  readonly #streams = new Map<FrameMedia, RecordStream>();
  readonly #time = new RecordingTime();
  readonly #rate = new FrameRate();
  readonly #complaints: ComplaintRate;
  readonly #gate: StartGate;
  #state: State = "idle";
  /** Which kinds are known to be converted, or not to be. */
  readonly #converted = new Map<FrameMedia, boolean>();
  /** Of the video that is encoded here. */
  #bitrate: BitrateWish;
  /** An earlier worker has written to the destination. */
  #isContinued = false;
  #opening: Promise<void> | null = null;
  #destination: Destination | null = null;
  #pending: StreamFrame[] = [];
  #recording: Recording | null = null;
  #video: VideoTrack | null = null;
  #audio: AudioTrack | null = null;
  /** When the file may go on without a keyframe; null where it goes on already. */
  #resumesMs: number | null = null;
  #ending: Promise<void> | null = null;
  readonly #progress: RecordProgress;
  readonly #residences = { audio: new Residence(), video: new Residence() };

  constructor(spec: RecordSpec, context: ProgramContext) {
    this.#spec = spec;
    this.#context = context;
    this.#plan = profilePlans[spec.profile];
    this.#bitrate = spec.bitrate;
    this.#progress = new RecordProgress(context);
    this.#complaints = new ComplaintRate(context.clock, COMPLAINT_PERIOD_MS);
    const kinds = Object.keys(this.#plan.kinds) as FrameMedia[];
    this.#gate = new StartGate(kinds, spec.graceMs);
    const clocks = new SenderClocks();
    for (const media of kinds) {
      this.#streams.set(media, new RecordStream(media, context, clocks, (frame) => this.#frame(frame)));
    }
  }

  rtp(packet: RtpPacket): void {
    for (const [media, stream] of this.#streams) {
      const codec = codecOf(packet.payloadType, media);
      if (codec) stream.packet(packet, codec);
    }
  }

  rtcp(bytes: Uint8Array, offset: number, length: number): void {
    readRtcp(bytes, offset, length, {
      senderReport: (ssrc, ntpMs, timestamp) => {
        for (const stream of this.#streams.values()) stream.report(ssrc, ntpMs, timestamp);
      },
      keyframeWanted: () => {},
    });
  }

  tick(nowMs: number): void {
    for (const stream of this.#streams.values()) stream.tick(nowMs);
    this.#tryToBegin(nowMs);
    this.#recording?.tick(nowMs);
  }

  async call(operation: string, input: Record<string, unknown>): Promise<unknown> {
    this.#isContinued ||= input.continued === true;
    switch (operation) {
      case "record":
        return this.#record();
      case "pause":
        return this.#pause();
      case "stop":
        return void this.#stop();
      case "stopAndWait":
        return await this.#stopAndWait();
      case "setBitrate":
        return void (this.#bitrate = readBitrate(input));
      case "stats":
        return this.#stats();
      default:
        throw new Refusal(`Cannot run "${operation}": not an operation of a recorder`);
    }
  }

  async close(): Promise<void> {
    await this.#stop();
    await this.#video?.close();
    this.#audio?.close();
  }

  #record(): void {
    if (this.#state === "recording") return;
    if (this.#state === "stopped") {
      throw new Refusal("Cannot record: this recording has ended, make another recorder");
    }
    this.#opening ??= this.#open();
    this.#setState("recording");
    this.#time.cut();
    this.#resumesMs = this.#recording ? this.#context.clock.now() + RESUME_LIMIT_MS : null;
    for (const stream of this.#streams.values()) stream.begin();
  }

  #pause(): void {
    if (this.#state === "paused") return;
    if (this.#state === "stopped") throw new Refusal("Cannot pause: this recording has ended");
    // What waits to begin was to be recorded.
    this.#tryToBegin(Infinity);
    this.#pending = [];
    for (const stream of this.#streams.values()) stream.stop();
    this.#setState("paused");
  }

  /** Resolves when all files are closed, and where they are to go. */
  #stop(): Promise<void> {
    if (this.#state === "idle") return Promise.resolve();
    this.#ending ??= this.#end().catch((error) =>
      this.#fail(new RecordFault("STREAM_ERROR_FAILED", `Cannot end the recording: ${error.message}`))
    );
    return this.#ending;
  }

  async #stopAndWait(): Promise<{ isFinished: boolean }> {
    const limit = new Promise<boolean>((resolve) =>
      this.#context.clock.after(WAIT_LIMIT_MS, () => resolve(false))
    );
    return { isFinished: await Promise.race([this.#stop().then(() => true), limit]) };
  }

  async #end(): Promise<void> {
    await this.#opening;
    if (this.#state !== "stopped") this.#tryToBegin(Infinity);
    for (const stream of this.#streams.values()) stream.stop();
    this.#pending = [];
    await this.#video?.settled();
    this.#audio?.finish();
    await this.#recording?.finish();
    await this.#destination?.close();
    if (this.#state !== "stopped") this.#setState("stopped");
  }

  /** The call has been answered by then: trouble is told by events. */
  async #open(): Promise<void> {
    const seconds = new Date(this.#context.clock.now()).toISOString().replace(/[-:.]/g, "");
    try {
      this.#destination = await openDestination({
        spec: this.#spec,
        plan: this.#plan,
        suffix: this.#isContinued ? `-${seconds}` : "",
        isEnding: () => this.#ending !== null,
      });
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.#fail(error instanceof RecordFault ? error : new RecordFault("RESOURCE_ERROR_OPEN", text));
    }
  }

  #frame(frame: StreamFrame): void {
    if (this.#state !== "recording") return;
    const nowMs = this.#context.clock.now();
    if (this.#recording) return this.#process(frame, nowMs);
    this.#gate.frame(frame.media, frame.timeline.isReported, nowMs);
    this.#pending.push(frame);
    this.#tryToBegin(this.#pending.length > MAX_PENDING ? Infinity : nowMs);
  }

  #tryToBegin(nowMs: number): void {
    if (this.#recording || !this.#destination || this.#pending.length === 0 || !this.#gate.isOpen(nowMs)) {
      return;
    }
    const { segmentMs, segmentBytes } = this.#spec;
    this.#progress.begin();
    const delivery = new Delivery(this.#context, this.#spec, this.#plan, this.#destination);
    this.#recording = new Recording({
      clock: this.#context.clock,
      plan: this.#plan,
      destination: this.#destination,
      segmentMs: segmentMs ?? (this.#plan.hasPlaylist ? PLAYLIST_SEGMENT_MS : null),
      segmentBytes,
      media: this.#gate.media,
      isBusy: () => this.#video?.isBusy ?? false,
      keyframeNeeded: () => this.#video?.requestKeyframe(),
      grown: (file) => {
        delivery.tell(file);
        this.#progress.grown(this.#time.endsMs, file.bytes);
      },
      finished: (file) => {
        this.#progress.finished(file.bytes);
        return delivery.deliver(file);
      },
      playlistChanged: (path, isEnded) => delivery.putPlaylist(path, isEnded),
      failed: (fault) => this.#fail(fault),
      congested: () => this.#complain("The disk is too slow: frames are left out"),
    });
    const pending = this.#pending;
    this.#pending = [];
    // The earliest is the recording's moment 0, whichever kind came first.
    this.#time.of(Math.min(...pending.map(({ timeline, timestamp }) => timeline.wallMs(timestamp))));
    for (const frame of pending) this.#process(frame, nowMs);
  }

  #process(frame: StreamFrame, nowMs: number): void {
    if (!this.#goesOn(frame, nowMs)) return;
    const { media, codec, bytes, keyframe, turn, timestamp, timeline } = frame;
    const atMs = this.#time.of(timeline.wallMs(timestamp));
    if (atMs === null) return;
    this.#residences[media].came(atMs, nowMs);
    if (media === "video") this.#rate.add(atMs * 90);
    this.#time.took(atMs, media === "audio" ? AUDIO_FRAME_MS : 1000 / this.#rate.fps);
    if (media === "video") this.#videoTrack().take({ codec, bytes, keyframe, turn, atMs });
    else this.#audioTrack().take({ codec, bytes, keyframe, turn, atMs });
  }

  /** After a pause: from the next keyframe on where there is video. */
  #goesOn({ media, keyframe }: StreamFrame, nowMs: number): boolean {
    if (this.#resumesMs === null) return true;
    const hasVideo = this.#video !== null && this.#streams.get("video")!.isAlive(nowMs, RESUME_LIMIT_MS);
    const mayGoOn = media === "video" ? keyframe : !hasVideo || nowMs >= this.#resumesMs;
    if (mayGoOn) this.#resumesMs = null;
    return mayGoOn;
  }

  #videoTrack(): VideoTrack {
    return this.#video ??= new VideoTrack(this.#plan.kinds.video!, this.#plan.tellsTurn, this.#context, {
      ...this.#trackTarget(),
      keyframeNeeded: (isBlind) => {
        const stream = this.#streams.get("video")!;
        if (isBlind) stream.goBlind();
        else stream.askForKeyframe();
      },
      failed: (description) => this.#complain(description),
      converts: (isOn) => this.#converts("video", isOn),
      bitrate: () => this.#bitrate,
    });
  }

  #audioTrack(): AudioTrack {
    return this.#audio ??= new AudioTrack(this.#plan.kinds.audio!, {
      ...this.#trackTarget(),
      failed: (description) => this.#complain(description),
      converts: (isOn) => this.#converts("audio", isOn),
    });
  }

  #trackTarget(): TrackTarget {
    return {
      header: (header) => this.#recording!.header(header),
      packet: (packet) => {
        this.#residences[packet.media].isReady(packet.atMs, this.#context.clock.now());
        this.#recording!.add(packet);
      },
    };
  }

  #converts(media: FrameMedia, isOn: boolean): void {
    if (this.#converted.get(media) === isOn) return;
    this.#converted.set(media, isOn);
    this.#context.event({ type: "transcoding", media, isOn });
  }

  #complain(description: string): void {
    if (!this.#complaints.mayPass()) return;
    this.#context.event({ type: "error", kind: "STREAM_ERROR_DECODE", description });
  }

  #fail(fault: RecordFault): void {
    if (this.#state === "stopped") return;
    this.#context.event({ type: "error", kind: fault.kind, description: fault.message });
    this.#setState("stopped");
    void this.#stop();
  }

  #setState(state: "recording" | "paused" | "stopped"): void {
    this.#state = state;
    this.#context.event({ type: "state", state });
  }

  #stats() {
    const streams = [...this.#streams].map(([media, stream]) => [
      media,
      { ...stream.counters, lost: stream.lostCount },
    ]);
    return {
      durationMs: this.#time.endsMs,
      source: Object.fromEntries(streams),
      video: this.#video?.counters ?? null,
      audio: this.#audio?.counters ?? null,
      dropped: this.#recording?.droppedCount ?? 0,
      latencies: { audio: this.#residences.audio.read(), video: this.#residences.video.read() },
    };
  }
}
