import { Buffer } from "node:buffer";
import { createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { openLibcryptoEcdsa } from "./ecdsa_p256_ffi.ts";

/** ECDSA over P-256 with SHA-256; signatures are DER (RFC 3279 section 2.2.3), data of any length. */
export interface EcdsaP256 {
  readonly kind: "ffi" | "portable";
  /** Signs with an EC private key on P-256. */
  sign(key: KeyObject, data: Uint8Array): Uint8Array;
  /** True when the signature is right; `keyInfo` is the 91-byte SubjectPublicKeyInfo of an uncompressed point. */
  verify(keyInfo: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean;
}

/** SubjectPublicKeyInfo of a P-256 key up to its uncompressed point (RFC 5480 section 2). */
const keyInfoPrefix = Buffer.from("3059301306072a8648ce3d020106082a8648ce3d030107034200", "hex");
const KEY_INFO_BYTES = 91;

/** True for a key that `EcdsaP256.verify` takes. */
export function isP256KeyInfo(keyInfo: Uint8Array): boolean {
  return keyInfo.length === KEY_INFO_BYTES &&
    keyInfoPrefix.equals(keyInfo.subarray(0, keyInfoPrefix.length)) && keyInfo[keyInfoPrefix.length] === 4;
}

let opened: EcdsaP256 | null = null;

/** The quickest one of this machine: libcrypto is some ten times quicker than the ECDSA inside Deno. Opened once per thread. */
export function ecdsaP256(): EcdsaP256 {
  return opened ??= openProved() ?? portableEcdsaP256;
}

/** The twin on `node:crypto`. */
export const portableEcdsaP256: EcdsaP256 = {
  kind: "portable",
  sign: (key, data) => sign("sha256", data, key),
  verify(keyInfo, data, signature) {
    try {
      const key = createPublicKey({ key: Buffer.from(keyInfo), format: "der", type: "spki" });
      return verify("sha256", data, key, signature);
    } catch {
      // A point that is not on the curve verifies nothing.
      return false;
    }
  },
};

/** A libcrypto that does not agree with `node:crypto` on both sides of a signature is not used. */
function openProved(): EcdsaP256 | null {
  try {
    const ffi = openLibcryptoEcdsa();
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    const keyInfo = publicKey.export({ type: "spki", format: "der" });
    const data = Buffer.from("proved before it is used");
    const wrong = Buffer.from("something else");
    const agrees = portableEcdsaP256.verify(keyInfo, data, ffi.sign(privateKey, data)) &&
      ffi.verify(keyInfo, data, portableEcdsaP256.sign(privateKey, data)) &&
      !ffi.verify(keyInfo, wrong, portableEcdsaP256.sign(privateKey, data));
    return agrees ? ffi : null;
  } catch {
    // No libcrypto on this machine.
    return null;
  }
}
