import type { FrameMedia, RecordedTrack } from "../../types.ts";
import { FileTarget } from "./file_target.ts";
import { Muxer } from "./muxer.ts";
import type { ProfilePlan } from "./profile.ts";
import { RecordFault } from "./record_fault.ts";
import type { TrackHeader, TrackPacket } from "./track_packet.ts";

/** A track of which nothing has come by then holds the head of the file up no longer. */
const HEAD_LIMIT_MS = 1000;

export interface RecordingFileOptions {
  path: string;
  plan: ProfilePlan;
  headers: readonly TrackHeader[];
  /** Recording time of the file's first moment, ms. */
  beginsMs: number;
  /** Time stamps stay those of the recording, for players that join files. */
  keepsTime: boolean;
  /** It is on the disk, and nobody else writes to it. */
  opened(file: RecordingFile): void;
  failed(fault: RecordFault): void;
}

/** One file of a recording while it is written. */
export class RecordingFile {
  readonly path: string;
  readonly beginsMs: number;
  readonly tracks: RecordedTrack[];
  readonly #target: FileTarget;
  readonly #muxer: Muxer;
  readonly #keepsTime: boolean;
  readonly #zeroMs: number;
  #endsMs: number;

  /** Throws FFmpegError where the container does not take the tracks. */
  constructor({ path, plan, headers, beginsMs, keepsTime, opened, failed }: RecordingFileOptions) {
    this.path = path;
    this.beginsMs = this.#endsMs = beginsMs;
    this.#keepsTime = keepsTime;
    this.#zeroMs = keepsTime ? 0 : beginsMs;
    this.tracks = headers.map(({ media, codec, width, height }) => ({ media, codec, width, height }));
    this.#target = new FileTarget(path, () => opened(this), failed);
    this.#muxer = new Muxer(plan, headers, this.#target);
  }

  /** Whether it has been opened. */
  get isOpen(): boolean {
    return this.#target.isOpen;
  }

  get bytes(): number {
    return this.#muxer.size;
  }

  get durationMs(): number {
    return this.#endsMs - this.beginsMs;
  }

  get backlogBytes(): number {
    return this.#target.backlogBytes;
  }

  has(media: FrameMedia): boolean {
    return this.#muxer.has(media);
  }

  /** What lies before the file's beginning is left out. Throws FFmpegError. */
  write(packet: TrackPacket): void {
    if (packet.atMs < this.beginsMs - 1) return;
    this.#muxer.write(packet, packet.atMs - this.#zeroMs);
    this.#endsMs = Math.max(this.#endsMs, packet.atMs + packet.durationMs);
  }

  /**
   * The next file begins at this moment. Where players join files by their lengths, sound that reaches beyond it is not
   * counted, as each file would make the whole a little too long.
   */
  goesOnAt(atMs: number): void {
    if (this.#keepsTime) this.#endsMs = atMs;
  }

  /** From now on the file plays up to here, whatever happens. */
  flush(): void {
    // The head of the file is written once: it is to know where each track begins.
    if (this.#muxer.isComplete || this.durationMs > HEAD_LIMIT_MS) this.#muxer.flush();
  }

  /** Ends the file; resolves with what went wrong, or null, when all is with the system. */
  async close(): Promise<RecordFault | null> {
    let broken: RecordFault | null = null;
    try {
      this.#muxer.close();
    } catch (error) {
      broken = new RecordFault("STREAM_ERROR_FAILED", `Cannot end ${this.path}: ${(error as Error).message}`);
    }
    return await this.#target.finish() ?? broken;
  }
}
