import type { Recording } from "../graph/mod.ts";
import type { RecordedFile } from "../module/mod.ts";

/** Files that recorders of one pipeline told of within one turn. */
export class RecordingChanges {
  readonly #pipelineId: string;
  readonly #changed = new Map<string, Recording>();

  constructor(pipelineId: string) {
    this.#pipelineId = pipelineId;
  }

  /** What was said last of a file within the turn counts. */
  put(elementId: string, { path, startedAtMs, tracks, ...file }: RecordedFile): void {
    const pipelineId = this.#pipelineId;
    this.#changed.set(path, {
      id: path,
      pipelineId,
      elementId,
      createdAtMs: startedAtMs,
      tracks: [...tracks],
      ...file,
    });
  }

  /** What has to be written, null for nothing. */
  rows(): { putRecordings: Recording[] } | null {
    return this.#changed.size === 0 ? null : { putRecordings: [...this.#changed.values()] };
  }
}
