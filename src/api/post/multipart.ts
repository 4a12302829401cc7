import { Buffer } from "node:buffer";
import { AppError, type Clock, type Timer } from "../../base/mod.ts";

/** Header fields of one part have a few hundred bytes. */
const MAX_HEAD_BYTES = 4096;
/** Nothing came for so long, and the file has not begun: whoever sends is gone. */
const SILENCE_LIMIT_MS = 15_000;

/** The boundary of a multipart/form-data body (RFC 7578), null for bodies that are something else. */
export function boundaryOf(contentType: string | null): string | null {
  const type = contentType ?? "";
  if (!/^\s*multipart\/form-data\s*(;|$)/i.test(type)) return null;
  const match = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(type);
  if (match) return match[1] ?? match[2];
  throw malformed("its content type names no boundary");
}

/**
 * The bytes of the first file in a form that may be media, as they come; what stands before and after it is passed over:
 * other fields, files that the page's user has not chosen (no name or no bytes), and text and JSON that came as a file.
 * Rejects with body_malformed where there is none or the client leaves, with body_stalled where it falls silent before
 * it. What comes is not kept: at most two chunks wait here.
 */
export async function openFilePart(
  body: ReadableStream<Uint8Array>,
  boundary: string,
  clock: Clock,
): Promise<ReadableStream<Uint8Array>> {
  const form = new FormReader(body, boundary, clock);
  try {
    while (await form.nextPart()) {
      if (!isFile(await form.head())) continue;
      const media = await form.content();
      if (media) return media;
    }
  } catch (error) {
    form.leave();
    throw error;
  }
  throw malformed("the form has no file, or none that may be media");
}

function isFile(head: string): boolean {
  const type = /^content-type:\s*([^\s;]*)/im.exec(head)?.[1].toLowerCase() ?? "";
  if (/^(text\/|application\/json$)/.test(type)) return false;
  const disposition = /^content-disposition:(.*)$/im.exec(head)?.[1] ?? "";
  const name = /;\s*filename(?:\*=[^';]*'[^';]*'|=)([^;]*)/i.exec(disposition)?.[1].trim();
  return name === undefined ? /^(audio|video)\//.test(type) : name !== "" && name !== '""';
}

/** Reads a form from its beginning to its end, part by part. */
class FormReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #delimiter: Buffer;
  /** What was read and not yet used. The first delimiter may stand without the line break before it. */
  #buffer: Buffer = Buffer.from("\r\n");
  /** The part that was looked at had no bytes, so that the delimiter after it is behind us. */
  #isPassed = false;
  /** Where the silence of the client counts: before the file, as who reads that counts its own. */
  #clock: Clock | null;

  constructor(body: ReadableStream<Uint8Array>, boundary: string, clock: Clock) {
    this.#reader = body.getReader();
    this.#clock = clock;
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, "latin1");
  }

  /** Goes behind the next delimiter; false where it was the last. */
  async nextPart(): Promise<boolean> {
    while (!this.#isPassed && await this.#piece() !== null);
    this.#isPassed = false;
    // "--" ends the form; white space may stand before the end of the line.
    await this.#atLeast(2);
    return this.#buffer.subarray(0, 2).toString("latin1") !== "--";
  }

  /** The header fields of the part. */
  async head(): Promise<string> {
    for (;;) {
      const end = this.#buffer.indexOf("\r\n\r\n");
      if (end >= 0) return this.#cut(end + 4).toString("latin1");
      if (this.#buffer.length > MAX_HEAD_BYTES) throw malformed("a part's header has no end");
      await this.#atLeast(this.#buffer.length + 1);
    }
  }

  /**
   * What the part holds, null for nothing; the rest of the form is read after it and thrown away, so that the client can
   * end.
   */
  async content(): Promise<ReadableStream<Uint8Array> | null> {
    let first = await this.#piece();
    this.#isPassed = first === null;
    if (!first) return null;
    this.#clock = null;
    return new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const piece = first ?? await this.#piece();
        first = null;
        if (piece) return controller.enqueue(new Uint8Array(piece));
        while (!(await this.#reader.read()).done);
        controller.close();
      },
      cancel: (reason) => this.#reader.cancel(reason),
    }, { highWaterMark: 0 });
  }

  /** Nothing more is wanted. */
  leave(): void {
    this.#reader.cancel().catch(() => {});
  }

  /** The next bytes before the delimiter, at least one; null when it is reached, and then it is behind us. */
  async #piece(): Promise<Buffer | null> {
    for (;;) {
      const at = this.#buffer.indexOf(this.#delimiter);
      if (at > 0) return this.#cut(at);
      if (at === 0) {
        this.#cut(this.#delimiter.length);
        return null;
      }
      // What may be the beginning of a delimiter waits for what follows.
      const sure = this.#buffer.length - this.#delimiter.length + 1;
      if (sure > 0) return this.#cut(sure);
      await this.#atLeast(this.#delimiter.length);
    }
  }

  #cut(length: number): Buffer {
    const cut = this.#buffer.subarray(0, length);
    this.#buffer = this.#buffer.subarray(length);
    return cut;
  }

  async #atLeast(length: number): Promise<void> {
    while (this.#buffer.length < length) {
      const value = await this.#read();
      if (!value) throw malformed("the form ends before its last boundary");
      this.#buffer = this.#buffer.length === 0
        ? Buffer.from(value.buffer, value.byteOffset, value.length)
        : Buffer
          .concat([this.#buffer, value]);
    }
  }

  /** Undefined at the end. */
  async #read(): Promise<Uint8Array | undefined> {
    let timer: Timer | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = this.#clock?.after(SILENCE_LIMIT_MS, () => reject(stalled()));
    });
    try {
      const read = this.#reader.read().catch(() => {
        throw malformed("its client went away before the form's end");
      });
      return (await Promise.race([read, silence])).value;
    } finally {
      timer?.cancel();
    }
  }
}

function malformed(found: string): AppError {
  return new AppError(
    "body_malformed",
    `Cannot read the form: ${found} vs a file as RFC 7578 has it, send the media as a file of the form or as the body ` +
      "itself",
  );
}

function stalled(): AppError {
  return new AppError(
    "body_stalled",
    `Cannot read the form: nothing came for ${SILENCE_LIMIT_MS / 1000} s vs a file, send it again`,
  );
}
