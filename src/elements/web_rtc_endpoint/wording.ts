import type { PeerHandle } from "../../module/mod.ts";

/** Kurento's names for what an ICE state means, in the order in which they are told; none where it has no word. */
export function iceStateNames(state: PeerHandle["iceState"]): string[] {
  switch (state) {
    case "new":
      return [];
    case "checking":
      return ["CONNECTING"];
    case "connected":
      return ["CONNECTED", "READY"];
    case "disconnected":
    case "closed":
      return ["DISCONNECTED"];
    case "failed":
      return ["FAILED"];
  }
}

export function dtlsStateName(state: PeerHandle["dtlsState"]): string {
  return state.toUpperCase();
}

export function pairOf(pair: { localCandidate: string; remoteCandidate: string }) {
  return { streamId: "0", componentId: 1, ...pair };
}

/** The candidates that stand in a description, each with the mid and index of its m-line (RFC 8839 section 5.1). */
export function candidatesOf(description: string | null) {
  const candidates: { candidate: string; sdpMid: string; sdpMLineIndex: number }[] = [];
  let sdpMLineIndex = -1;
  for (const section of (description ?? "").split(/^(?=m=)/m)) {
    if (section.startsWith("m=")) sdpMLineIndex++;
    const sdpMid = /^a=mid:(.*)$/m.exec(section)?.[1].trim() ?? "";
    for (const match of section.matchAll(/^a=(candidate:.*)$/gm)) {
      candidates.push({ candidate: match[1].trim(), sdpMid, sdpMLineIndex });
    }
  }
  return candidates;
}
