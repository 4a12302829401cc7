import type { Context } from "hono";
import { type AppError, createLog, type ErrorCode, errorCodes, toAppError } from "../../base/mod.ts";
import { RangeRefusal } from "./byte_range.ts";
import { MethodRefusal } from "./path.ts";
import type { ServerEnv } from "./server_env.ts";

const log = createLog("http");

/** HTTP status of every code (RFC 9110 section 15; 428 and 429 of RFC 6585). */
const statuses: Readonly<Record<ErrorCode, number>> = {
  body_malformed: 400,
  body_invalid: 422,
  query_invalid: 400,
  header_invalid: 400,
  body_stalled: 408,
  body_too_large: 413,
  media_invalid: 422,
  media_type_unsupported: 415,
  method_not_allowed: 405,
  route_not_found: 404,
  cursor_invalid: 400,
  sdp_invalid: 400,
  sdp_unacceptable: 422,
  codec_mismatch: 422,
  ice_fragment_invalid: 400,
  candidate_invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  rate_limited: 429,
  pipeline_not_found: 404,
  element_not_found: 404,
  element_type_not_found: 404,
  element_type_abstract: 422,
  element_type_planned: 501,
  connection_not_found: 404,
  operation_not_found: 404,
  operation_not_supported: 422,
  property_not_found: 422,
  property_read_only: 422,
  tag_not_found: 404,
  session_not_found: 404,
  stream_not_found: 404,
  event_type_not_found: 400,
  module_not_found: 404,
  data_channel_not_found: 404,
  recording_not_found: 404,
  pipeline_name_taken: 409,
  element_name_taken: 409,
  pipelines_differ: 422,
  pad_not_found: 422,
  link_format_mismatch: 422,
  stream_not_live: 409,
  endpoint_negotiated: 409,
  endpoint_not_negotiated: 409,
  offer_not_generated: 409,
  answer_processed: 422,
  object_kind_mismatch: 422,
  value_unacceptable: 422,
  not_built: 501,
  data_channel_failed: 409,
  hub_route_refused: 422,
  media_kind_refused: 422,
  gathering_failed: 502,
  seek_failed: 409,
  recording_active: 409,
  body_in_flight: 409,
  range_unsatisfiable: 416,
  precondition_failed: 412,
  precondition_required: 428,
  idempotency_key_reused: 422,
  idempotency_key_in_flight: 409,
  limit_reached: 503,
  unavailable: 503,
  turn_deadline: 504,
  element_start_failed: 502,
  internal: 500,
};

/** The HTTP status a code is told with, 400–599. */
export function statusOf(code: ErrorCode): number {
  return statuses[code];
}

/**
 * The response that tells of `error`, as `application/problem+json` (RFC 9457). What is not an AppError becomes a
 * bare 500: its cause is logged under the request id and never leaves the house.
 */
export function problemOf(error: unknown, requestId: string): Response {
  const known = toAppError(error);
  const status = statusOf(known.code);
  // 501 is no failure: somebody asked for what is described and not built yet.
  if (status >= 500 && status !== 501) logFailure(known, requestId);
  const headers = new Headers({ "Content-Type": "application/problem+json", "X-Request-Id": requestId });
  if (known.retryAfterSeconds !== undefined) headers.set("Retry-After", String(known.retryAfterSeconds));
  if (known instanceof MethodRefusal) headers.set("Allow", known.methods.join(", "));
  if (known instanceof RangeRefusal) headers.set("Content-Range", `bytes */${known.sizeBytes}`);
  if (known.code === "unauthorized") headers.set("WWW-Authenticate", "Bearer");
  return new Response(JSON.stringify(problemBody(known, status, requestId)), { status, headers });
}

/** Takes the errors of an app's handlers; for `app.onError`. */
export function answerError(error: Error, c: Context<ServerEnv>): Response {
  return problemOf(error, c.get("requestId") ?? "unknown");
}

function problemBody(error: AppError, status: number, requestId: string): Record<string, unknown> {
  return {
    type: `/docs#error-${error.code}`,
    title: errorCodes[error.code],
    status,
    detail: error.message,
    instance: `urn:kaskado:request:${requestId}`,
    code: error.code,
    ...(error.fields.length > 0 && { errors: error.fields }),
  };
}

function logFailure(error: AppError, requestId: string): void {
  const cause = error.internal ?? error.message;
  if (error.code === "internal") log.error("a request failed", { requestId, cause });
  else log.warn("a request could not be served", { requestId, code: error.code, cause });
}
