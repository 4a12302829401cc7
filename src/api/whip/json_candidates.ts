import { AppError } from "../../base/mod.ts";

/**
 * A trickle fragment made of candidates in JSON: one RTCIceCandidateInit (`{candidate, sdpMid, …}`), one wrapped as
 * `{candidate: {candidate, …}}`, or an array of them. Credentials in it are left out, so it never restarts ICE.
 *
 * react-native-whip-whep sends this under the type of a fragment. Throws ice_fragment_invalid.
 */
export function fragmentOfJson(text: string): string {
  const parsed = parse(text);
  const lines = (Array.isArray(parsed) ? parsed : [parsed]).map(lineOf);
  return ["m=audio 9 UDP/TLS/RTP/SAVPF 0", "a=mid:0", ...lines].join("\r\n") + "\r\n";
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable("text that is not JSON");
  }
}

/** The end of candidates is said by an empty candidate, or by null where it is wrapped. */
function lineOf(entry: unknown): string {
  const candidate = isRecord(entry) ? entry.candidate : undefined;
  if (isRecord(candidate)) return lineOf(candidate);
  if (candidate === null || candidate === "") return "a=end-of-candidates";
  if (typeof candidate !== "string" || !/^(a=)?candidate:[^\r\n]+$/.test(candidate)) {
    throw unreadable(JSON.stringify(entry)?.slice(0, 80) ?? "nothing");
  }
  return candidate.startsWith("a=") ? candidate : `a=${candidate}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unreadable(found: string): AppError {
  return new AppError(
    "ice_fragment_invalid",
    `Cannot read the ICE candidates: ${found} vs {"candidate":"candidate:…"}, send a trickle-ice-sdpfrag body`,
  );
}
