import { request as httpRequest } from "node:http";
import type { IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";

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
  return new Promise((resolve, reject) => {
    const open = isSecure ? httpsRequest : httpRequest;
    const options = { hostname: host, port, method, path, headers, agent: false, lookup, signal };
    open(options, resolve).on("error", reject).end();
  });
}

/** Fields of a head that are of one connection only (RFC 9110 section 7.6.1), as these two are not the same. */
const ownFields = /^(connection|keep-alive|proxy-[a-z-]*|te|trailer|transfer-encoding|upgrade)$/;

/** The head of an answer as it is passed on; what follows ends with the connection, where no length is said. */
export function headOf({ statusCode, statusMessage, rawHeaders }: IncomingMessage): string {
  const lines: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (!ownFields.test(rawHeaders[at].toLowerCase())) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
  }
  return [`HTTP/1.1 ${statusCode} ${statusMessage ?? ""}`, ...lines, "Connection: close", "", ""].join(
    "\r\n",
  );
}

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
