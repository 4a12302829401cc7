import { Buffer } from "node:buffer";
import { createHash, createHmac } from "node:crypto";
import type { WriteKeys } from "./record_cipher.ts";
import { join } from "./byte_reader.ts";

/** The pseudo-random function of TLS 1.2 with SHA-256 (RFC 5246 section 5). */
export function prf(secret: Uint8Array, label: string, seed: Uint8Array, length: number): Uint8Array {
  const labelled = join(Buffer.from(label, "latin1"), seed);
  const output: Uint8Array[] = [];
  let a: Uint8Array = labelled;
  for (let have = 0; have < length; have += 32) {
    a = hmac(secret, a);
    output.push(hmac(secret, join(a, labelled)));
  }
  return join(...output).slice(0, length);
}

function hmac(key: Uint8Array, data: Uint8Array): Uint8Array {
  return createHmac("sha256", key).update(data).digest();
}

export function sha256(data: Uint8Array): Uint8Array {
  return createHash("sha256").update(data).digest();
}

/** Client and server random of a handshake, 32 bytes each. */
export interface Randoms {
  client: Uint8Array;
  server: Uint8Array;
}

/**
 * The master secret, bound to the handshake where both sides can (RFC 7627).
 *
 * @param sessionTranscript all messages up to ClientKeyExchange; null without extended master secret
 */
export function masterSecretOf(
  preMaster: Uint8Array,
  randoms: Randoms,
  sessionTranscript: Uint8Array | null,
): Uint8Array {
  if (sessionTranscript) return prf(preMaster, "extended master secret", sha256(sessionTranscript), 48);
  return prf(preMaster, "master secret", join(randoms.client, randoms.server), 48);
}

/** Record keys of both directions for AES-128-GCM (RFC 5246 section 6.3). */
export function writeKeysOf(master: Uint8Array, randoms: Randoms): { client: WriteKeys; server: WriteKeys } {
  const block = prf(master, "key expansion", join(randoms.server, randoms.client), 40);
  return {
    client: { key: block.subarray(0, 16), salt: block.subarray(32, 36) },
    server: { key: block.subarray(16, 32), salt: block.subarray(36, 40) },
  };
}

/** The verify_data of a Finished (RFC 5246 section 7.4.9), 12 bytes. */
export function verifyDataOf(
  master: Uint8Array,
  sender: "client" | "server",
  transcript: Uint8Array,
): Uint8Array {
  return prf(master, `${sender} finished`, sha256(transcript), 12);
}

/** Keying material for SRTP (RFC 5764 section 4.2): client key, server key, client salt, server salt. */
export function srtpKeyingMaterial(master: Uint8Array, randoms: Randoms, length: number): Uint8Array {
  return prf(master, "EXTRACTOR-dtls_srtp", join(randoms.client, randoms.server), length);
}
