import { fileFault, RecordFault } from "./record_fault.ts";

/**
 * Holds the name of a recording that has several files: each of them is locked only while it is written, and between two
 * of them another recorder would write over what is there.
 */
export class NameLock {
  readonly #path: string;
  readonly #file: Deno.FsFile;

  private constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
  }

  /** Until it is closed, or the process ends. Throws RecordFault where another has it. */
  static async take(folder: string, name: string): Promise<NameLock> {
    const path = `${folder}/.${name}.lock`;
    let file: Deno.FsFile;
    try {
      // A link may lead out of the folder of media.
      if ((await Deno.lstat(path).catch(() => null))?.isSymlink) await Deno.remove(path);
      file = await Deno.open(path, { write: true, create: true });
    } catch (error) {
      throw fileFault(error, `make ${path}`, "RESOURCE_ERROR_OPEN");
    }
    if (await file.tryLock(true)) return new NameLock(path, file);
    file.close();
    throw new RecordFault("RESOURCE_ERROR_OPEN", `Cannot write to ${folder}/${name}: another recorder does`);
  }

  async close(): Promise<void> {
    await Deno.remove(this.#path).catch(() => {});
    this.#file.close();
  }
}
