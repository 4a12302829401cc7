import type { NegotiatedCodec } from "../types.ts";
import { catalogued } from "./codec.ts";
import type { MediaDescription, PayloadDescription } from "./description.ts";
import { parameterSetsOf } from "./parameter_sets.ts";
import { formatOf, packetizationMode, parseParameters } from "./format.ts";

/**
 * The codecs of an m-line that this server passes through, in the order and with the payload types of the remote side.
 * An RTX payload type (RFC 4588) goes with the codec that its `apt` names; red, FEC, DTMF and the like fall out.
 *
 * @param wanted upper-case names of the codecs that the caller takes
 * @param hasTransportCc whether the transport-wide sequence number extension was negotiated: without it the
 *   feedback of that name cannot work
 */
export function passedCodecs(
  section: MediaDescription,
  wanted: readonly string[],
  hasTransportCc: boolean,
): NegotiatedCodec[] {
  const rtx = rtxByCodec(section.payloads);
  return section.payloads.filter((payload) => isPassed(section.kind, payload, wanted)).map((payload) => ({
    ...toldSets(payload),
    payloadType: payload.payloadType,
    codec: payload.name,
    encodingName: payload.encodingName,
    format: formatOf(payload.name, payload.parameters),
    clockRate: payload.clockRate,
    channels: payload.channels,
    parameters: payload.parameters,
    rtxPayloadType: rtx.get(payload.payloadType) ?? null,
    feedback: feedbackOf(payload.feedback, hasTransportCc),
  }));
}

function toldSets({ name, parameters }: PayloadDescription): Pick<NegotiatedCodec, "parameterSets"> {
  const parameterSets = parameterSetsOf(name, parameters);
  return parameterSets.length > 0 ? { parameterSets } : {};
}

function isPassed(kind: string, payload: PayloadDescription, wanted: readonly string[]): boolean {
  if (!wanted.includes(payload.name) || !catalogued(kind, payload.name, payload.clockRate)) return false;
  // Mode 2 interleaves NAL units (RFC 6184 section 5.7.2); nobody offers it and the plane does not look into it.
  return payload.name !== "H264" || packetizationMode(payload.parameters) !== "2";
}

function rtxByCodec(payloads: PayloadDescription[]): Map<number, number> {
  const pairs = payloads.filter((p) => p.name === "RTX").map((p): [number, number] => {
    return [Number(parseParameters(p.parameters).get("apt") ?? -1), p.payloadType];
  });
  return new Map(pairs);
}

/** Both kinds of rate feedback: with transport-wide feedback a sender measures by itself, and REMB carries explicit bounds only. */
function feedbackOf(offered: string[], hasTransportCc: boolean): NegotiatedCodec["feedback"] {
  const transportCc = hasTransportCc && offered.includes("transport-cc");
  return {
    nack: offered.includes("nack"),
    pli: offered.includes("nack pli"),
    fir: offered.includes("ccm fir"),
    remb: offered.includes("goog-remb"),
    transportCc,
  };
}
