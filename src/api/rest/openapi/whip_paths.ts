import type { ErrorCode } from "../../../base/mod.ts";
import type { JsonSchema } from "../schema/json_schema.ts";
import { pathParametersOf } from "./operation.ts";
import { headerRef, parameterRef, problemResponses } from "./shared.ts";

interface Protocol {
  kind: "whip" | "whep";
  tag: "WHIP" | "WHEP";
  does: string;
  rfc: string;
}

const whip: Protocol = { kind: "whip", tag: "WHIP", does: "Publishes", rfc: "RFC 9725" };
const whep: Protocol = { kind: "whep", tag: "WHEP", does: "Watches", rfc: "draft-ietf-wish-whep" };
const sdp = { "application/sdp": { schema: { type: "string", description: "RFC 8866" } } };
const security = [{ bearer: [] }, {}];

/** The paths of the WHIP and WHEP door: at streams by name, and at any element that takes sessions. */
export function whipPaths(): Record<string, JsonSchema> {
  const paths: Record<string, JsonSchema> = {};
  for (const protocol of [whip, whep]) {
    for (
      const [base, place] of [[`/${protocol.kind}/{stream}`, "Stream"], [
        `/v1/elements/{elementId}/${protocol.kind}`,
        "Element",
      ]]
    ) {
      paths[base] = endpointItem(base, place, protocol);
      paths[`${base}/{sessionId}`] = sessionItem(`${base}/{sessionId}`, place, protocol);
    }
  }
  return paths;
}

function endpointItem(path: string, place: string, protocol: Protocol): JsonSchema {
  const at = place === "Stream" ? "a stream" : "an element";
  return {
    parameters: [...pathParametersOf(path), parameterRef("RequestId")],
    get: noContent(
      protocol,
      `probe${protocol.tag}${place}`,
      "Answers without content, as the protocol has it",
    ),
    post: operation(protocol, `open${protocol.tag}${place}`, `${protocol.does} at ${at} (${protocol.rfc})`, {
      requestBody: { required: protocol.kind === "whip", content: sdp },
      responses: {
        201: {
          description: "The session, with this server's answer",
          headers: { Location: headerRef("Location"), ETag: headerRef("ETag"), Link: headerRef("Link") },
          content: sdp,
        },
        ...(protocol.kind === "whep" && {
          406: {
            description: "A counter-offer: this server's offer, to be answered by PATCH",
            headers: { Location: headerRef("Location") },
            content: sdp,
          },
        }),
        ...problemResponses([...sessionCodes, ...placeCodes(place), ...protocolCodes(protocol)]),
      },
    }),
  };
}

function sessionItem(path: string, place: string, protocol: Protocol): JsonSchema {
  const name = `${protocol.tag}${place}`;
  return {
    parameters: [...pathParametersOf(path), parameterRef("RequestId")],
    get: noContent(protocol, `probe${name}Session`, "Answers without content, as the protocol has it"),
    patch: operation(protocol, `patch${name}Session`, "Trickles candidates or restarts ICE (RFC 8840)", {
      parameters: [parameterRef("IfMatch")],
      requestBody: {
        required: true,
        content: {
          "application/trickle-ice-sdpfrag": { schema: { type: "string" } },
          ...(protocol.kind === "whep" && sdp),
        },
      },
      responses: {
        200: {
          description: "ICE restarted: this server's fragment",
          headers: { ETag: headerRef("ETag") },
          content: { "application/trickle-ice-sdpfrag": { schema: { type: "string" } } },
        },
        204: { description: "Taken" },
        ...problemResponses([...patchCodes, ...protocolCodes(protocol)]),
      },
    }),
    delete: operation(protocol, `close${name}Session`, "Ends the session; a second time gives 404", {
      responses: {
        200: { description: "Ended" },
        ...problemResponses(["session_not_found", "unauthorized", "rate_limited", "internal"]),
      },
    }),
  };
}

function noContent(protocol: Protocol, operationId: string, summary: string): JsonSchema {
  const responses = { 204: { description: "There is nothing to show" } };
  return operation(protocol, operationId, summary, { responses });
}

function operation(protocol: Protocol, operationId: string, summary: string, rest: JsonSchema): JsonSchema {
  return { tags: [protocol.tag], operationId, summary, security, ...rest };
}

function placeCodes(place: string): ErrorCode[] {
  return place === "Stream" ? [] : ["element_not_found"];
}

function protocolCodes(protocol: Protocol): ErrorCode[] {
  return protocol.kind === "whep" ? ["sdp_invalid", "sdp_unacceptable", "stream_not_live"] : ["sdp_invalid"];
}

const sessionCodes: readonly ErrorCode[] = [
  "body_malformed",
  "sdp_unacceptable",
  "codec_mismatch",
  "operation_not_supported",
  "body_too_large",
  "media_type_unsupported",
  "unauthorized",
  "rate_limited",
  "limit_reached",
  "unavailable",
  "internal",
];

const patchCodes: readonly ErrorCode[] = [
  "session_not_found",
  "body_malformed",
  "ice_fragment_invalid",
  "candidate_invalid",
  "precondition_failed",
  "precondition_required",
  "body_too_large",
  "media_type_unsupported",
  "unauthorized",
  "rate_limited",
  "internal",
];
