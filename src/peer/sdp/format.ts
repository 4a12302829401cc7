import { FIT_CONTAINED, FIT_NONE, formatFit } from "../../rtp/mod.ts";
import type { FormatsAtHand } from "../types.ts";

/**
 * What must be equal for packets of a codec to pass untouched from one m-line to another.
 *
 *   H264   H264/<packetization-mode>/<profile_idc and constraints, e.g. 42e0>   (RFC 6184 section 8.1)
 *   H265   H265/<profile-id>/<tier-flag>                                        (RFC 7798 section 7.1)
 *   VP9    VP9/<profile-id>                                                     (RFC 9628 section 6)
 *   AV1    AV1/<profile>                                                        (AV1 RTP specification, 7.2.1)
 *   VP8    VP8
 *   audio  <codec>/<clock rate>/<channels>
 *
 * @param codec upper-case codec name
 * @param parameters fmtp line without payload type
 */
export function formatOf(codec: string, parameters: string): string {
  const value = parseParameters(parameters);
  switch (codec) {
    case "H264":
      return `H264/${packetizationMode(parameters)}/${h264Profile(value.get("profile-level-id") ?? "")}`;
    case "H265":
      return `H265/${value.get("profile-id") ?? "1"}/${value.get("tier-flag") ?? "0"}`;
    case "VP9":
      return `VP9/${value.get("profile-id") ?? "0"}`;
    case "AV1":
      return `AV1/${value.get("profile") ?? "0"}`;
    case "OPUS":
      return "OPUS/48000/2";
    case "PCMU":
    case "PCMA":
      return `${codec}/8000/1`;
    default:
      return codec;
  }
}

/** The packetization-mode of an H264 fmtp line: "0" (also when absent), "1" or "2". */
export function packetizationMode(parameters: string): string {
  return parseParameters(parameters).get("packetization-mode") ?? "0";
}

/** Whether a viewer who takes these formats can be given one of those at hand. */
export function fitsAny(
  taken: readonly { format: string }[],
  { flowing, encodable }: FormatsAtHand,
): boolean {
  return taken.some(({ format }) =>
    formatFit(flowing, format) > FIT_NONE ||
    encodable.some((encoded) => formatFit(encoded, format) >= FIT_CONTAINED)
  );
}

/** Reads `a=1;b=2` into a map with lower-case names and values. */
export function parseParameters(parameters: string): Map<string, string> {
  const map = new Map<string, string>();
  for (const part of parameters.split(";")) {
    const at = part.indexOf("=");
    if (at > 0) map.set(part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim().toLowerCase());
  }
  return map;
}

/**
 * The profile half of a profile-level-id, with the spellings of one profile made equal (RFC 6184 table 5): constrained
 * baseline is said as 42 with set1, as 4d with set0 and as 58 with set0 and set1.
 */
function h264Profile(profileLevelId: string): string {
  if (!/^[0-9a-f]{6}$/.test(profileLevelId)) return "42e0";
  const idc = profileLevelId.slice(0, 2);
  const constraints = parseInt(profileLevelId.slice(2, 4), 16);
  const set0 = (constraints & 0x80) !== 0;
  const set1 = (constraints & 0x40) !== 0;
  const isConstrainedBaseline = (idc === "42" && set1) || (idc === "4d" && set0) ||
    (idc === "58" && set0 && set1);
  if (isConstrainedBaseline) return "42e0";
  return profileLevelId.slice(0, 4);
}
