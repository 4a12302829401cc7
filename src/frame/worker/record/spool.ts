import { randomToken } from "../../../base/mod.ts";
import { manifestExtension, spoolFolder } from "../../spool_names.ts";
import type { RecordProfile } from "../../types.ts";
import { profilePlans } from "./profile.ts";
import { fileFault, RecordFault } from "./record_fault.ts";

/** What a spool says of itself. The URI may hold a user or a signature: nobody else on this machine may read it. */
export interface Manifest {
  uri: string;
  profile: RecordProfile;
  /** Name of the file that is the playlist of the others, null where there is none. */
  playlist: string | null;
}

/** The folder in which the files of one recording wait for their upload, held by one at a time. */
export class Spool {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly #manifestPath: string;
  /** Locked until it is closed, or its process ends, whatever ends that. */
  readonly #lock: Deno.FsFile;

  private constructor(folder: string, manifest: Manifest, lock: Deno.FsFile) {
    this.folder = folder;
    this.manifest = manifest;
    this.#manifestPath = `${folder}${manifestExtension}`;
    this.#lock = lock;
  }

  /** Makes one below the folder of media. Throws RecordFault. */
  static async make(mediaDir: string, manifest: Manifest): Promise<Spool> {
    const root = mediaDir.replace(/\/$/, "");
    const above = `${root}/${spoolFolder}`;
    await makeFolder(above, root);
    const folder = `${above}/${randomToken(16)}`;
    const path = `${folder}${manifestExtension}`;
    let lock: Deno.FsFile | null = null;
    try {
      // It has its name when it is locked and whole: whoever finds it unlocked finds somebody dead.
      lock = await Deno.open(`${path}.new`, { write: true, createNew: true, mode: 0o600 });
      if (!await lock.tryLock(true)) throw new Error("another process holds it");
      await writeAll(lock, new TextEncoder().encode(JSON.stringify(manifest)));
      await lock.syncData();
      await Deno.rename(`${path}.new`, path);
      await Deno.mkdir(folder);
    } catch (error) {
      lock?.close();
      await removed(`${path}.new`);
      throw fileFault(error, `make ${folder}`, "RESOURCE_ERROR_OPEN");
    }
    return new Spool(folder, manifest, lock);
  }

  /** Takes over one that was left; null where somebody else has it, or it is gone. */
  static async take(mediaDir: string, name: string): Promise<Spool | null> {
    const folder = `${mediaDir.replace(/\/$/, "")}/${spoolFolder}/${name}`;
    const path = `${folder}${manifestExtension}`;
    let lock: Deno.FsFile;
    try {
      lock = await Deno.open(path, { read: true, write: true });
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      throw error;
    }
    try {
      if (await lock.tryLock(true)) {
        await refuseLink(folder, mediaDir);
        return new Spool(folder, readManifest(path, await Deno.readTextFile(path)), lock);
      }
    } catch (error) {
      lock.close();
      throw error;
    }
    lock.close();
    return null;
  }

  /** Names of the files that wait, in order. */
  files(): string[] {
    try {
      return [...Deno.readDirSync(this.folder)].filter(({ isFile }) => isFile).map(({ name }) => name).sort();
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  }

  /** Lets go of it; removes it where nothing waits any more. True then. */
  async close(): Promise<boolean> {
    try {
      const isGone = await removed(this.folder);
      // Only then: what has no manifest is never sent.
      if (isGone) await removed(this.#manifestPath);
      return isGone;
    } finally {
      this.#lock.close();
    }
  }
}

function readManifest(path: string, text: string): Manifest {
  try {
    const { uri, profile, playlist } = JSON.parse(text);
    const isFileName = typeof playlist === "string" && !playlist.includes("/");
    if (
      typeof uri === "string" && Object.hasOwn(profilePlans, profile) && (playlist === null || isFileName)
    ) {
      return { uri, profile, playlist };
    }
  } catch {
    // Said below.
  }
  throw new Error(`Cannot read where a recording goes: ${path} does not say it, remove it`);
}

/** Files are removed once they are sent: those of a spool only, and no recordings that a link leads to. */
async function refuseLink(folder: string, mediaDir: string): Promise<void> {
  try {
    const [real, root] = await Promise.all([Deno.realPath(folder), Deno.realPath(mediaDir)]);
    const name = folder.slice(folder.lastIndexOf("/") + 1);
    if (real !== `${root}/${spoolFolder}/${name}`) throw new Error(`it is a link to ${real}`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Makes a folder that stands below another, with no link on the way that leads out of it. Throws RecordFault. */
export async function makeFolder(folder: string, root: string): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true });
    const [real, realRoot] = await Promise.all([Deno.realPath(folder), Deno.realPath(root)]);
    if (real === realRoot || real.startsWith(`${realRoot}/`)) return;
  } catch (error) {
    throw fileFault(error, `make ${folder}`, "RESOURCE_ERROR_OPEN");
  }
  throw new RecordFault("INVALID_URI", `Cannot record to "${folder}": a link leads out of ${root}`);
}

/** Whether it is gone; a folder that is not empty stays. */
async function removed(path: string): Promise<boolean> {
  try {
    await Deno.remove(path);
    return true;
  } catch (error) {
    return error instanceof Deno.errors.NotFound;
  }
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
}
