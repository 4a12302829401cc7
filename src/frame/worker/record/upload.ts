import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Clock, Timer } from "../../../base/mod.ts";
import type { S3Credentials } from "../../types.ts";
import { percentDecoded } from "../percent_decoded.ts";
import { RecordFault } from "./record_fault.ts";
import { signedHeaders } from "./s3_signature.ts";
import type { UploadPlace } from "./upload_target.ts";

/** Of playlists; other files have the type of their profile. */
export const PLAYLIST_TYPE = "application/vnd.apple.mpegurl";

/** Waits before what the network or the server refused for the moment is tried again. */
const RETRY_DELAYS_MS = [500, 1500, 4000];
/** A server that wants to be left alone for longer gets the recording later, with what else waits. */
const MAX_RETRY_AFTER_MS = 60_000;
/** Nothing moves for so long: the connection is dead. */
const SILENCE_LIMIT_MS = 30_000;
/** What the signature in a URL that was signed beforehand is called, by S3 (versions 4 and 2), Google and Azure. */
const SIGNATURE = /^((x-amz-|x-goog-)?signature|sig)$/i;

export interface UploadOptions {
  path: string;
  place: UploadPlace;
  contentType: string;
  /** Sign for an S3-compatible store, where the URL says nothing of its own about access. */
  credentials: S3Credentials | null;
  clock: Clock;
  /** Bytes that have left, now and then. */
  progress(done: number, total: number): void;
}

/**
 * Sends a finished file by PUT, to the address that was looked at: a redirection is no success. Tries again where that
 * may help. Throws RecordFault; the file stays in any case.
 */
export async function upload(options: UploadOptions): Promise<void> {
  for (let attempt = 0;; attempt++) {
    const outcome = await put(options).catch((error: Error) => ({ ...noAnswer, text: error.message }));
    if (outcome.status >= 200 && outcome.status < 300) return;
    if (!mayHelpLater(outcome) || attempt >= RETRY_DELAYS_MS.length) {
      const why = outcome.status === 0 ? outcome.text : `the server answered ${outcome.status}`;
      const { url } = options.place;
      const kept = `the recording is kept in ${options.path} and is sent later`;
      throw new RecordFault(
        "RESOURCE_ERROR_WRITE",
        `Cannot put the recording to ${url.host}: ${why}, ${kept}`,
      );
    }
    const delayMs = Math.max(RETRY_DELAYS_MS[attempt], outcome.retryAfterMs);
    await new Promise<void>((resolve) => options.clock.after(delayMs, resolve));
  }
}

/** What came of a request; the status is 0 where there was no answer, and `text` says why. */
interface Outcome {
  status: number;
  text: string;
  /** So long the server wants to be left alone. */
  retryAfterMs: number;
}

const noAnswer: Outcome = { status: 0, text: "", retryAfterMs: 0 };

/** Whether the same may be taken in a moment. */
function mayHelpLater({ status, text, retryAfterMs }: Outcome): boolean {
  if (status === 0) return !/certificate/i.test(text);
  return (status === 408 || status === 429 || status >= 500) && retryAfterMs <= MAX_RETRY_AFTER_MS;
}

/** Seconds, or a date (RFC 9110 section 10.2.3). */
function readRetryAfter(field: string | undefined, nowMs: number): number {
  if (field === undefined) return 0;
  const ms = /^\s*\d+\s*$/.test(field) ? Number(field) * 1000 : Date.parse(field) - nowMs;
  return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}

async function put(options: UploadOptions): Promise<Outcome> {
  const { path, place } = options;
  const { size } = await Deno.stat(path);
  const headers = await headersOf(options, size);
  const silence = new SilenceLimit(options.clock);
  return await new Promise<Outcome>((resolve, reject) => {
    const { url, address, family } = place;
    const open = url.protocol === "https:" ? httpsRequest : httpRequest;
    const request = open({
      protocol: url.protocol,
      hostname: url.hostname.replace(/^\[(.*)\]$/, "$1"),
      port: url.port || undefined,
      path: `${url.pathname}${url.search}`,
      method: "PUT",
      headers,
      agent: false,
      // The name may have another address by now.
      lookup: (_host: string, wish: { all?: boolean }, done: LookupDone) =>
        wish.all ? done(null, [{ address, family }]) : done(null, address, family),
    }, (response) => {
      response.resume();
      const retryAfterMs = readRetryAfter(response.headers["retry-after"], options.clock.now());
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text: "", retryAfterMs }));
      response.on("error", reject);
    });
    silence.start(() => request.destroy(new Error(`nothing moved for ${SILENCE_LIMIT_MS / 1000} s`)));
    request.on("error", reject);
    let done = 0;
    const file = createReadStream(path, { end: Math.max(0, size - 1) });
    file.on("error", (error) => request.destroy(error));
    file.on("data", (chunk) => {
      silence.broken();
      options.progress(done += chunk.length, size);
    });
    file.pipe(request);
  }).finally(() => silence.end());
}

/** Ends what has stopped moving. */
class SilenceLimit {
  readonly #clock: Clock;
  #timer: Timer | null = null;
  #ended: () => void = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  start(ended: () => void): void {
    this.#ended = ended;
    this.broken();
  }

  /** Something moves. */
  broken(): void {
    this.end();
    this.#timer = this.#clock.after(SILENCE_LIMIT_MS, this.#ended);
  }

  end(): void {
    this.#timer?.cancel();
  }
}

type LookupDone = (
  error: null,
  address: string | { address: string; family: number }[],
  family?: number,
) => void;

async function headersOf(
  { path, place: { url }, contentType, credentials, clock }: UploadOptions,
  size: number,
): Promise<Record<string, string>> {
  const plain = { "content-type": contentType, "content-length": String(size) };
  if (credentials && !hasOwnAccess(url)) {
    const bodyHash = await fileHash(path);
    return signedHeaders({ method: "PUT", url, headers: plain, bodyHash, nowMs: clock.now() }, credentials);
  }
  if (url.username === "" && url.password === "") return plain;
  const user = `${percentDecoded(url.username)}:${percentDecoded(url.password)}`;
  const bytes = new TextEncoder().encode(user);
  return { ...plain, authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` };
}

/** With a user, or signed beforehand: a second way to show who it is would be refused, or hide the first. */
function hasOwnAccess({ username, password, searchParams }: URL): boolean {
  return username !== "" || password !== "" || [...searchParams.keys()].some((name) => SIGNATURE.test(name));
}

async function fileHash(path: string): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  const chunk = new Uint8Array(1 << 18);
  for (let count = await file.read(chunk); count !== null; count = await file.read(chunk)) {
    hash.update(chunk.subarray(0, count));
  }
  return hash.digest("hex");
}
