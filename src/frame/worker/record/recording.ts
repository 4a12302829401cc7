import type { Clock } from "../../../base/mod.ts";
import type { FrameMedia, RecordedTrack } from "../../types.ts";
import type { Destination } from "./destination.ts";
import { PacketOrder } from "./packet_order.ts";
import { type PlaylistSegment, playlistText } from "./playlist.ts";
import type { ProfilePlan } from "./profile.ts";
import { fileFault, RecordFault } from "./record_fault.ts";
import { RecordingFile } from "./recording_file.ts";
import type { TrackHeader, TrackPacket } from "./track_packet.ts";

/** What is written is with the system this much later at the latest. */
const FLUSH_PERIOD_MS = 250;
/** How long a file is by now is told this often. */
const TELL_PERIOD_MS = 500;
/** Bytes that wait for a slow disk: beyond the first limit frames are left out until there is less than the second. */
const CONGESTED_BYTES = 64 << 20;
const RELIEVED_BYTES = 8 << 20;
/** A cut that waits for a keyframe asks for it again after so long. */
const ASK_PERIOD_MS = 1000;
/** A track of which nothing has come is left out of the file; one whose first packets are in work has longer. */
const HEADER_LIMIT_MS = 4000;
const BUSY_HEADER_LIMIT_MS = 15_000;
/** Video of which nothing has come for so long is waited for no more where a file is to be cut. */
const VIDEO_GONE_MS = 2000;

export interface FinishedFile {
  path: string;
  durationMs: number;
  bytes: number;
  tracks: RecordedTrack[];
}

export interface RecordingOptions {
  clock: Clock;
  plan: ProfilePlan;
  destination: Destination;
  segmentMs: number | null;
  segmentBytes: number | null;
  /** Tracks that the recording begins with. */
  media: readonly FrameMedia[];
  /** Packets of earlier times are still being made. */
  isBusy(): boolean;
  /** The next file can begin with a keyframe only. */
  keyframeNeeded(): void;
  /** A file is whole and closed; what is done with it belongs to the end of the recording. */
  finished(file: FinishedFile): Promise<void>;
  /** A file is there and this recording's own, and now and again how long it is by now. */
  grown(file: FinishedFile): void;
  /** The playlist names other files than before; `isEnded`: it is whole. */
  playlistChanged(path: string, isEnded: boolean): Promise<void>;
  /** Nothing more is written. */
  failed(fault: RecordFault): void;
  /** Frames are left out, as the disk is too slow. */
  congested(): void;
}

/** The files of a recording: packets of its tracks in, in any order. */
export class Recording {
  readonly #options: RecordingOptions;
  readonly #media: Set<FrameMedia>;
  readonly #order: PacketOrder;
  readonly #headers = new Map<FrameMedia, TrackHeader>();
  readonly #segments: PlaylistSegment[] = [];
  #file: RecordingFile | null = null;
  #number = 0;
  /** Files that are being closed, one after the other. */
  #closing: Promise<void> = Promise.resolve();
  #failed = false;
  #isCongested = false;
  #flushedMs = 0;
  #toldMs = 0;
  #askedMs = -Infinity;
  /** Recording time at which the last picture ends. */
  #videoEndsMs = -Infinity;
  /** The file in work was begun without video, which comes back with a keyframe, if at all. */
  #isVideoGone = false;
  readonly #begunMs: number;
  droppedCount = 0;

  constructor(options: RecordingOptions) {
    this.#options = options;
    this.#media = new Set(options.media);
    this.#order = new PacketOrder(this.#media);
    this.#begunMs = options.clock.now();
  }

  /** A track that comes later is in the files that begin from now on. */
  header(header: TrackHeader): void {
    this.#media.add(header.media);
    this.#headers.set(header.media, header);
  }

  add(packet: TrackPacket): void {
    const nowMs = this.#options.clock.now();
    this.#order.add(packet, nowMs);
    this.tick(nowMs);
  }

  tick(nowMs: number): void {
    if (this.#failed) return;
    if (this.#isReady(nowMs)) {
      const take = () => this.#order.take(nowMs, this.#options.isBusy());
      for (let next = take(); next; next = take()) this.#place(next);
    }
    if (nowMs - this.#flushedMs < FLUSH_PERIOD_MS) return;
    this.#flushedMs = nowMs;
    this.#try(() => this.#file?.flush());
    if (!this.#file?.isOpen || nowMs - this.#toldMs < TELL_PERIOD_MS) return;
    this.#toldMs = nowMs;
    this.#options.grown(this.#file);
  }

  /** Writes what is left and ends the last file. */
  async finish(): Promise<void> {
    for (const packet of this.#order.drain()) if (!this.#failed) this.#place(packet);
    this.#endFile();
    await this.#closing;
    if (this.#segments.length > 0) await this.#takePlaylist(await this.#writePlaylist(true), true);
  }

  #isReady(nowMs: number): boolean {
    if (this.#file) return true;
    const isComplete = [...this.#media].every((media) => this.#headers.has(media));
    const limitMs = this.#options.isBusy() ? BUSY_HEADER_LIMIT_MS : HEADER_LIMIT_MS;
    return isComplete || (this.#headers.size > 0 && nowMs - this.#begunMs >= limitMs);
  }

  #place(packet: TrackPacket): void {
    if (this.#isHeldUp(packet) || this.#isBlind(packet)) {
      this.droppedCount++;
      return;
    }
    this.#try(() => {
      if (!this.#file) this.#beginFile(this.#number === 0 ? 0 : packet.atMs);
      else if (this.#wantsCut(packet)) this.#cut(packet);
      if (this.#file!.has(packet.media)) this.#file!.write(packet);
      else this.droppedCount++;
    });
  }

  #wantsCut(packet: TrackPacket): boolean {
    const { segmentMs, segmentBytes } = this.#options;
    const file = this.#file!;
    // Of a track that has come since: with pictures it is the next keyframe that makes room for it.
    if (this.#headersNow().some(({ media }) => !file.has(media))) return true;
    // Half a frame: the keyframe that was asked for in time may stand a little before it.
    const isLong = segmentMs !== null && packet.atMs + packet.durationMs / 2 - file.beginsMs >= segmentMs;
    return isLong || (segmentBytes !== null && file.bytes >= segmentBytes);
  }

  /** Files begin with a keyframe as long as there is video. */
  #cut(packet: TrackPacket): void {
    // Video that was announced has as long to come as one that went silent has to go on.
    if (this.#videoEndsMs === -Infinity) this.#videoEndsMs = packet.atMs;
    const hasVideo = this.#headers.has("video") && packet.atMs - this.#videoEndsMs < VIDEO_GONE_MS;
    const isPossible = packet.media === "video" ? packet.keyframe : !hasVideo;
    if (!isPossible) return this.#askForKeyframe();
    this.#isVideoGone = packet.media !== "video" && this.#headers.has("video");
    this.#file?.goesOnAt(packet.atMs);
    this.#endFile();
    this.#beginFile(packet.atMs);
  }

  /** Of video that has come back, before it can be shown. */
  #isBlind({ media, keyframe, atMs, durationMs }: TrackPacket): boolean {
    if (media !== "video") return false;
    this.#videoEndsMs = atMs + durationMs;
    if (keyframe) this.#isVideoGone = false;
    if (this.#isVideoGone) this.#askForKeyframe();
    return this.#isVideoGone;
  }

  /** Of the tracks that are there. */
  #headersNow(): TrackHeader[] {
    const headers = [...this.#headers.values()].sort((a, b) => a.media < b.media ? 1 : -1);
    return this.#isVideoGone ? headers.filter(({ media }) => media !== "video") : headers;
  }

  #askForKeyframe(): void {
    const nowMs = this.#options.clock.now();
    if (nowMs - this.#askedMs < ASK_PERIOD_MS) return;
    this.#askedMs = nowMs;
    this.#options.keyframeNeeded();
  }

  #beginFile(beginsMs: number): void {
    const { destination, plan } = this.#options;
    this.#askedMs = -Infinity;
    this.#number++;
    this.#file = new RecordingFile({
      path: destination.partPath(this.#number),
      plan,
      headers: this.#headersNow(),
      beginsMs,
      keepsTime: plan.hasPlaylist,
      opened: (file) => this.#options.grown(file),
      failed: (fault) => this.#fail(fault),
    });
    this.#toldMs = this.#options.clock.now();
  }

  #endFile(): void {
    const file = this.#file;
    this.#file = null;
    if (!file) return;
    const closed = file.close();
    this.#closing = this.#closing.then(async () => {
      if (await closed) return;
      const { path, durationMs, bytes, tracks } = file;
      this.#segments.push({ name: path.slice(path.lastIndexOf("/") + 1), durationMs });
      // First: what has gone to a server is not here any more, and the playlist alone knows of it.
      const isWritten = await this.#writePlaylist(false);
      await this.#options.finished({ path, durationMs, bytes, tracks });
      await this.#takePlaylist(isWritten, false);
    });
  }

  async #takePlaylist(isWritten: boolean, isEnded: boolean): Promise<void> {
    const { destination: { mainPath }, playlistChanged } = this.#options;
    if (isWritten) await playlistChanged(mainPath, isEnded);
  }

  /** In one step, so that nobody ever reads half of it. False where there is none. */
  async #writePlaylist(isEnded: boolean): Promise<boolean> {
    const { destination: { mainPath }, segmentMs, plan } = this.#options;
    if (!plan.hasPlaylist) return false;
    try {
      // What stands there may be a link out of the folder: a new file follows none.
      await Deno.remove(`${mainPath}.new`).catch(() => {});
      const text = playlistText(this.#segments, segmentMs ?? 0, isEnded);
      await Deno.writeTextFile(`${mainPath}.new`, text, { createNew: true });
      await Deno.rename(`${mainPath}.new`, mainPath);
      return true;
    } catch (error) {
      this.#fail(fileFault(error, `write ${mainPath}`, "RESOURCE_ERROR_WRITE"));
      return false;
    }
  }

  /** Leaves frames out while too many bytes wait, and until a keyframe where they show pictures. */
  #isHeldUp(packet: TrackPacket): boolean {
    const backlog = this.#file?.backlogBytes ?? 0;
    if (!this.#isCongested && backlog > CONGESTED_BYTES) {
      this.#isCongested = true;
      this.#options.congested();
    }
    if (!this.#isCongested || backlog > RELIEVED_BYTES) return this.#isCongested;
    const isWhole = packet.media === "video" ? packet.keyframe : !this.#headers.has("video");
    if (isWhole) this.#isCongested = false;
    else this.#askForKeyframe();
    return this.#isCongested;
  }

  #try(step: () => void): void {
    try {
      step();
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.#fail(new RecordFault("STREAM_ERROR_FAILED", `Cannot record on: ${text}`));
    }
  }

  #fail(fault: RecordFault): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#options.failed(fault);
  }
}
