import { FOLDER_HOST, sendFile, writeAll } from "./folder_pages.ts";
import { asFault, type MediaFault } from "./media_fault.ts";
import { LocalDoor } from "./local_door.ts";
import type { Resolve } from "./resolve.ts";

/** Request line and header fields of a request; FFmpeg's have a few hundred bytes. */
const MAX_HEAD_BYTES = 32_768;

/**
 * An HTTP proxy (RFC 9110 sections 7.6 and 9.3.6) for one source. All that FFmpeg's HTTP asks for while it reads a
 * source goes through it: redirections, the pieces and keys of playlists. So every host is looked at, and what was
 * looked at is what is connected to, whatever the name leads to a moment later.
 */
export class EgressGate {
  readonly #door: LocalDoor;
  readonly #resolve: Resolve;
  readonly #folder: string | null;
  /** Why the last request was refused. */
  refusal: MediaFault | null = null;

  /** `folder`: real path of the folder whose files are at `FOLDER_HOST`; null where there are none. */
  constructor(resolve: Resolve, folder: string | null = null) {
    this.#resolve = resolve;
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
    if (this.#folder !== null && target.host === FOLDER_HOST) {
      return await sendFile(client, this.#folder, target.url, head.text.split("\r\n"));
    }
    let address: string;
    try {
      address = await this.#resolve(target.host);
    } catch (error) {
      this.refusal = asFault(error);
      return await answer(client, "403 Forbidden");
    }
    const server = await this.#door.connect(address, target.port).catch(() => null);
    if (!server) return await answer(client, "502 Bad Gateway");
    if (target.isTunnel) await answer(client, "200 Connection established");
    else await writeAll(server, bytesOf(target.head));
    await writeAll(server, head.rest);
    await this.#door.join(client, server);
  }
}

interface Target {
  host: string;
  port: number;
  isTunnel: boolean;
  url: string;
  /** What the server is sent instead of the head that came. */
  head: string;
}

/** Where a request for a proxy wants to go; null for what is none. */
function targetOf(head: string): Target | null {
  const [, method, place, version] = /^([A-Z]+) (\S+) (HTTP\/1\.[01])\r\n/.exec(head) ?? [];
  const isTunnel = method === "CONNECT";
  const url = place === undefined ? null : URL.parse(isTunnel ? `https://${place}` : place);
  if (!url || (!isTunnel && url.protocol !== "http:")) return null;
  const fields = head.split("\r\n").slice(1).filter((line) => !/^(proxy-|connection:)/i.test(line));
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port || (isTunnel ? 443 : 80)),
    isTunnel,
    url: url.href,
    // One request per connection: the next one may be for another host.
    head: [`${method} ${pathOf(place!)} ${version}`, "Connection: close", ...fields].join("\r\n"),
  };
}

/** As it was written: what is signed must not change. */
function pathOf(place: string): string {
  const path = place.replace(/^http:\/\/[^/?]*/i, "");
  return path.startsWith("/") ? path : `/${path}`;
}

async function readHead(client: Deno.TcpConn): Promise<{ text: string; rest: Uint8Array } | null> {
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

async function answer(client: Deno.TcpConn, status: string): Promise<void> {
  const length = status.startsWith("200") ? "" : "Content-Length: 0\r\n";
  await writeAll(client, bytesOf(`HTTP/1.1 ${status}\r\n${length}\r\n`));
}

/** One character per byte, so that what is no ASCII survives. */
const textOf = (bytes: Uint8Array) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
const bytesOf = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
