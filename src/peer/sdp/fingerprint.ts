import { createHash } from "node:crypto";
import type { Fingerprint } from "./description.ts";

/** Strongest first: where several are signalled, the strongest known one decides (RFC 8122 section 5). */
const knownHashes = ["sha-512", "sha-384", "sha-256", "sha-224", "sha-1"];

/** Reads the value of `a=fingerprint`; null when it has another form. Unknown hash names are kept. */
export function parseFingerprint(value: string): Fingerprint | null {
  const match = /^([\w-]{1,16}) ([0-9a-f]{2}(?::[0-9a-f]{2}){15,63})$/i.exec(value.trim());
  return match && { algorithm: match[1].toLowerCase(), value: match[2].toUpperCase() };
}

/** The fingerprint of a DER certificate. */
export function fingerprintOf(certificate: Uint8Array, algorithm: string): string {
  const digest = createHash(algorithm.replace("-", "")).update(certificate).digest("hex").toUpperCase();
  return (digest.match(/../g) ?? []).join(":");
}

/** True when one of the fingerprints has a hash that this server knows. */
export function isVerifiable(fingerprints: Fingerprint[]): boolean {
  return fingerprints.some((f) => knownHashes.includes(f.algorithm));
}

/** True when the DER certificate is one of those that were signalled. */
export function matchesFingerprint(certificate: Uint8Array, signalled: Fingerprint[]): boolean {
  const strongest = knownHashes.find((hash) => signalled.some((f) => f.algorithm === hash));
  if (!strongest) return false;
  const actual = fingerprintOf(certificate, strongest);
  return signalled.some((f) => f.algorithm === strongest && f.value === actual);
}
