/** Longest line in bytes that is kept; what is longer is no message of ours. */
const MAX_LINE_BYTES = 1 << 20;
const NEWLINE = 10;

/** Cuts a stream of bytes into the lines of text that are complete. */
export class LineSplitter {
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #tooLong = false;

  /** Takes the next bytes (they are copied where they must be kept) and returns the lines that they complete. */
  push(chunk: Uint8Array): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end));
      if (!this.#tooLong) lines.push(this.#text());
      this.#forget();
      start = end + 1;
    }
    if (start < chunk.length) this.#keep(chunk.slice(start));
    return lines;
  }

  #keep(part: Uint8Array): void {
    this.#bytes += part.length;
    this.#tooLong ||= this.#bytes > MAX_LINE_BYTES;
    if (this.#tooLong) this.#parts = [];
    else this.#parts.push(part);
  }

  #text(): string {
    const decoder = new TextDecoder();
    return this.#parts.map((part) => decoder.decode(part, { stream: true })).join("") + decoder.decode();
  }

  #forget(): void {
    this.#parts = [];
    this.#bytes = 0;
    this.#tooLong = false;
  }
}

/** The object that a line holds, or null: a library may write to the stream that control uses. */
export function readMessage<T extends object>(line: string): T | null {
  if (!line.startsWith("{")) return null;
  try {
    return JSON.parse(line) as T;
  } catch {
    return null;
  }
}

/** One message as a line of bytes. */
export function writeMessage(message: object): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${JSON.stringify(message)}\n`);
}
