import { type Clock, randomToken } from "../../../base/mod.ts";

/** So often it is looked whether there is more. */
const LOOK_DELAY_MS = 100;
const CHUNK_BYTES = 65_536;

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * A file that is still being written, on its way to FFmpeg: by HTTP on 127.0.0.1 under a path that nobody can guess, from its
 * beginning to where its writer ends it. FFmpeg would take the end that a file has for the end that it is to have.
 */
export class GrowingFile {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #token = randomToken(32);
  #isClosed = false;

  /** `watched` sees what passes. */
  constructor(
    path: string,
    clock: Clock,
    watched: (body: AsyncIterable<Bytes>) => AsyncIterable<Uint8Array>,
  ) {
    this.#path = path;
    this.#clock = clock;
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
      if (new URL(request.url).pathname !== `/${this.#token}`) return new Response(null, { status: 404 });
      return new Response(ReadableStream.from(watched(this.#grown()) as AsyncIterable<Bytes>));
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/${this.#token}`;
  }

  close(): void {
    this.#isClosed = true;
    this.#server.shutdown().catch(() => {});
  }

  async *#grown(): AsyncGenerator<Bytes> {
    using file = await Deno.open(this.#path);
    // What was written before the writer ended is read after that.
    for (let isLast = false; !this.#isClosed;) {
      const chunk = new Uint8Array(CHUNK_BYTES);
      const count = await file.read(chunk);
      if (count !== null) yield chunk.subarray(0, count);
      else if (isLast) return;
      else {
        isLast = !isHeld(file);
        if (!isLast) await new Promise<void>((resolve) => this.#clock.after(LOOK_DELAY_MS, resolve));
      }
    }
  }
}

/** Whether somebody writes to the file: recorders lock what they write for as long as they do. */
export function isGrowing(path: string): boolean {
  try {
    using file = Deno.openSync(path);
    return isHeld(file);
  } catch {
    return false;
  }
}

/** At once: a recorder that begins meanwhile would find it locked. */
function isHeld(file: Deno.FsFile): boolean {
  if (!file.tryLockSync(false)) return true;
  file.unlockSync();
  return false;
}
