import { type Action, recorded, type RecordedFile, type RecordProfile } from "../../module/mod.ts";

type Tracks = RecordedFile["tracks"];

/** The files that a recorder has open, as the list of recordings knows them. What is uploaded is not listed. */
export class Files {
  readonly #profile: RecordProfile;
  readonly #open = new Map<string, RecordedFile>();
  /** Of the segments that a playlist names so far. */
  #segmentsMs = 0;

  constructor(profile: RecordProfile) {
    this.#profile = profile;
  }

  get areOpen(): boolean {
    return this.#open.size > 0;
  }

  /** A file was begun or goes on; of a playlist, one of its segments. */
  grown(told: { path: string; tracks: Tracks; durationMs: number }, nowMs: number): Action[] {
    const { path, tracks, durationMs } = told;
    const file: RecordedFile = {
      path,
      profile: this.#profile,
      state: "recording",
      durationMs: this.#segmentsMs + durationMs,
      tracks: tracks.map(trackOf),
      startedAtMs: this.#open.get(path)?.startedAtMs ?? nowMs,
    };
    this.#open.set(path, file);
    return listed(file);
  }

  /** A file is complete; the segment of a playlist makes the playlist longer. */
  completed(path: string, durationMs: number, tracks: Tracks, nowMs: number): Action[] {
    if (this.#profile === "HLS") return this.#longer(durationMs);
    const startedAtMs = this.#open.get(path)?.startedAtMs ?? nowMs - durationMs;
    this.#open.delete(path);
    return listed({
      path,
      profile: this.#profile,
      state: "complete",
      durationMs,
      tracks: tracks.map(trackOf),
      startedAtMs,
    });
  }

  /** The recorder was stopped in good order: a playlist is complete with its last segment. */
  closed(): Action[] {
    return this.#profile === "HLS" ? this.#end("complete") : this.interrupted();
  }

  /** What is open now was not closed in good order. */
  interrupted(): Action[] {
    return this.#end("interrupted");
  }

  #longer(durationMs: number): Action[] {
    this.#segmentsMs += durationMs;
    return [...this.#open.values()].flatMap((file) => {
      const longer = { ...file, durationMs: this.#segmentsMs };
      this.#open.set(file.path, longer);
      return listed(longer);
    });
  }

  #end(state: RecordedFile["state"]): Action[] {
    const left = [...this.#open.values()].flatMap((file) => listed({ ...file, state }));
    this.#open.clear();
    this.#segmentsMs = 0;
    return left;
  }
}

/** What goes to another server has a URL, and is no recording of this one. */
const listed = (file: RecordedFile): Action[] => file.path.includes("://") ? [] : [recorded(file)];

const trackOf = ({ media, codec }: Tracks[number]) => ({ media, codec });
