import { AppError } from "../../base/mod.ts";
import { limits } from "../limits.ts";
import { type Candidate, parseCandidate } from "./candidate.ts";
import { isPassword, isUfrag } from "./session_attribute.ts";
import { candidateLines, type LocalCandidates } from "./write_section.ts";

/** A trickle-ice-sdpfrag body (RFC 8840 section 9). Empty texts for credentials that it does not carry. */
export interface IceFragment {
  ufrag: string;
  password: string;
  candidates: Candidate[];
}

/**
 * Reads a fragment. Credentials may stand above the m-line or below it; other lines are skipped, so are candidates of
 * unknown form.
 *
 * Throws AppError ice_fragment_invalid.
 */
export function parseFragment(text: string): IceFragment {
  if (text.length > limits.sdpBytes) throw invalid(`${text.length} bytes`, `at most ${limits.sdpBytes}`);
  const fragment: IceFragment = { ufrag: "", password: "", candidates: [] };
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (line.trim() === "") continue;
    if (!/^[a-z]=/.test(line)) {
      throw invalid(JSON.stringify(line.slice(0, 60)), "lines of the form letter=value");
    }
    readLine(fragment, line);
  }
  if ((fragment.ufrag === "") !== (fragment.password === "")) {
    throw invalid("half of the ICE credentials", "a=ice-ufrag with a=ice-pwd");
  }
  return fragment;
}

function readLine(fragment: IceFragment, line: string): void {
  const [, name, value] = /^a=([\w-]+):(.*)$/.exec(line) ?? ["", "", ""];
  if (name === "ice-ufrag") {
    if (!isUfrag(value.trim())) throw invalid("a malformed a=ice-ufrag", "4 to 256 ice-chars");
    fragment.ufrag = value.trim();
  }
  if (name === "ice-pwd") {
    if (!isPassword(value.trim())) throw invalid("a malformed a=ice-pwd", "22 to 256 ice-chars");
    fragment.password = value.trim();
  }
  const candidate = name === "candidate" ? parseCandidate(`candidate:${value}`) : null;
  if (candidate && fragment.candidates.length < limits.remoteCandidates) fragment.candidates.push(candidate);
}

/** The fragment that answers an ICE restart: new credentials and all candidates (RFC 9725 section 4.3.3). */
export function writeFragment(
  local: { ufrag: string; password: string; trickle: boolean },
  first: { kind: string; mid: string },
  candidates: LocalCandidates,
): string {
  const lines = [
    ...(local.trickle ? ["a=ice-options:trickle"] : []),
    `a=ice-ufrag:${local.ufrag}`,
    `a=ice-pwd:${local.password}`,
    `m=${first.kind} 9 UDP/TLS/RTP/SAVPF 0`,
    ...(first.mid === "" ? [] : [`a=mid:${first.mid}`]),
    ...candidateLines(candidates),
  ];
  return lines.join("\r\n") + "\r\n";
}

function invalid(found: string, wanted: string): AppError {
  return new AppError(
    "ice_fragment_invalid",
    `Cannot read the ICE fragment: ${found} vs ${wanted}, send a trickle-ice-sdpfrag body`,
  );
}
