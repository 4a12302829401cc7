import type { IncomingMessage } from "node:http";
import type { Clock } from "../../../base/mod.ts";

/** Nothing comes for so long: the server is lost. */
const SILENCE_LIMIT_MS = 10_000;

/** What a web server says of a body that it sends, and how that comes. */
export class WebBody {
  /** Any part of it can be asked for, by what FFmpeg tells it too (RFC 9110 sections 14.3 and 14.4). */
  readonly hasRanges: boolean;
  readonly hasLength: boolean;
  /** A radio (icy-* fields) or a camera (multipart/x-mixed-replace): it goes on for as long as there is something. */
  readonly isStream: boolean;
  /** Only that the connection closes tells its end (RFC 9112 section 6.3), so that an end and a loss look alike. */
  readonly endsByClosing: boolean;
  readonly #clock: Clock;
  /** So long the server was waited for: what comes as fast as it is taken is waited for hardly ever. */
  waitedMs = 0;

  constructor({ headers }: Pick<IncomingMessage, "headers">, clock: Clock) {
    const isMultipart = /^multipart\/x-mixed-replace\b/i.test(headers["content-type"] ?? "");
    this.hasRanges = [headers["accept-ranges"], headers["content-range"]].some((field) =>
      field?.startsWith("bytes")
    );
    // Cameras say a great one, for those who cannot do without.
    this.hasLength = headers["content-length"] !== undefined && !isMultipart;
    this.isStream = isMultipart ||
      (!this.hasLength && Object.keys(headers).some((name) => name.startsWith("icy-")));
    this.endsByClosing = !this.hasLength && headers["transfer-encoding"] === undefined;
    this.#clock = clock;
  }

  /** Hands on what comes; `silence` is to make that throw. */
  async *watched(body: AsyncIterable<Uint8Array>, silence: () => void): AsyncGenerator<Uint8Array> {
    const parts = body[Symbol.asyncIterator]();
    for (let part = await this.#next(parts, silence); part; part = await this.#next(parts, silence)) {
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
