import { constants, createPublicKey, type KeyObject, verify } from "node:crypto";
import { ecdsaP256, isP256KeyInfo } from "../../native/mod.ts";
import { HandshakeFailure } from "./failure.ts";
import { publicKeyInfo } from "./der.ts";

/** ECDSA with P-256 and SHA-256: what the certificate of this server signs with. */
export const ECDSA_SHA256 = 0x0403;

/** Signature schemes that are verified (RFC 8446 section 4.2.3, as TLS 1.2 code points), in order of preference. */
const schemes: Record<number, { hash: string; type: "ec" | "rsa"; pss?: boolean }> = {
  [ECDSA_SHA256]: { hash: "sha256", type: "ec" },
  0x0503: { hash: "sha384", type: "ec" },
  0x0603: { hash: "sha512", type: "ec" },
  0x0804: { hash: "sha256", type: "rsa", pss: true },
  0x0401: { hash: "sha256", type: "rsa" },
  0x0805: { hash: "sha384", type: "rsa", pss: true },
  0x0501: { hash: "sha384", type: "rsa" },
  0x0806: { hash: "sha512", type: "rsa", pss: true },
  0x0601: { hash: "sha512", type: "rsa" },
};

/** Integer keys enumerate in ascending order, so the preference is written down. */
export const verifiableSchemes = [0x0403, 0x0503, 0x0603, 0x0804, 0x0401, 0x0805, 0x0501, 0x0806, 0x0601];

export function signEcdsa(data: Uint8Array, key: KeyObject): Uint8Array {
  return ecdsaP256().sign(key, data);
}

/** Verifies a signature by the key of a DER certificate; throws HandshakeFailure decrypt_error when it is wrong. */
export function verifySignature(
  scheme: number,
  certificate: Uint8Array,
  data: Uint8Array,
  signature: Uint8Array,
): void {
  const known = schemes[scheme];
  if (!known) {
    throw new HandshakeFailure("illegal_parameter", `signature scheme ${scheme.toString(16)} is unknown`);
  }
  if (!isValid(known, certificate, data, signature)) {
    throw new HandshakeFailure("decrypt_error", "the signature of the other side is wrong");
  }
}

function isValid(
  { hash, type, pss }: (typeof schemes)[number],
  certificate: Uint8Array,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    const keyInfo = publicKeyInfo(certificate);
    // What nearly every browser and tool has.
    if (type === "ec" && hash === "sha256" && isP256KeyInfo(keyInfo)) {
      return ecdsaP256().verify(keyInfo, data, signature);
    }
    const key = createPublicKey({ key: keyInfo, format: "der", type: "spki" });
    if (key.asymmetricKeyType !== type) return false;
    const padding = pss
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: Number(hash.slice(3)) / 8 }
      : {};
    return verify(hash, data, { key, ...padding }, signature);
  } catch {
    // A key that node:crypto cannot take verifies nothing.
    return false;
  }
}
