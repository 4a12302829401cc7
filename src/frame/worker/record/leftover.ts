import { FormatContext, InputFormat, Packet } from "node-av/lib";
import { spoolPath } from "../../spool_search.ts";
import type { DeliverSpec } from "../../types.ts";
import { type ProgramContext, Refusal, type RunningProgram } from "../program.ts";
import { repairPlaylist } from "./playlist_repair.ts";
import { type ProfilePlan, profilePlans } from "./profile.ts";
import { Spool } from "./spool.ts";
import { PLAYLIST_TYPE, upload } from "./upload.ts";
import { openly, openUploadTarget, type UploadPlace, type UploadTarget } from "./upload_target.ts";

/** A file that is larger than its head can be is sent, whatever FFmpeg thinks of it. */
const HEAD_LIMIT_BYTES = 1 << 16;

/** Sends what a recorder left behind, each file as it is; the first that its server does not take ends it. */
export class Leftover implements RunningProgram {
  readonly #spec: DeliverSpec;
  readonly #context: ProgramContext;
  #closed = false;
  /** What is in work, for the one who hears that it was kept. */
  #path: string;
  #url = "";

  constructor(spec: DeliverSpec, context: ProgramContext) {
    this.#spec = spec;
    this.#context = context;
    this.#path = spoolPath(spec.mediaDir, spec.spool);
    void this.#run();
  }

  rtp(): void {}

  rtcp(): void {}

  tick(): void {}

  call(operation: string): Promise<unknown> {
    return Promise.reject(new Refusal(`Cannot run "${operation}": what was left is sent by itself`));
  }

  /** What is on its way is broken off with the worker, and sent again from its beginning another time. */
  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  async #run(): Promise<void> {
    try {
      const spool = await Spool.take(this.#spec.mediaDir, this.#spec.spool);
      if (!spool) throw new Error("another process has it");
      this.#path = spool.folder;
      const isGone = await this.#sendAll(spool);
      if (!isGone && !this.#closed) throw new Error("there is something other than files in it");
      this.#context.event({ type: "state", state: "stopped" });
    } catch (error) {
      this.#tell("kept", error instanceof Error ? error.message : String(error));
    }
  }

  /** True when nothing waits any more. */
  async #sendAll(spool: Spool): Promise<boolean> {
    let isGone = false;
    try {
      const { uri, profile, playlist } = spool.manifest;
      const plan = profilePlans[profile];
      const target = await openUploadTarget(uri, this.#spec);
      if (playlist !== null) await this.#endPlaylist(spool, playlist);
      for (const name of spool.files()) if (name !== playlist) await this.#send(spool, name, plan, target);
      if (playlist !== null && spool.files().includes(playlist)) {
        await this.#put(`${spool.folder}/${playlist}`, target.placeOf(playlist), PLAYLIST_TYPE);
      }
    } finally {
      isGone = await spool.close();
    }
    return isGone;
  }

  /** It may have broken off, even while it was written. */
  async #endPlaylist(spool: Spool, playlist: string): Promise<void> {
    await Deno.remove(`${spool.folder}/${playlist}.new`).catch(() => {});
    await repairPlaylist(spool.folder, playlist, spool.files());
  }

  async #send(spool: Spool, name: string, plan: ProfilePlan, target: UploadTarget): Promise<void> {
    const path = `${spool.folder}/${name}`;
    const place = target.placeOf(name);
    if (await this.#isWorthSending(path, plan)) return await this.#put(path, place, plan.contentType);
    [this.#path, this.#url] = [path, openly(place)];
    await Deno.remove(path);
    this.#tell("removed", "it broke off before there was anything to play");
  }

  async #isWorthSending(path: string, plan: ProfilePlan): Promise<boolean> {
    const { size } = await Deno.stat(path);
    return size > HEAD_LIMIT_BYTES || await this.#context.guarded(holdsMedia(path, plan.format));
  }

  async #put(path: string, place: UploadPlace, contentType: string): Promise<void> {
    if (this.#closed) return;
    [this.#path, this.#url] = [path, openly(place)];
    const { clock } = this.#context;
    await upload({ path, place, contentType, credentials: this.#spec.s3, clock, progress: () => {} });
    await Deno.remove(path);
    this.#tell("sent", "");
  }

  #tell(outcome: "sent" | "removed" | "kept", why: string): void {
    this.#context.event({ type: "leftover", outcome, path: this.#path, url: this.#url, why });
  }
}

/** Whether there is a packet in a file of this format. */
async function holdsMedia(path: string, format: string): Promise<boolean> {
  const input = new FormatContext();
  if (await input.openInput(path, InputFormat.findInputFormat(format)) < 0) return false;
  using packet = new Packet();
  packet.alloc();
  const found = await input.readFrame(packet) >= 0;
  await input.closeInput();
  return found;
}
