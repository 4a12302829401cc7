import type { RecordSpec } from "../../types.ts";
import type { ProgramContext } from "../program.ts";
import type { Destination, UploadPlace } from "./destination.ts";
import type { ProfilePlan } from "./profile.ts";
import { ComplaintRate, RecordFault } from "./record_fault.ts";
import type { FinishedFile } from "./recording.ts";
import { upload } from "./upload.ts";

const PROGRESS_PERIOD_MS = 1000;
const PLAYLIST_TYPE = "application/vnd.apple.mpegurl";

/** Tells of the files of a recording, and takes them to where they belong. */
export class Delivery {
  readonly #context: ProgramContext;
  readonly #spec: RecordSpec;
  readonly #plan: ProfilePlan;
  readonly #destination: Destination;

  constructor(context: ProgramContext, spec: RecordSpec, plan: ProfilePlan, destination: Destination) {
    this.#context = context;
    this.#spec = spec;
    this.#plan = plan;
    this.#destination = destination;
  }

  /** Files that were begun: the playlist stands for its segments, and what is to be uploaded for its URL. */
  tell({ path, tracks, durationMs }: Omit<FinishedFile, "bytes">): void {
    const { mainPath, upload } = this.#destination;
    const told = this.#plan.hasPlaylist ? mainPath : path;
    const place = upload(told);
    this.#context.event({ type: "file", path: place ? openly(place) : told, tracks, durationMs });
  }

  /** Takes a finished file to where it belongs. */
  async deliver(file: FinishedFile): Promise<void> {
    const url = await this.#put(file.path, this.#plan.contentType);
    if (url === null) return;
    if (url !== file.path) await Deno.remove(file.path).catch(() => {});
    this.#context.event({ type: "segment", ...file, path: url });
  }

  async putPlaylist(path: string): Promise<void> {
    await this.#put(path, PLAYLIST_TYPE);
  }

  /** Where the file is to be found now, without what is secret in it; null where it could not be put there. */
  async #put(path: string, contentType: string): Promise<string | null> {
    const place = this.#destination.upload(path);
    if (!place) return path;
    const href = openly(place);
    const { clock, event } = this.#context;
    const rate = new ComplaintRate(clock, PROGRESS_PERIOD_MS);
    const progress = (done: number, total: number) => {
      if (rate.mayPass()) event({ type: "progress", job: "upload", path: href, done, total });
    };
    try {
      await upload({ path, place, contentType, credentials: this.#spec.s3, clock, progress });
      return href;
    } catch (error) {
      const description = error instanceof Error ? error.message : String(error);
      const kind = error instanceof RecordFault ? error.kind : "RESOURCE_ERROR_WRITE";
      event({ type: "error", kind, description });
      return null;
    }
  }
}

/** The URL without what is secret in it. */
const openly = ({ url }: UploadPlace) =>
  Object.assign(new URL(url), { username: "", password: "", search: "" }).href;
