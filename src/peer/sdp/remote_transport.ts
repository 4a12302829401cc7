import { AppError } from "../../base/mod.ts";
import type { Candidate } from "./candidate.ts";
import type { Fingerprint, MediaDescription, SessionDescription, Setup } from "./description.ts";
import { isVerifiable } from "./fingerprint.ts";

/** What a description says about the one transport that all its m-lines share. */
export interface RemoteTransport {
  ufrag: string;
  password: string;
  iceLite: boolean;
  candidates: Candidate[];
  fingerprints: Fingerprint[];
  setup: Setup;
}

/**
 * The transport of a description, taken from its first m-line in use (the BUNDLE-tagged one, RFC 9143 section 7).
 * Candidates count from every m-line, because some clients repeat or scatter them.
 *
 * Throws AppError sdp_unacceptable when ICE or DTLS is not offered.
 */
export function transportOf(description: SessionDescription, section: MediaDescription): RemoteTransport {
  if (!section.ufrag || !section.password) throw lacking("ICE credentials", "a=ice-ufrag and a=ice-pwd");
  if (!isVerifiable(section.fingerprints)) {
    throw lacking("a certificate fingerprint", "a=fingerprint:sha-256 …");
  }
  if (section.setup === "holdconn") throw lacking("a DTLS role", "a=setup:actpass");
  return {
    ufrag: section.ufrag,
    password: section.password,
    iceLite: description.iceLite,
    candidates: description.media.flatMap((m) => m.candidates),
    fingerprints: section.fingerprints,
    // RFC 4145 section 4: active is what an offer means that does not say.
    setup: section.setup ?? "active",
  };
}

function lacking(found: string, wanted: string): AppError {
  return new AppError(
    "sdp_unacceptable",
    `Cannot use the description: it lacks ${found} vs ${wanted}, add it`,
  );
}
