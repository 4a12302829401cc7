import { aesCounterMode } from "./aes_ctr.ts";
import { srtpKeyLengths, type SrtpProfile } from "./types.ts";

/** Keys of one kind of packet (RTP or RTCP) in one direction. */
export interface SessionKeys {
  /** 16 bytes. */
  cipherKey: Uint8Array;
  /** 12 bytes for GCM, 14 for counter mode. */
  salt: Uint8Array;
  /** 20 bytes of HMAC-SHA1 key; GCM has no use for it. */
  authKey: Uint8Array;
}

export interface SrtpSessionKeys {
  rtp: SessionKeys;
  rtcp: SessionKeys;
}

/** Labels of RFC 3711 section 4.3.1 and 4.3.2. */
const labels = {
  rtp: { cipherKey: 0, authKey: 1, salt: 2 },
  rtcp: { cipherKey: 3, authKey: 4, salt: 5 },
} as const;

/**
 * Derives the session keys with a key derivation rate of 0 (RFC 3711 section 4.3). GCM takes the same function with AES-128
 * in counter mode; its 12-byte salt stands left in the 14 bytes (RFC 7714 section 11).
 */
export function deriveSessionKeys(profile: SrtpProfile, key: Uint8Array, salt: Uint8Array): SrtpSessionKeys {
  const saltBytes = srtpKeyLengths[profile].salt;
  const derive = (label: number, length: number) => deriveKey(key, salt, label, length);
  const kind = (label: { cipherKey: number; authKey: number; salt: number }): SessionKeys => ({
    cipherKey: derive(label.cipherKey, 16),
    salt: derive(label.salt, saltBytes),
    authKey: derive(label.authKey, 20),
  });
  return { rtp: kind(labels.rtp), rtcp: kind(labels.rtcp) };
}

/** `length` bytes of the AES-CM keystream for one label (RFC 3711 section 4.3.3); the index term r is 0. */
export function deriveKey(
  masterKey: Uint8Array,
  masterSalt: Uint8Array,
  label: number,
  length: number,
): Uint8Array {
  const iv = new Uint8Array(16);
  iv.set(masterSalt);
  // The label stands above the 48-bit index, which ends with the 14 bytes of the salt.
  iv[7] ^= label;
  return new Uint8Array(aesCounterMode(masterKey, iv, new Uint8Array(length)));
}
