/** The door for element authors: definitions, actions, and the abstract types to extend. */
export * from "./action.ts";
export * from "./define.ts";
export * from "./description.ts";
export * from "./dscp.ts";
export * from "./endpoint.ts";
export * from "./filter.ts";
export * from "./flow_operations.ts";
export * from "./hub.ts";
export * from "./hub_ports.ts";
export * from "./instance.ts";
export * from "./media_element.ts";
export * from "./media_error.ts";
export * from "./media_object.ts";
export * from "./media_types.ts";
export * from "./rtp_terms.ts";
export * from "./rtp_types.ts";
export * from "./sdp_endpoint.ts";
export * from "./sdp_refusals.ts";
export * from "./srtp_key.ts";
export * from "./stats_types.ts";
export * from "./trickle.ts";
export * from "./turn_url.ts";
export * from "./uri_state.ts";
export { AppError } from "../base/mod.ts";
export {
  complexType,
  type Definition,
  enumType,
  float,
  int64,
  type MediaKind,
  objectOf,
  omissible,
} from "../graph/mod.ts";
