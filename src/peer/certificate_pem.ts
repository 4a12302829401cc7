import { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { publicKeyInfo } from "./dtls/der.ts";
import { rsaBits } from "./limits.ts";
import { fingerprintOf } from "./sdp/fingerprint.ts";
import type { CertificateKeyType, DtlsCertificate } from "./types.ts";

/**
 * Reads a certificate and its private key from one PEM text, in either order; of a chain the first certificate counts,
 * because WebRTC trusts its fingerprint alone. Throws an Error whose message says what is wrong with the text.
 */
export function readCertificate(keyType: CertificateKeyType, pem: string): DtlsCertificate {
  const bytes = certificateOf(pem);
  const key = privateKeyOf(pem);
  requireKeyType(keyType, key);
  if (!belongs(key, bytes)) throw new Error("its private key belongs to another certificate");
  return { keyType, bytes, key, fingerprint: fingerprintOf(bytes, "sha-256") };
}

function certificateOf(pem: string): Uint8Array {
  const block = blockOf(pem, "CERTIFICATE");
  if (!block) throw new Error("it holds no certificate, put a CERTIFICATE block of PEM into it");
  return Buffer.from(block.replace(/-----[^-]+-----|\s/g, ""), "base64");
}

function privateKeyOf(pem: string): KeyObject {
  const block = blockOf(pem, "(?:RSA |EC )?PRIVATE KEY");
  if (!block) {
    throw new Error("it holds no private key without a password, put a PRIVATE KEY block of PEM into it");
  }
  try {
    return createPrivateKey(block);
  } catch {
    throw new Error("its private key cannot be read");
  }
}

function requireKeyType(keyType: CertificateKeyType, key: KeyObject): void {
  const { asymmetricKeyType, asymmetricKeyDetails } = key;
  if (keyType === "ECDSA") {
    const isP256 = asymmetricKeyType === "ec" && asymmetricKeyDetails?.namedCurve === "prime256v1";
    if (!isP256) throw new Error("its private key is none for ECDSA on P-256 (prime256v1)");
    return;
  }
  const bits = asymmetricKeyDetails?.modulusLength ?? 0;
  if (asymmetricKeyType !== "rsa" || bits < rsaBits.least || bits > rsaBits.most) {
    throw new Error(`its private key is none for RSA of ${rsaBits.least} to ${rsaBits.most} bits`);
  }
}

function belongs(key: KeyObject, certificate: Uint8Array): boolean {
  try {
    return createPublicKey(key).export({ type: "spki", format: "der" }).equals(publicKeyInfo(certificate));
  } catch {
    // A certificate whose key cannot be found has no key.
    return false;
  }
}

function blockOf(pem: string, label: string): string | null {
  return new RegExp(`-----BEGIN (${label})-----[^-]+-----END \\1-----`).exec(pem)?.[0] ?? null;
}
