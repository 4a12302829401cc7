import type { IncomingMessage } from "node:http";
import type { Clock } from "../../../base/mod.ts";
import { CookieJar } from "./cookie_jar.ts";
import { FOLDER_HOST, openPage } from "./folder_pages.ts";
import { LocalDoor } from "./local_door.ts";
import { asFault, MediaFault } from "./media_fault.ts";
import { screened } from "./playlist_screen.ts";
import type { Resolve } from "./resolve.ts";
import { TlsInterior } from "./tls_interior.ts";
import { WebBody } from "./web_body.ts";
import { askFor, framed, headOf, isPacked, type PageRequest, passedOn, unpacked } from "./web_page.ts";

/** Request line and header fields of a request; FFmpeg's have a few hundred bytes. */
const MAX_HEAD_BYTES = 32_768;

/**
 * An answer that begins with a picture. FFmpeg would look at a second or a minute of it without finding out what it is: it is
 * told at once that this is nothing for it, and given it when it comes again and knows.
 */
interface HeldBack {
  page: IncomingMessage;
  parts: AsyncIterable<Uint8Array>;
}

/**
 * An HTTP proxy (RFC 9110 sections 7.6 and 9.3.6) for one source. All that FFmpeg's HTTP asks for while it reads a
 * source goes through it: redirections, the pieces and keys of playlists. So every host is looked at, and what was
 * looked at is what is connected to, whatever the name leads to a moment later. And the certificate of each server is
 * looked at, as of any that is spoken to by TLS.
 */
export class EgressGate {
  readonly #door: LocalDoor;
  readonly #resolve: Resolve;
  readonly #clock: Clock;
  readonly #folder: string | null;
  readonly #cookies = new CookieJar(() => this.#clock.now());
  #interior: TlsInterior | null = null;
  #isBegun = false;
  #heldBack: HeldBack | null = null;
  /** Why the last request was refused. */
  refusal: MediaFault | null = null;
  /** What was sent last, null for a file of the folder. */
  body: WebBody | null = null;

  /** `folder`: real path of the folder whose files are at `FOLDER_HOST`; null where there are none. */
  constructor(resolve: Resolve, clock: Clock, folder: string | null = null) {
    this.#resolve = resolve;
    this.#clock = clock;
    this.#folder = folder;
    this.#door = new LocalDoor((client) => this.#serve(client));
  }

  /** For FFmpeg's option http_proxy. */
  get url(): string {
    return `http://127.0.0.1:${this.#door.port}`;
  }

  close(): void {
    this.#door.close();
  }

  async #serve(client: Deno.TcpConn): Promise<void> {
    const head = await readHead(client);
    const target = head && targetOf(head.text);
    if (!target) return await answer(client, "400 Bad Request");
    if (this.#folder !== null && target.host === FOLDER_HOST) return await this.#sendFile(client, target);
    let address: string;
    try {
      address = await this.#resolve(target.host);
    } catch (error) {
      this.refusal = asFault(error);
      return await answer(client, "403 Forbidden");
    }
    if (!target.isTunnel) return await this.#sendPage(client, { ...target, address, isSecure: false });
    await answer(client, "200 Connection established");
    this.#interior ??= new TlsInterior(this.#door);
    const { inside, left } = await this.#interior.enter(client, head.rest);
    await this.#serveInside(inside, { ...target, address });
    inside.close();
    // What was said last is on its way to the client still.
    await left;
  }

  /** One request within a tunnel; the next one comes by a tunnel of its own. */
  async #serveInside(inside: Deno.Conn, tunnel: Target & { address: string }): Promise<void> {
    const head = await readHead(inside);
    const [, method, path] = /^([A-Z]+) (\S+) HTTP\/1\.[01]\r\n/.exec(head?.text ?? "") ?? [];
    if (!head || path === undefined) return await answer(inside, "400 Bad Request");
    const fields = passedOn(head.text.split("\r\n").slice(1));
    await this.#sendPage(inside, { ...tunnel, method, path, fields, isSecure: true });
  }

  async #sendPage(client: Deno.Conn, wish: PageRequest): Promise<void> {
    if (this.#heldBack) return await this.#sendHeldBack(client, this.#heldBack);
    const ended = new AbortController();
    const request = { close: () => ended.abort() };
    this.#door.keep(request);
    try {
      const fields = [...wish.fields, ...this.#cookies.fieldsFor(wish)];
      const page = await askFor({ ...wish, fields }, ended.signal);
      page.once("close", () => this.#door.forget(request));
      this.#cookies.keep(page.headers["set-cookie"] ?? [], wish);
      await this.#pass(client, page, wish.host);
    } catch (error) {
      this.#door.forget(request);
      const why = error instanceof Error ? error.message : String(error);
      const text = wish.isSecure ? "no TLS that can be trusted" : "it cannot be reached";
      this.refusal = new MediaFault(
        "RESOURCE_ERROR_OPEN",
        `Cannot play from "${wish.host}": ${text} (${why})`,
      );
      return await answer(client, "502 Bad Gateway");
    }
  }

  async #pass(client: Deno.Conn, page: IncomingMessage, host: string): Promise<void> {
    const fault = faultOf(page, host);
    try {
      if (fault === null) return await this.#passBody(client, page);
      this.refusal = fault;
      await answer(client, "502 Bad Gateway");
    } finally {
      if (this.#heldBack?.page !== page) page.destroy();
    }
  }

  async #passBody(client: Deno.Conn, page: IncomingMessage): Promise<void> {
    const silence = () => page.destroy(new Error("nothing comes any more"));
    const body = this.body = new WebBody(page, this.#clock);
    const bytes = isPacked(page) ? unpacked(page) : page;
    const parts = await begun(body.watched(bytes, silence)).catch(() => null);
    if (!parts) return await answer(client, "502 Bad Gateway");
    if (!this.#isFirst(page) || !body.isJpeg) {
      return await this.#send(client, bytesOf(headOf(page)), framed(page, screened(parts)));
    }
    this.#heldBack = { page, parts };
    await answer(client, "415 Unsupported Media Type");
  }

  /** Whether this is what the source is, and no piece of it nor a way to it. */
  #isFirst({ statusCode = 0 }: IncomingMessage): boolean {
    const isFirst = !this.#isBegun;
    this.#isBegun ||= statusCode >= 200 && statusCode < 300;
    return isFirst && this.#isBegun;
  }

  async #sendHeldBack(client: Deno.Conn, { page, parts }: HeldBack): Promise<void> {
    this.#heldBack = null;
    await this.#send(client, bytesOf(headOf(page)), framed(page, parts));
    page.destroy();
  }

  async #sendFile(client: Deno.Conn, { url, fields }: Target): Promise<void> {
    const { head, body } = await openPage(this.#folder!, url, fields);
    await this.#send(client, new TextEncoder().encode(head), screened(body));
  }

  /** The head goes first with the first part of the body that may pass. */
  async #send(client: Deno.Conn, head: Uint8Array, body: AsyncIterable<Uint8Array>): Promise<void> {
    let isBegun = false;
    try {
      for await (const part of body) {
        if (!isBegun) await writeAll(client, head);
        isBegun = true;
        await writeAll(client, part);
      }
    } catch (error) {
      if (error instanceof MediaFault) this.refusal = error;
      if (!isBegun) await answer(client, "403 Forbidden");
    }
  }
}

/** The same, once its first part has come. Rejects where none comes. */
async function begun(parts: AsyncGenerator<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const { done, value } = await parts.next();
  return async function* () {
    if (!done) yield value;
    yield* parts;
  }();
}

/** Why an answer is not passed on, if it is not. */
function faultOf(page: IncomingMessage, host: string): MediaFault | null {
  const { statusCode = 0, headers } = page;
  const coding = headers["content-encoding"] || "identity";
  // What cannot be unpacked cannot be looked at; and a part of what is packed is not that part of what was.
  const isPart = !/^(bytes 0-.*)?$/i.test(headers["content-range"] ?? "");
  if (coding.toLowerCase() !== "identity" && (isPart || !isPacked(page))) {
    const found = `it sends ${isPart ? "a part of " : ""}its body as ${coding}, which nobody has asked for`;
    return new MediaFault("RESOURCE_ERROR_OPEN", `Cannot play from "${host}": ${found}`);
  }
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(headers.location ?? "")?.[1];
  if (statusCode < 300 || statusCode >= 400 || scheme === undefined || /^https?$/i.test(scheme)) return null;
  return new MediaFault("INVALID_URI", `Cannot play from "${host}": it leads to ${scheme}:, and not to HTTP`);
}

interface Target {
  host: string;
  port: number;
  isTunnel: boolean;
  url: string;
  method: string;
  path: string;
  fields: string[];
}

/** Where a request for a proxy wants to go; null for what is none. */
function targetOf(head: string): Target | null {
  const [, method, place] = /^([A-Z]+) (\S+) HTTP\/1\.[01]\r\n/.exec(head) ?? [];
  const isTunnel = method === "CONNECT";
  const url = place === undefined ? null : URL.parse(isTunnel ? `https://${place}` : place);
  if (!url || (!isTunnel && url.protocol !== "http:")) return null;
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port || (isTunnel ? 443 : 80)),
    isTunnel,
    url: url.href,
    method,
    path: pathOf(place!),
    fields: passedOn(head.split("\r\n").slice(1)),
  };
}

/** As it was written: what is signed must not change. */
function pathOf(place: string): string {
  const path = place.replace(/^http:\/\/[^/?]*/i, "");
  return path.startsWith("/") ? path : `/${path}`;
}

async function readHead(client: Deno.Conn): Promise<{ text: string; rest: Uint8Array } | null> {
  const buffer = new Uint8Array(MAX_HEAD_BYTES);
  for (let length = 0; length < buffer.length;) {
    const count = await client.read(buffer.subarray(length));
    if (count === null) return null;
    length += count;
    const text = textOf(buffer.subarray(0, length));
    const end = text.indexOf("\r\n\r\n");
    if (end >= 0) return { text: text.slice(0, end + 4), rest: buffer.slice(end + 4, length) };
  }
  return null;
}

async function answer(client: Deno.Conn, status: string): Promise<void> {
  const length = status.startsWith("200") ? "" : "Content-Length: 0\r\n";
  await writeAll(client, bytesOf(`HTTP/1.1 ${status}\r\n${length}\r\n`));
}

/** One character per byte, so that what is no ASCII survives. */
const textOf = (bytes: Uint8Array) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
const bytesOf = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** A write may take less than all. */
async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}
