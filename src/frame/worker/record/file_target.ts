import type { ByteSink } from "./muxer.ts";
import { fileFault, RecordFault } from "./record_fault.ts";

/** A file that is written behind the back of who fills it: in order, at positions, with what waits counted. */
export class FileTarget implements ByteSink {
  readonly #path: string;
  readonly #opened: () => void;
  readonly #failed: (fault: RecordFault) => void;
  #file: Deno.FsFile | null = null;
  #chain: Promise<void>;
  #fault: RecordFault | null = null;
  #backlog = 0;
  #position = 0;
  #isOpen = false;

  /**
   * Makes the file, or empties it: `opened` is called once nobody else writes to it. `failed` is called once at most, and
   * nothing is written after it.
   */
  constructor(path: string, opened: () => void, failed: (fault: RecordFault) => void) {
    this.#path = path;
    this.#opened = opened;
    this.#failed = failed;
    this.#chain = this.#open();
  }

  /** Whether it was opened; it stays so until the end. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Bytes that are not yet with the system. */
  get backlogBytes(): number {
    return this.#backlog;
  }

  write(at: number, bytes: Uint8Array): void {
    if (this.#fault) return;
    this.#backlog += bytes.length;
    this.#chain = this.#chain.then(() => this.#put(at, bytes));
  }

  /** Resolves when all is written and the file is closed; with what went wrong, or null. */
  async finish(): Promise<RecordFault | null> {
    await this.#chain;
    this.#file?.close();
    this.#file = null;
    return this.#fault;
  }

  async #open(): Promise<void> {
    try {
      await this.#refuseLink();
      this.#file = await Deno.open(this.#path, { write: true, create: true });
      // The lock ends with the file, or with the process.
      // Once more: a player may just look whether it is locked.
      if (!await this.#file.tryLock(true) && !await this.#file.tryLock(true)) {
        const text = `Cannot write to ${this.#path}: another recorder does`;
        return this.#fail(new RecordFault("RESOURCE_ERROR_OPEN", text));
      }
      // Once more: it may have been put there meanwhile, and nothing is lost yet.
      await this.#refuseLink();
      if ((await this.#file.stat()).size > 0) await this.#file.truncate();
    } catch (error) {
      const isKnown = error instanceof RecordFault;
      return this.#fail(isKnown ? error : fileFault(error, `make ${this.#path}`, "RESOURCE_ERROR_OPEN"));
    }
    this.#isOpen = true;
    this.#opened();
  }

  /** A link may lead out of the folder of media. */
  async #refuseLink(): Promise<void> {
    const found = await Deno.lstat(this.#path).catch(() => null);
    if (!found?.isSymlink) return;
    throw new RecordFault("RESOURCE_ERROR_OPEN", `Cannot write to ${this.#path}: a link is there, remove it`);
  }

  async #put(at: number, bytes: Uint8Array): Promise<void> {
    if (!this.#fault) {
      try {
        await this.#writeAll(this.#file!, at, bytes);
      } catch (error) {
        this.#fail(fileFault(error, `write to ${this.#path}`, "RESOURCE_ERROR_WRITE"));
      }
    }
    this.#backlog -= bytes.length;
  }

  async #writeAll(file: Deno.FsFile, at: number, bytes: Uint8Array): Promise<void> {
    if (at !== this.#position) await file.seek(at, Deno.SeekMode.Start);
    for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
    this.#position = at + bytes.length;
  }

  #fail(fault: RecordFault): void {
    this.#fault ??= fault;
    this.#failed(this.#fault);
  }
}
