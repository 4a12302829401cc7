import type { RecordSpec } from "../../types.ts";
import type { ProgramContext } from "../program.ts";
import type { Destination } from "./destination.ts";
import type { ProfilePlan } from "./profile.ts";
import { ComplaintRate, RecordFault } from "./record_fault.ts";
import type { FinishedFile } from "./recording.ts";
import { PLAYLIST_TYPE, upload } from "./upload.ts";
import { openly } from "./upload_target.ts";

const PROGRESS_PERIOD_MS = 1000;

/** Tells of the files of a recording, and takes them to where they belong. */
export class Delivery {
  readonly #context: ProgramContext;
  readonly #spec: RecordSpec;
  readonly #plan: ProfilePlan;
  readonly #destination: Destination;
  /** Finished files that their server did not take. */
  #refused: FinishedFile[] = [];

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

  /** Takes a finished file to where it belongs; those that did not go before are tried once more when it goes. */
  async deliver(file: FinishedFile): Promise<void> {
    if (!await this.#send(file)) return void this.#refused.push(file);
    for (const earlier of this.#refused.splice(0)) await this.#send(earlier);
  }

  async #send(file: FinishedFile): Promise<boolean> {
    const url = await this.#put(file.path, this.#plan.contentType);
    if (url === null) return false;
    if (url !== file.path) await Deno.remove(file.path).catch(() => {});
    this.#context.event({ type: "segment", ...file, path: url });
    return true;
  }

  /** Its last state is not kept, unless there are still files here that it names: it goes again with them. */
  async putPlaylist(path: string, isEnded: boolean): Promise<void> {
    const url = await this.#put(path, PLAYLIST_TYPE);
    if (url === null || url === path || !isEnded) return;
    const others = [...Deno.readDirSync(path.slice(0, path.lastIndexOf("/")))].length - 1;
    if (others === 0) await Deno.remove(path).catch(() => {});
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
      event({ type: "leftover", outcome: "kept", path, url: href, why: description });
      return null;
    }
  }
}
