import { AppError } from "../../base/mod.ts";

/**
 * The text of a request's body, UTF-8. Refuses with body_too_large as soon as it is known to be longer than
 * `maxBytes`, without reading the rest; text that is not UTF-8 is body_malformed.
 */
export async function readBody(request: Request, maxBytes: number): Promise<string> {
  if (Number(request.headers.get("Content-Length") ?? 0) > maxBytes) throw tooLarge(maxBytes);
  if (request.body === null) return "";
  return decode(await readAtMost(request.body, maxBytes));
}

async function readAtMost(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    length += next.value.length;
    if (length > maxBytes) {
      // Not awaited: the peer may go on sending for as long as it likes.
      reader.cancel().catch(() => {});
      throw tooLarge(maxBytes);
    }
    chunks.push(next.value);
  }
  return join(chunks, length);
}

function join(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new AppError("body_malformed", "Cannot read the body: its bytes are not UTF-8, send text in UTF-8");
  }
}

function tooLarge(maxBytes: number): AppError {
  return new AppError(
    "body_too_large",
    `Cannot read the body: it is longer than the ${maxBytes} bytes allowed here, send less at once`,
  );
}
