import { request as httpRequest } from "node:http";
import type { IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect, isIP } from "node:net";
import { pipeline } from "node:stream";
import { connect as connectTls } from "node:tls";
import { createUnzip } from "node:zlib";
import { leniently, MAX_HEAD_BYTES } from "./answer_head.ts";

/** A request that somebody else made, and where it is to go. */
export interface PageRequest {
  isSecure: boolean;
  host: string;
  /** Of the host, as it was looked at. */
  address: string;
  port: number;
  method: string;
  /** As it was written: what is signed must not change. */
  path: string;
  /** Lines of the head. */
  fields: string[];
}

/** Sends it; resolves with the answer as it begins. Rejects where there is none, or where the server is not who it says. */
export function askFor(wish: PageRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const { isSecure, host, address, port, method, path, fields } = wish;
  const headers = Object.fromEntries(fields.map((field) => [nameOf(field), valueOf(field)]));
  const family = address.includes(":") ? 6 : 4;
  const lookup = (_host: string, { all }: { all?: boolean }, done: LookupDone) =>
    all ? done(null, [{ address, family }]) : done(null, address, family);
  const place = { host, port, lookup };
  const createConnection = () =>
    leniently(isSecure ? connectTls({ ...place, servername: isIP(host) ? "" : host }) : connect(place));
  const options = { host, port, method, path, headers, createConnection, signal };
  return new Promise((resolve, reject) => {
    const open = isSecure ? httpsRequest : httpRequest;
    // No other answer comes by this connection, which a lenient reader could confuse with this one.
    open({ ...options, insecureHTTPParser: true, maxHeaderSize: MAX_HEAD_BYTES }, resolve).on("error", reject)
      .end();
  });
}

/** Fields of a head that are of one connection only (RFC 9110 section 7.6.1), as these two are not the same. */
const ownFields = /^(connection|keep-alive|proxy-[a-z-]*|te|trailer|transfer-encoding|upgrade)$/;
/** FFmpeg keeps cookies by what it takes for a path, and to a proxy that is a whole URL: they are kept for it. */
const keptFields = /^set-cookie$/;
/** True of a body as it was coded. */
const codedFields = /^(content-encoding|content-length|content-range|accept-ranges)$/;

/** What FFmpeg unpacks too, although it has not asked for it: files that lie there packed are sent as they are. */
export const isPacked = ({ headers }: Pick<IncomingMessage, "headers">): boolean =>
  /^(x-)?(gzip|deflate)$/i.test(headers["content-encoding"] ?? "");

/** The body of a packed answer as it was before; the answer does not say any more that it is packed. */
export function unpacked(page: IncomingMessage): AsyncIterable<Uint8Array> {
  for (const name of Object.keys(page.headers)) if (codedFields.test(name)) delete page.headers[name];
  page.rawHeaders = page.rawHeaders.filter((_, at, all) => !codedFields.test(all[at & ~1].toLowerCase()));
  if (page.statusCode === 206) page.statusCode = 200;
  return pipeline(page, createUnzip(), () => {});
}

/** The head of an answer as it is passed on; its body is to go as `framed` makes it. */
export function headOf(page: IncomingMessage): string {
  const { statusCode, statusMessage, rawHeaders } = page;
  const lines: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at].toLowerCase();
    if (!ownFields.test(name) && !keptFields.test(name)) {
      lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
    }
  }
  lines.push(hasLength(page) ? "Connection: close" : "Transfer-Encoding: chunked");
  return [`HTTP/1.1 ${statusCode} ${statusMessage ?? ""}`, ...lines, "", ""].join("\r\n");
}

/**
 * The body of an answer as it is passed on. Where no length is said it goes in chunks (RFC 9112 section 7.1): FFmpeg takes
 * an end that is a mere close for a fault.
 */
export const framed = (page: IncomingMessage, body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> =>
  hasLength(page) ? body : inChunks(body);

const hasLength = ({ headers }: IncomingMessage) => headers["content-length"] !== undefined;

/**
 * A body that breaks off ends within a chunk. FFmpeg takes a close between two chunks for the end, and one within a chunk
 * too where the head has said that the connection closes.
 */
async function* inChunks(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let isBegun = false;
  try {
    for await (const part of body) {
      // A chunk of nothing would be the last one.
      if (part.length === 0) continue;
      isBegun = true;
      yield chunkOf(part);
    }
  } catch (error) {
    if (isBegun) yield asciiOf("1\r\n");
    throw error;
  }
  yield asciiOf("0\r\n\r\n");
}

function chunkOf(part: Uint8Array): Uint8Array {
  const size = asciiOf(`${part.length.toString(16)}\r\n`);
  const chunk = new Uint8Array(size.length + part.length + 2);
  chunk.set(size);
  chunk.set(part, size.length);
  chunk.set(asciiOf("\r\n"), size.length + part.length);
  return chunk;
}

const asciiOf = (text: string) => new TextEncoder().encode(text);

/** Fields of a request that go on. */
export const passedOn = (fields: string[]): string[] =>
  fields.filter((field) => field.includes(":") && !ownFields.test(nameOf(field)));

const nameOf = (field: string) => field.slice(0, field.indexOf(":")).trim().toLowerCase();
const valueOf = (field: string) => field.slice(field.indexOf(":") + 1).trim();

type LookupDone = (
  error: null,
  address: string | { address: string; family: number }[],
  family?: number,
) => void;
