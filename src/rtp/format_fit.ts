/** The very same format. */
export const FIT_SAME = 3;
/** Another format of the codec, whose decoders take this one too. */
export const FIT_CONTAINED = 2;
/** The same codec; whether its decoder takes this is luck. */
export const FIT_CODEC = 1;
export const FIT_NONE = 0;

/** H264 profiles by profile_idc, each within the next: baseline, main, high (RFC 6184 section 8.1). */
const h264Ranks: Readonly<Record<string, number>> = { "42": 0, "4d": 1, "64": 2 };

/**
 * How well packets of the format `given` do on a payload negotiated for the format `taken`, both as the codec's SDP
 * parameters make them ("H264/1/42e0", "VP9/0", "OPUS/48000/2"): one of the FIT constants, more is better. A payload for
 * a mere codec ("H264") takes all of its formats.
 */
export function formatFit(given: string, taken: string): number {
  if (given === taken) return FIT_SAME;
  const [codec, first = "", second = ""] = given.split("/");
  const [takenCodec, takenFirst = "", takenSecond = ""] = taken.split("/");
  if (codec !== takenCodec) return FIT_NONE;
  if (takenFirst === "") return FIT_CONTAINED;
  if (codec === "H264") return h264Fit(first, second, takenFirst, takenSecond);
  if (codec === "H265") {
    return h265Contained(first, second, takenFirst, takenSecond) ? FIT_CONTAINED : FIT_CODEC;
  }
  return FIT_CODEC;
}

/** Packetization mode 1 has all packets of mode 0 and more (RFC 6184 section 6.3); mode 2 is another world. */
function h264Fit(mode: string, profile: string, takenMode: string, takenProfile: string): number {
  if (mode !== takenMode && !(mode === "0" && takenMode === "1")) return FIT_NONE;
  const rank = h264Ranks[profile.slice(0, 2)];
  const takenRank = h264Ranks[takenProfile.slice(0, 2)];
  const isContained = profile === takenProfile || rank !== undefined && rank <= takenRank;
  return isContained ? FIT_CONTAINED : FIT_CODEC;
}

/** Main within Main 10, the main tier within the high one (ITU-T H.265 annex A.3, A.4). */
function h265Contained(profile: string, tier: string, takenProfile: string, takenTier: string): boolean {
  const isProfileTaken = profile === takenProfile || profile === "1" && takenProfile === "2";
  return isProfileTaken && Number(tier) <= Number(takenTier);
}
