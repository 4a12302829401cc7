import { aesCounterMode } from "./aes_ctr.ts";
import { srtpKeyLengths, type SrtpProfile } from "./types.ts";

/** Keys of one kind of packet (RTP or RTCP) in one direction. */
export interface SessionKeys {
  /** 16 bytes, or 32 for AES-256. */
  cipherKey: Uint8Array;
  /** 12 bytes for GCM, 14 for counter mode. */
  salt: Uint8Array;
  /** 20 bytes of HMAC-SHA1 key; none for GCM, which has no use for it. */
  authKey: Uint8Array;
}

export interface SrtpSessionKeys {
  rtp: SessionKeys;
  rtcp: SessionKeys;
}

/** `length` bytes of AES in counter mode under a key of 16 or 32 bytes, from the initialisation vector `iv` on. */
export type Keystream = (key: Uint8Array, iv: Uint8Array, length: number) => Uint8Array;

/** By node:crypto, which there is everywhere. */
const portableKeystream: Keystream = (key, iv, length) =>
  new Uint8Array(aesCounterMode(key, iv, new Uint8Array(length)));

/** Labels of RFC 3711 section 4.3.1 and 4.3.2. */
const labels = {
  rtp: { cipherKey: 0, authKey: 1, salt: 2 },
  rtcp: { cipherKey: 3, authKey: 4, salt: 5 },
} as const;

/**
 * Derives the session keys with a key derivation rate of 0 (RFC 3711 section 4.3), with AES-256 for keys of 32 bytes
 * (RFC 6188 section 3). GCM takes the same function in counter mode; its 12-byte salt stands left in the 14 bytes (RFC 7714 section 11).
 */
export function deriveSessionKeys(
  profile: SrtpProfile,
  key: Uint8Array,
  salt: Uint8Array,
  keystream: Keystream = portableKeystream,
): SrtpSessionKeys {
  const lengths = srtpKeyLengths[profile];
  const derive = (label: number, length: number) => deriveKey(key, salt, label, length, keystream);
  const authBytes = profile.startsWith("AEAD") ? 0 : 20;
  const kind = (label: { cipherKey: number; authKey: number; salt: number }): SessionKeys => ({
    cipherKey: derive(label.cipherKey, lengths.key),
    salt: derive(label.salt, lengths.salt),
    authKey: derive(label.authKey, authBytes),
  });
  return { rtp: kind(labels.rtp), rtcp: kind(labels.rtcp) };
}

/** `length` bytes of the AES-CM keystream for one label (RFC 3711 section 4.3.3); the index term r is 0. */
export function deriveKey(
  masterKey: Uint8Array,
  masterSalt: Uint8Array,
  label: number,
  length: number,
  keystream: Keystream = portableKeystream,
): Uint8Array {
  const iv = new Uint8Array(16);
  iv.set(masterSalt);
  // The label stands above the 48-bit index, which ends with the 14 bytes of the salt.
  iv[7] ^= label;
  return length === 0 ? new Uint8Array(0) : keystream(masterKey, iv, length);
}
