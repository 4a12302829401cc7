import { Buffer } from "node:buffer";
import { AppError } from "../../base/mod.ts";

/** Header fields of one part have a few hundred bytes. */
const MAX_HEAD_BYTES = 4096;

/** The boundary of a multipart/form-data body (RFC 7578), null for bodies that are something else. */
export function boundaryOf(contentType: string | null): string | null {
  const type = contentType ?? "";
  if (!/^\s*multipart\/form-data\s*(;|$)/i.test(type)) return null;
  const match = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(type);
  if (match) return match[1] ?? match[2];
  throw malformed("its content type names no boundary");
}

/**
 * The bytes of the first file in a form, as they come; other fields are passed over, before and after it. Rejects with
 * body_malformed where there is no file. What comes is not kept: at most one chunk waits here.
 */
export async function openFilePart(
  body: ReadableStream<Uint8Array>,
  boundary: string,
): Promise<ReadableStream<Uint8Array>> {
  const form = new FormReader(body, boundary);
  while (await form.nextPart()) {
    if (isFile(await form.head())) return form.content();
  }
  throw malformed("the form has no file");
}

function isFile(head: string): boolean {
  const disposition = /^content-disposition:(.*)$/im.exec(head)?.[1] ?? "";
  return /;\s*filename\*?=/i.test(disposition) || /^content-type:\s*(audio|video)\//im.test(head);
}

/** Reads a form from its beginning to its end, part by part. */
class FormReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #delimiter: Buffer;
  /** What was read and not yet used. The first delimiter may stand without the line break before it. */
  #buffer: Buffer = Buffer.from("\r\n");

  constructor(body: ReadableStream<Uint8Array>, boundary: string) {
    this.#reader = body.getReader();
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, "latin1");
  }

  /** Goes behind the next delimiter; false where it was the last. */
  async nextPart(): Promise<boolean> {
    while (await this.#piece() !== null);
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

  /** What the part holds; the rest of the form is read after it and thrown away, so that the client can end. */
  content(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const piece = await this.#piece();
        if (piece) return controller.enqueue(new Uint8Array(piece));
        while (!(await this.#reader.read()).done);
        controller.close();
      },
      cancel: (reason) => this.#reader.cancel(reason),
    }, { highWaterMark: 0 });
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
      const { value } = await this.#reader.read();
      if (!value) throw malformed("the form ends before its last boundary");
      this.#buffer = this.#buffer.length === 0
        ? Buffer.from(value.buffer, value.byteOffset, value.length)
        : Buffer
          .concat([this.#buffer, value]);
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
