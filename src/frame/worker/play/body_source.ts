import { type Clock, randomToken, type Timer } from "../../../base/mod.ts";
import { indexPlace } from "./index_place.ts";
import { MediaFault } from "./media_fault.ts";
import { beginsWithJpeg } from "./web_body.ts";

/** Nothing came for so long though it was waited for: whoever sends is gone, and the network has not told. */
const SILENCE_LIMIT_MS = 15_000;
/** A body that cannot be played before all of it is there is held in memory up to this. */
const MAX_HELD_BYTES = 64 * 1024 * 1024;

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * The body of a request on its way to FFmpeg, by HTTP on 127.0.0.1 under a path that nobody can guess. It passes as it
 * comes, and no faster than it is read; only MP4 with its index at the end is held until it is whole.
 */
export class BodySource {
  readonly #reader: ReadableStreamDefaultReader<Bytes>;
  readonly #clock: Clock;
  readonly #stalled: (silentMs: number) => void;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #token = randomToken(32);
  /** What was read of the body and not yet passed on: its beginning, or all of it. */
  #held: Bytes[] = [];
  /** All bytes, where they had to be held. */
  #whole: Bytes | null = null;
  /** Nothing more is read: it has ended, or who sends it has fallen silent. */
  #isOver = false;
  #isClosed = false;
  /** It is a JPEG, or one behind the other. */
  isJpeg = false;

  private constructor(body: ReadableStream<Bytes>, clock: Clock, stalled: (silentMs: number) => void) {
    this.#reader = body.getReader();
    this.#clock = clock;
    this.#stalled = stalled;
    const place = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#server = Deno.serve(place, (request) => this.#answer(request));
  }

  /**
   * Fetches the body at `url`. `stalled` is called once at most: nothing came for so long, and what has come is all that
   * is given. Rejects with MediaFault.
   */
  static async open(
    url: string,
    clock: Clock,
    stalled: (silentMs: number) => void,
  ): Promise<BodySource> {
    const response = await fetch(url).catch(() => null);
    if (!response?.ok || !response.body) {
      throw new MediaFault("RESOURCE_ERROR_OPEN", "The body is there no more");
    }
    const source = new BodySource(response.body, clock, stalled);
    try {
      await source.#begin();
    } catch (error) {
      source.close();
      throw error;
    }
    return source;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/${this.#token}`;
  }

  get isSeekable(): boolean {
    return this.#whole !== null;
  }

  close(): void {
    this.#isClosed = true;
    this.#reader.cancel().catch(() => {});
    this.#server.shutdown().catch(() => {});
  }

  /** Reads so much that it shows whether it can be played as it comes; if not, all of it. */
  async #begin(): Promise<void> {
    let beginning: Bytes = new Uint8Array();
    while (indexPlace(beginning) === null) {
      const bytes = await this.#next();
      if (!bytes) break;
      beginning = joined([beginning, bytes]);
    }
    if (beginning.length > 0) this.#held = [beginning];
    this.isJpeg = beginsWithJpeg(beginning);
    if (indexPlace(beginning) === "last") this.#whole = await this.#hold(beginning);
  }

  async #hold(beginning: Bytes): Promise<Bytes> {
    const pieces = [beginning];
    let length = beginning.length;
    for (let bytes = await this.#next(); bytes; bytes = await this.#next()) {
      pieces.push(bytes);
      length += bytes.length;
      if (length > MAX_HELD_BYTES) throw tooLong();
    }
    return joined(pieces);
  }

  /** Null at the end, and where silence has ended it, which is told. */
  async #next(): Promise<Bytes | null> {
    if (this.#isOver) return null;
    let timer: Timer | null = null;
    const silence = new Promise<null>((resolve) => {
      timer = this.#clock.after(SILENCE_LIMIT_MS, () => {
        if (!this.#isClosed) this.#stalled(SILENCE_LIMIT_MS);
        resolve(null);
      });
    });
    const read = this.#reader.read().then(({ value }) => value ?? null, () => null);
    const bytes = await Promise.race([read, silence]);
    timer!.cancel();
    this.#isOver = bytes === null;
    return bytes;
  }

  #answer(request: Request): Response {
    if (new URL(request.url).pathname !== `/${this.#token}`) return new Response(null, { status: 404 });
    if (this.#whole) return rangeOf(this.#whole, request.headers.get("Range"));
    return new Response(
      new ReadableStream<Bytes>({
        pull: async (controller) => {
          const bytes = this.#held.shift() ?? await this.#next();
          if (bytes) controller.enqueue(bytes);
          else controller.close();
        },
        cancel: () => this.close(),
      }, { highWaterMark: 0 }),
    );
  }
}

/** What FFmpeg asks for is always up to the end (RFC 9110 section 14.2). */
function rangeOf(bytes: Bytes, range: string | null): Response {
  const start = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
  if (start >= bytes.length) return new Response(null, { status: 416 });
  const headers = {
    "Accept-Ranges": "bytes",
    "Content-Range": `bytes ${start}-${bytes.length - 1}/${bytes.length}`,
  };
  return new Response(bytes.subarray(start), { status: range === null ? 200 : 206, headers });
}

function joined(pieces: Bytes[]): Bytes {
  const whole = new Uint8Array(pieces.reduce((length, each) => length + each.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function tooLong(): MediaFault {
  return new MediaFault(
    "INVALID_MEDIA",
    `Cannot play the body as it comes: the index of its MP4 is at the end, and it has more than ${
      MAX_HELD_BYTES >> 20
    } ` +
      "MB, move the index to the beginning (ffmpeg -movflags +faststart)",
  );
}
