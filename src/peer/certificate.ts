import { Buffer } from "node:buffer";
import { generateKeyPair, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { type Clock, systemClock } from "../base/mod.ts";
import { der } from "./dtls/der.ts";
import { fingerprintOf } from "./sdp/fingerprint.ts";
import type { CertificateKeyType, DtlsCertificate } from "./types.ts";

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const NULL = 0x05;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const VERSION_3 = 0xa0;
const DAY_MS = 86_400_000;
const RSA_BITS = 2048;

/** OBJECT IDENTIFIERs as whole elements: of the signatures (RFC 5758 section 3.2, RFC 8017 appendix A.2.4), and commonName. */
const ecdsaWithSha256 = Buffer.from("06082a8648ce3d040302", "hex");
const sha256WithRsa = Buffer.from("06092a864886f70d01010b", "hex");
const commonName = Buffer.from("0603550403", "hex");

/**
 * A self-signed certificate for DTLS, ECDSA on P-256 or RSA of 2048 bits, valid from yesterday for a year (nobody checks
 * it: WebRTC trusts the fingerprint). An RSA key takes some 200 ms, on a thread of its own.
 */
export async function createCertificate(
  keyType: CertificateKeyType = "ECDSA",
  clock: Pick<Clock, "now"> = systemClock,
): Promise<DtlsCertificate> {
  const { publicKey, privateKey } = await newKeyPair(keyType);
  const algorithm = keyType === "RSA"
    ? der(SEQUENCE, sha256WithRsa, der(NULL))
    : der(SEQUENCE, ecdsaWithSha256);
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, commonName, der(UTF8_STRING, Buffer.from("kaskado")))));
  const body = der(
    SEQUENCE,
    der(VERSION_3, der(INTEGER, new Uint8Array([2]))),
    der(INTEGER, serialNumber()),
    algorithm,
    name,
    der(SEQUENCE, utcTime(clock.now() - DAY_MS), utcTime(clock.now() + 365 * DAY_MS)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
  );
  const signature = sign("sha256", body, privateKey);
  const bytes = der(SEQUENCE, body, algorithm, der(BIT_STRING, new Uint8Array(1), signature));
  return { keyType, bytes, key: privateKey, fingerprint: fingerprintOf(bytes, "sha-256") };
}

async function newKeyPair(
  keyType: CertificateKeyType,
): Promise<{ publicKey: KeyObject; privateKey: KeyObject }> {
  if (keyType === "ECDSA") return generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  return await new Promise((resolve, reject) =>
    generateKeyPair(
      "rsa",
      { modulusLength: RSA_BITS },
      (error, publicKey, privateKey) => error ? reject(error) : resolve({ publicKey, privateKey }),
    )
  );
}

/** Positive and never short: the first bits are 01. */
function serialNumber(): Uint8Array {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0] & 0x3f) | 0x40;
  return bytes;
}

/** YYMMDDHHMMSSZ (RFC 5280 section 4.1.2.5.1). */
function utcTime(ms: number): Uint8Array {
  const digits = new Date(ms).toISOString().replace(/\D/g, "").slice(2, 14);
  return der(UTC_TIME, Buffer.from(`${digits}Z`));
}
