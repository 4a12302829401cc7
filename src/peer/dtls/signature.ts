import { constants, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { ecdsaP256, isP256KeyInfo } from "../../native/mod.ts";
import { rsaBits } from "../limits.ts";
import type { CertificateKeyType } from "../types.ts";
import { HandshakeFailure } from "./failure.ts";
import { publicKeyInfo } from "./der.ts";

interface Scheme {
  hash: "sha256" | "sha384" | "sha512";
  type: "ec" | "rsa";
  pss?: boolean;
}

/** Signature schemes that are verified (RFC 8446 section 4.2.3, as TLS 1.2 code points). */
const schemes: Record<number, Scheme> = {
  0x0403: { hash: "sha256", type: "ec" },
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

/** What this side signs with, the best first: every peer that has the cipher suites takes one of them. */
const ownSchemes: Record<CertificateKeyType, readonly number[]> = { ECDSA: [0x0403], RSA: [0x0804, 0x0401] };

/** The best scheme of a key that the other side takes, or null; one that did not say has not heard of PSS. */
export function chooseScheme(keyType: CertificateKeyType, taken: readonly number[] | null): number | null {
  const own = ownSchemes[keyType];
  return (taken ? own.find((scheme) => taken.includes(scheme)) : own.at(-1)) ?? null;
}

/** Signs `data` with our key; `scheme` is one of `chooseScheme`. */
export function signBy(scheme: number, key: KeyObject, data: Uint8Array): Uint8Array {
  const { hash, type, pss } = schemes[scheme];
  return type === "ec" ? ecdsaP256().sign(key, data) : sign(hash, data, { key, ...paddingOf(hash, pss) });
}

/**
 * Verifies a signature by the key of a DER certificate and gives the type of the key; throws HandshakeFailure decrypt_error when it is wrong, and
 * unsupported_certificate when the key is weaker than it may be.
 */
export function verifySignature(
  scheme: number,
  certificate: Uint8Array,
  data: Uint8Array,
  signature: Uint8Array,
): CertificateKeyType {
  const known = schemes[scheme];
  if (!known) {
    throw new HandshakeFailure("illegal_parameter", `signature scheme ${scheme.toString(16)} is unknown`);
  }
  if (!isValid(known, certificate, data, signature)) {
    throw new HandshakeFailure("decrypt_error", "the signature of the other side is wrong");
  }
  return known.type === "rsa" ? "RSA" : "ECDSA";
}

function isValid(scheme: Scheme, certificate: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  const { hash, type, pss } = scheme;
  try {
    const keyInfo = publicKeyInfo(certificate);
    // What nearly every browser and tool has.
    if (type === "ec" && hash === "sha256" && isP256KeyInfo(keyInfo)) {
      return ecdsaP256().verify(keyInfo, data, signature);
    }
    const key = createPublicKey({ key: keyInfo, format: "der", type: "spki" });
    if (key.asymmetricKeyType !== type) return false;
    if (type === "rsa") requireSize(key);
    return verify(hash, data, { key, ...paddingOf(hash, pss) }, signature);
  } catch (error) {
    if (error instanceof HandshakeFailure) throw error;
    // A key that node:crypto cannot take verifies nothing.
    return false;
  }
}

function requireSize(key: KeyObject): void {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits >= rsaBits.least && bits <= rsaBits.most) return;
  throw new HandshakeFailure(
    "unsupported_certificate",
    `the other side's RSA key has ${bits} bits, not ${rsaBits.least} to ${rsaBits.most}`,
  );
}

/** PSS has a salt as long as the hash (RFC 8446 section 4.2.3). */
function paddingOf(hash: Scheme["hash"], pss = false) {
  if (!pss) return {};
  return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: Number(hash.slice(3)) / 8 };
}
