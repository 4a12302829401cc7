import type { IncomingMessage } from "node:http";
import type { Clock } from "../../../base/mod.ts";
import { isPacked } from "./web_page.ts";

/** Nothing comes for so long: the server is lost. */
const SILENCE_LIMIT_MS = 10_000;
/** Every JPEG begins so: its start, and the marker behind it (ITU-T T.81 annex B.2.1). */
const JPEG_BEGINNING = [0xff, 0xd8, 0xff];

/** Whether they are those of a picture, which others may follow. */
export const beginsWithJpeg = (bytes: ArrayLike<number>): boolean =>
  JPEG_BEGINNING.every((byte, at) => byte === bytes[at]);

/** What a web server says of a body that it sends, and how that comes. */
export class WebBody {
  /** Any part of it can be asked for, by what FFmpeg tells it too (RFC 9110 sections 14.3 and 14.4). What is packed has none. */
  readonly hasRanges: boolean;
  readonly hasLength: boolean;
  /** A radio (icy-* fields) or a camera (multipart/x-mixed-replace): it goes on for as long as there is something. */
  readonly isStream: boolean;
  /** Only that the connection closes tells its end (RFC 9112 section 6.3), so that an end and a loss look alike. */
  readonly endsByClosing: boolean;
  readonly #clock: Clock;
  readonly #beginning: number[] = [];
  /** So long the server was waited for since it had begun: what comes as fast as it is taken is waited for hardly ever. */
  waitedMs = 0;

  constructor({ headers }: Pick<IncomingMessage, "headers">, clock: Clock) {
    const isMultipart = /^multipart\/x-mixed-replace\b/i.test(headers["content-type"] ?? "");
    const rangeFields = isPacked({ headers }) ? [] : [headers["accept-ranges"], headers["content-range"]];
    this.hasRanges = rangeFields.some((field) => field?.startsWith("bytes"));
    // Cameras say a great one, for those who cannot do without.
    this.hasLength = headers["content-length"] !== undefined && !isMultipart;
    this.isStream = isMultipart ||
      (!this.hasLength && Object.keys(headers).some((name) => name.startsWith("icy-")));
    this.endsByClosing = !this.hasLength && headers["transfer-encoding"] === undefined;
    this.#clock = clock;
  }

  /** What has come begins with a JPEG, which others may follow. */
  get isJpeg(): boolean {
    return beginsWithJpeg(this.#beginning);
  }

  /** Hands on what comes; `silence` is to make that throw. */
  async *watched(body: AsyncIterable<Uint8Array>, silence: () => void): AsyncGenerator<Uint8Array> {
    const parts = body[Symbol.asyncIterator]();
    const first = await this.#next(parts, silence);
    this.waitedMs = 0;
    for (let part = first; part; part = await this.#next(parts, silence)) {
      const missing = JPEG_BEGINNING.length - this.#beginning.length;
      if (missing > 0) this.#beginning.push(...part.subarray(0, missing));
      yield part;
    }
  }

  /** Null at the end. */
  async #next(parts: AsyncIterator<Uint8Array>, silence: () => void): Promise<Uint8Array | null> {
    const askedMs = this.#clock.now();
    const timer = this.#clock.after(SILENCE_LIMIT_MS, silence);
    try {
      const { done, value } = await parts.next();
      return done ? null : value;
    } finally {
      timer.cancel();
      this.waitedMs += this.#clock.now() - askedMs;
    }
  }
}
