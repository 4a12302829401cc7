import { createHash } from "node:crypto";
import { AppError, type Clock } from "../../base/mod.ts";
import type { Commands } from "../../command/mod.ts";
import { problemOf, statusOf } from "../http/mod.ts";

/** Keys of all routes share one room, so that a key of one request cannot be taken for another. */
const SCOPE = "rest";
/** Headers that belong to the answer itself and not to its delivery. */
const keptHeaders = ["Content-Type", "Location", "ETag", "Link", "Retry-After"];

/** One request that carries an Idempotency-Key (draft-ietf-httpapi-idempotency-key-header). */
export interface KeyedRequest {
  /** 1–255 visible ASCII characters. */
  key: string;
  method: string;
  /** Path and query. */
  target: string;
  body: string;
  requestId: string;
}

/**
 * Runs `answer` once per key: a repetition gets the first answer again, with `Idempotent-Replayed: true`.
 * Answers of 500 and above are forgotten, because trying again is what the key is for.
 */
export async function answerOnce(
  rows: Commands["idempotency"],
  clock: Clock,
  request: KeyedRequest,
  answer: () => Promise<Response>,
): Promise<Response> {
  requireKey(request.key);
  const known = rows.begin(request.key, SCOPE, fingerprintOf(request), clock.now());
  switch (known.state) {
    case "differs":
      throw refusal("idempotency_key_reused", request, "it was used for another request, choose a new key");
    case "inFlight":
      throw refusal(
        "idempotency_key_in_flight",
        request,
        "its first request is being worked on, ask again later",
      );
    case "done":
      return new Response(known.body === "" ? null : known.body, {
        status: known.status,
        headers: { ...known.headers, "Idempotent-Replayed": "true" },
      });
    case "new":
      return await answerAndKeep(rows, request, answer);
  }
}

async function answerAndKeep(
  rows: Commands["idempotency"],
  request: KeyedRequest,
  answer: () => Promise<Response>,
): Promise<Response> {
  try {
    const response = await answer().catch((error) => problemOf(error, request.requestId));
    if (response.status >= 500) rows.abandon(request.key, SCOPE);
    else rows.finish(request.key, SCOPE, await stored(response));
    return response;
  } catch (error) {
    rows.abandon(request.key, SCOPE);
    throw error;
  }
}

async function stored(response: Response) {
  const headers: Record<string, string> = {};
  for (const name of keptHeaders) {
    const value = response.headers.get(name);
    if (value !== null) headers[name] = value;
  }
  return { status: response.status, headers, body: await response.clone().text() };
}

function fingerprintOf(request: KeyedRequest): string {
  return createHash("sha256").update(`${request.method} ${request.target}\n${request.body}`).digest("hex");
}

function requireKey(key: string): void {
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return;
  throw new AppError(
    "header_invalid",
    "Cannot read Idempotency-Key: it is not 1 to 255 visible ASCII characters, send a UUID for instance",
  );
}

function refusal(
  code: "idempotency_key_reused" | "idempotency_key_in_flight",
  request: KeyedRequest,
  why: string,
) {
  const retryAfterSeconds = statusOf(code) === 409 ? 1 : undefined;
  return new AppError(code, `Cannot use Idempotency-Key "${request.key}": ${why}`, { retryAfterSeconds });
}
