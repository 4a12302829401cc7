import { Buffer } from "node:buffer";

/** A codec whose streams need parameter sets, which may stand in the description in place of the stream. */
interface TellingCodec {
  /** Parameters of fmtp with a comma between base64 NAL units, in the order in which decoders want these. */
  readonly parameters: readonly string[];
  readonly unitType: (firstByte: number) => number;
  /** NAL unit types of them: without one of each nothing can be decoded. */
  readonly types: readonly number[];
}

const tellingCodecs: Record<string, TellingCodec | undefined> = {
  // SPS and PPS (RFC 6184 section 8.1).
  H264: {
    parameters: ["sprop-parameter-sets"],
    unitType: (firstByte) => firstByte & 0x1f,
    types: [7, 8],
  },
  // VPS, SPS and PPS (RFC 7798 section 7.1).
  H265: {
    parameters: ["sprop-vps", "sprop-sps", "sprop-pps"],
    unitType: (firstByte) => (firstByte >>> 1) & 0x3f,
    types: [32, 33, 34],
  },
};

/** Encoders write two or three; each is to fit a packet. */
const MAX_SETS = 8;
const MAX_SET_BYTES = 1200;

/**
 * The parameter sets that an fmtp line of a publisher tells, as NAL units; none where they are not complete, or are not
 * what they should be. What cannot be read is left out.
 *
 * @param codec upper-case codec name
 * @param parameters fmtp line without payload type
 */
export function parameterSetsOf(codec: string, parameters: string): Uint8Array[] {
  const telling = tellingCodecs[codec];
  if (!telling) return [];
  const told = toldParameters(parameters);
  const units = telling.parameters.flatMap((name) => (told.get(name) ?? "").split(",")).map(unitOf);
  const types = units.map((unit) => unit.length > 0 ? telling.unitType(unit[0]) : -1);
  if (!telling.types.every((type) => types.includes(type))) return [];
  const sets = units.filter((_, index) => telling.types.includes(types[index]));
  return sets.length > MAX_SETS ? [] : sets;
}

/** The parameters without what they say about the stream of the side that wrote them: an answer does not repeat that. */
export function withoutParameterSets(codec: string, parameters: string): string {
  const names = tellingCodecs[codec]?.parameters ?? [];
  const parts = parameters.split(";");
  const kept = parts.filter((part) => !names.includes(nameOf(part)));
  return kept.length === parts.length ? parameters : kept.map((part) => part.trim()).join(";");
}

/** By lower-case name. Base64 heeds the case, and may end with equals signs. */
function toldParameters(parameters: string): Map<string, string> {
  return new Map(
    parameters.split(";").map((part) => [nameOf(part), part.slice(part.indexOf("=") + 1).trim()]),
  );
}

function nameOf(part: string): string {
  return part.split("=", 1)[0].trim().toLowerCase();
}

/** Empty for what is no base64, or too long. */
function unitOf(base64: string): Uint8Array {
  const bytes = /^[A-Za-z0-9+/]+={0,2}$/.test(base64) ? Buffer.from(base64, "base64") : [];
  return bytes.length > MAX_SET_BYTES ? new Uint8Array(0) : new Uint8Array(bytes);
}
