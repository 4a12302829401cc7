import { type AppError, createLog, type ErrorCode, toAppError } from "../../base/mod.ts";
import { RpcError } from "./rpc_error.ts";

const log = createLog("kurento");

/** Number and name of a refusal; `message` where clients know a sentence of Kurento's, else the house's own is told. */
interface Row {
  code: number;
  type: string;
  message?: string;
}

const row = (code: number, type: string, message?: string): Row => ({ code, type, message });
const unexpected = row(40003, "UNEXPECTED_ERROR");
const marshalling = row(40001, "MARSHALL_ERROR");
const connecting = row(40004, "CONNECT_ERROR");
const resources = row(40009, "NOT_ENOUGH_RESOURCES");
const object = row(40101, "MEDIA_OBJECT_NOT_FOUND");
const illegal = row(40107, "MEDIA_OBJECT_ILLEGAL_PARAM_ERROR");
const available = row(40108, "MEDIA_OBJECT_NOT_AVAILABLE");
const method = row(40008, "MALFORMED_TRANSACTION");
const offer = row(40205, "SDP_END_POINT_PROCESS_OFFER_ERROR");
const answer = row(40206, "SDP_END_POINT_PROCESS_ANSWER_ERROR");
const parse = row(40201, "SDP_PARSE_ERROR");

/** Every code of the house in Kurento's numbers; what only HTTP doors can throw is unexpected here. */
const table: Readonly<Record<ErrorCode, Row>> = {
  body_malformed: marshalling,
  body_invalid: illegal,
  query_invalid: marshalling,
  header_invalid: marshalling,
  body_stalled: unexpected,
  body_too_large: marshalling,
  media_invalid: unexpected,
  media_type_unsupported: unexpected,
  method_not_allowed: unexpected,
  route_not_found: unexpected,
  cursor_invalid: marshalling,
  sdp_invalid: parse,
  sdp_unacceptable: offer,
  codec_mismatch: offer,
  ice_fragment_invalid: row(40401, "ICE_ADD_CANDIDATE_ERROR"),
  candidate_invalid: row(40401, "ICE_ADD_CANDIDATE_ERROR"),
  unauthorized: unexpected,
  forbidden: unexpected,
  rate_limited: resources,
  pipeline_not_found: object,
  element_not_found: object,
  element_type_not_found: available,
  element_type_abstract: available,
  element_type_planned: available,
  connection_not_found: object,
  operation_not_found: method,
  operation_not_supported: row(40111, "MEDIA_OBJECT_OPERATION_NOT_SUPPORTED"),
  property_not_found: method,
  property_read_only: method,
  tag_not_found: row(40110, "MEDIA_OBJECT_TAG_KEY_NOT_FOUND", "Tag key not found"),
  session_not_found: object,
  stream_not_found: object,
  event_type_not_found: row(40106, "MEDIA_OBJECT_EVENT_NOT_SUPPORTED"),
  module_not_found: row(40500, "UNDEFINED", "Requested kmd module doesn't exist"),
  data_channel_not_found: illegal,
  recording_not_found: unexpected,
  pipeline_name_taken: illegal,
  element_name_taken: illegal,
  pipelines_differ: row(40004, "CONNECT_ERROR", "Media elements do not share pipeline"),
  pad_not_found: connecting,
  link_format_mismatch: connecting,
  stream_not_live: unexpected,
  endpoint_negotiated: row(40208, "SDP_END_POINT_ALREADY_NEGOTIATED", "Endpoint already negotiated"),
  endpoint_not_negotiated: row(40202, "SDP_END_POINT_NO_LOCAL_SDP_ERROR", "No local SDP"),
  offer_not_generated: row(
    40209,
    "SDP_END_POINT_NOT_OFFER_GENERATED",
    "Offer not generated. It is not possible to process an answer.",
  ),
  // Kurento's own spelling.
  answer_processed: row(40210, "SDP_END_POINT_ANSWER_ALREADY_PROCCESED", "Sdp Answer already processed"),
  object_kind_mismatch: illegal,
  value_unacceptable: illegal,
  not_built: row(40006, "NOT_IMPLEMENTED"),
  data_channel_failed: unexpected,
  hub_route_refused: connecting,
  media_kind_refused: row(40005, "UNSUPPORTED_MEDIA_TYPE"),
  gathering_failed: row(40400, "ICE_GATHER_CANDIDATES_ERROR", "Error gathering candidates"),
  seek_failed: row(40700, "PLAYER_SEEK_FAIL", "Seek fails"),
  recording_active: unexpected,
  body_in_flight: unexpected,
  range_unsatisfiable: unexpected,
  precondition_failed: unexpected,
  precondition_required: unexpected,
  idempotency_key_reused: unexpected,
  idempotency_key_in_flight: unexpected,
  limit_reached: resources,
  unavailable: unexpected,
  turn_deadline: unexpected,
  element_start_failed: available,
  internal: unexpected,
};

/** Operations for which a code of the house means something more exact. */
const exceptions: Readonly<Record<string, Partial<Record<ErrorCode, Row>>>> = {
  generateOffer: {
    sdp_unacceptable: row(40204, "SDP_END_POINT_GENERATE_OFFER_ERROR"),
    codec_mismatch: row(40204, "SDP_END_POINT_GENERATE_OFFER_ERROR"),
  },
  addIceCandidate: { body_invalid: row(40401, "ICE_ADD_CANDIDATE_ERROR") },
  createDataChannel: { data_channel_failed: row(40003, "UNEXPECTED_ERROR", "Can not create data channel") },
  processAnswer: {
    sdp_unacceptable: answer,
    codec_mismatch: answer,
  },
  getRemoteSessionDescriptor: {
    endpoint_not_negotiated: row(40203, "SDP_END_POINT_NO_REMOTE_SDP_ERROR", "No remote SDP"),
  },
};

/** What a client is told of `error`, which came out of `operation` where one ran. */
export function rpcErrorOf(error: unknown, operation = ""): RpcError {
  if (error instanceof RpcError) return error;
  const known = toAppError(error);
  if (known.code === "internal") {
    log.error("a request failed", { operation, cause: known.internal ?? known.message });
  }
  const { code, type, message } = exceptionFor(operation, known) ?? table[known.code];
  return new RpcError(code, message ?? known.message, { type });
}

function exceptionFor(operation: string, { code }: AppError): Row | undefined {
  return Object.hasOwn(exceptions, operation) ? exceptions[operation][code] : undefined;
}
