/**
 * Every code an error of this server can have, once. A code is contract: clients match on it, OpenAPI lists it.
 * Doors translate codes into their own tongue (HTTP status, JSON-RPC number); nobody else knows those.
 */
export const errorCodes = {
  // What was sent
  body_malformed: "The body cannot be read",
  body_invalid: "The body does not match the schema",
  query_invalid: "A query parameter does not match the schema",
  header_invalid: "A request header cannot be read",
  body_stalled: "The body stopped coming",
  body_too_large: "The body is larger than this server accepts",
  media_invalid: "The body is no media that can be played",
  media_type_unsupported: "The content type is not supported here",
  method_not_allowed: "The method is not allowed on this resource",
  route_not_found: "There is no such path",
  cursor_invalid: "The cursor was not made by this server",
  sdp_invalid: "The session description cannot be read",
  sdp_unacceptable: "The session description cannot be answered",
  codec_mismatch: "The two sides share no codec",
  ice_fragment_invalid: "The ICE fragment cannot be read",
  candidate_invalid: "The ICE candidate cannot be read",
  // Who asks
  unauthorized: "A valid bearer token is needed",
  forbidden: "This peer may not use this resource",
  rate_limited: "Too many requests",
  // What it is about
  pipeline_not_found: "There is no such pipeline",
  element_not_found: "There is no such element",
  element_type_not_found: "There is no such element type",
  element_type_abstract: "An abstract element type cannot be created",
  element_type_planned: "This element type is described but not built yet",
  connection_not_found: "There is no such connection",
  operation_not_found: "The element has no such operation",
  operation_not_supported: "The operation is not supported here",
  property_not_found: "The element has no such property",
  property_read_only: "The property cannot be set",
  tag_not_found: "There is no such tag",
  session_not_found: "There is no such session",
  stream_not_found: "There is no such stream",
  event_type_not_found: "There is no such event type",
  module_not_found: "There is no such module",
  data_channel_not_found: "There is no such data channel",
  recording_not_found: "There is no such recording",
  // What stands in the way
  pipeline_name_taken: "Another pipeline has this name",
  element_name_taken: "Another element of the pipeline has this name",
  pipelines_differ: "The elements belong to different pipelines",
  pad_not_found: "The element has no such pad",
  link_format_mismatch: "The formats of source and sink do not fit",
  stream_not_live: "Nothing is published on this stream",
  endpoint_negotiated: "The endpoint is already negotiated",
  endpoint_not_negotiated: "The endpoint is not negotiated yet",
  offer_not_generated: "There is no offer that this answer could belong to",
  answer_processed: "The answer to this offer was taken already",
  object_kind_mismatch: "The object is of another kind than the request needs",
  value_unacceptable: "A value is well formed, and not acceptable here",
  not_built: "This part of the interface is described but not built yet",
  data_channel_failed: "The data channel cannot be opened now",
  hub_route_refused: "The hub cannot route media that way",
  media_kind_refused: "The element does not take this kind of media there",
  gathering_failed: "Candidates cannot be gathered",
  seek_failed: "The media cannot be played from that position",
  recording_active: "The recording is still being written",
  body_in_flight: "The endpoint is taking another body",
  range_unsatisfiable: "The file has no bytes in the range that was asked for",
  precondition_failed: "The resource has changed since",
  precondition_required: "The request must name the version it is about",
  idempotency_key_reused: "The idempotency key was used for another request",
  idempotency_key_in_flight: "A request with this idempotency key is being worked on",
  limit_reached: "A limit of this server is reached",
  unavailable: "The server cannot take this request now",
  // What went wrong on our side
  turn_deadline: "The pipeline did not finish the request in time",
  element_start_failed: "The element could not be started",
  internal: "The server failed",
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** One invalid field: an RFC 6901 JSON pointer into the body, and what is wrong there. */
export interface FieldError {
  pointer: string;
  detail: string;
}

/** An error for the caller. `message` says what was asked, what was found and what to do; `internal` is for the log. */
export class AppError extends Error {
  override name = "AppError";
  readonly code: ErrorCode;
  /** Every invalid field, where the code is about fields. */
  readonly fields: FieldError[];
  /** Whole seconds after which asking again makes sense. */
  readonly retryAfterSeconds?: number;
  readonly internal?: unknown;

  constructor(
    code: ErrorCode,
    message: string,
    extra: { fields?: FieldError[]; retryAfterSeconds?: number; internal?: unknown } = {},
  ) {
    super(message);
    this.code = code;
    this.fields = extra.fields ?? [];
    this.retryAfterSeconds = extra.retryAfterSeconds;
    this.internal = extra.internal;
  }
}

/** `error` itself when it is for the caller, else an `internal` one that hides it and keeps it for the log. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError("internal", "The server failed while working on the request; its log says why", {
    internal: error,
  });
}
