import type { Socket } from "node:net";

/** Longer than that is no head. */
export const MAX_HEAD_BYTES = 65_536;
/** So an answer begins: that of HTTP, and that of Shoutcast, which says "ICY" in the place of a version. */
const BEGINNINGS = ["HTTP/", "ICY "];
/** Names of fields (RFC 9110 section 5.1). */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * Lets a strict reader of HTTP take the answers of the web servers of radios and cameras, which FFmpeg takes: what the
 * socket reads is the same but for the head.
 */
export function leniently<S extends Socket>(socket: S): S {
  const head = new AnswerHead();
  const push = socket.push.bind(socket);
  socket.push = (bytes: Uint8Array | null, encoding?: BufferEncoding) => {
    const passed = bytes === null ? head.end() : head.pass(bytes);
    const hasRoom = passed.length > 0 ? push(passed, encoding) : true;
    return bytes === null ? push(null) : hasRoom;
  };
  return socket;
}

/** The bytes of one answer, its head put right. */
class AnswerHead {
  /** Null behind the head. */
  #held: Uint8Array | null = new Uint8Array();

  /** What can be read on after these; nothing as long as the head is not whole. */
  pass(bytes: Uint8Array): Uint8Array {
    if (this.#held === null) return bytes;
    this.#held = joined(this.#held, bytes);
    const text = textOf(this.#held);
    const end = /\r?\n\r?\n/.exec(text);
    if (!end) return isHeadSoFar(text) ? new Uint8Array() : this.end();
    const head = strictHead(text.slice(0, end.index));
    const rest = this.#held.slice(end.index + end[0].length);
    // An interim answer; nobody has asked for one.
    this.#held = /^HTTP\/1\.\d 1/.test(head) ? new Uint8Array() : null;
    return this.#held ? this.pass(rest) : joined(bytesOf(head), rest);
  }

  /** What is left, as it came. */
  end(): Uint8Array {
    const held = this.#held ?? new Uint8Array();
    this.#held = null;
    return held;
  }
}

const isHeadSoFar = (text: string) =>
  text.length < MAX_HEAD_BYTES &&
  BEGINNINGS.some((beginning) => text.startsWith(beginning.slice(0, text.length)));

/** A head, without the empty line behind it, as RFC 9112 wants it. */
export function strictHead(text: string): string {
  // A line that begins with a space goes on with the one before (section 5.2).
  const [first, ...lines] = text.replace(/\r?\n[ \t]+/g, " ").split(/\r?\n/);
  const fields = lines.map(fieldOf).filter((field) => field !== null);
  return [
    statusLine(first),
    ...icyFieldOf(first),
    ...framedBy(fields).map((field) => field.join(": ")),
    "",
    "",
  ]
    .join("\r\n");
}

function statusLine(line: string): string {
  const [, version, status] = /^(ICY|HTTP\/\d+\.\d+) +(\d{3}\b.*)$/.exec(line) ?? [];
  if (version === undefined) return line;
  return `HTTP/${/^(ICY|HTTP\/1\.0)$/.test(version) ? "1.0" : "1.1"} ${withoutControls(status)}`;
}

/** Other radios tell by a field what they are. */
const icyFieldOf = (line: string) => line.startsWith("ICY ") ? ["icy-protocol: ICY"] : [];

type Field = [name: string, value: string];

/** Null for what is no field. */
function fieldOf(line: string): Field | null {
  const colon = line.indexOf(":");
  const name = line.slice(0, Math.max(colon, 0)).trim();
  return NAME.test(name) ? [name, withoutControls(line.slice(colon + 1)).trim()] : null;
}

// deno-lint-ignore no-control-regex
const withoutControls = (text: string) => text.replace(/[\x00-\x1f\x7f]/g, " ");

/** One field at most says where the body ends (RFC 9112 section 6.3). */
function framedBy(fields: Field[]): Field[] {
  const codings = fields.filter(([name]) => /^transfer-encoding$/i.test(name));
  const isChunked = codings.some(([, value]) => /\bchunked\b/i.test(value));
  const length = fields.find(([name, value]) => /^content-length$/i.test(name) && /^\d{1,15}$/.test(value));
  const others = fields.filter(([name]) => !/^(transfer-encoding|content-length)$/i.test(name));
  if (isChunked) return [...others, ["Transfer-Encoding", "chunked"]];
  return length ? [...others, length] : others;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}

/** One character per byte. */
const textOf = (bytes: Uint8Array) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
const bytesOf = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
