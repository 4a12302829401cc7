import { Buffer } from "node:buffer";
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { type Clock, systemClock } from "../base/mod.ts";
import { der } from "./dtls/der.ts";
import { fingerprintOf } from "./sdp/fingerprint.ts";
import type { DtlsCertificate } from "./types.ts";

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const VERSION_3 = 0xa0;
const DAY_MS = 86_400_000;

/** OBJECT IDENTIFIER ecdsa-with-SHA256 (RFC 5758 section 3.2) and commonName, as whole elements. */
const ecdsaWithSha256 = Buffer.from("06082a8648ce3d040302", "hex");
const commonName = Buffer.from("0603550403", "hex");

/**
 * A self-signed ECDSA P-256 certificate for DTLS, valid from yesterday for a year (nobody checks it: WebRTC trusts the
 * fingerprint). Made once per process.
 */
export async function createCertificate(clock: Pick<Clock, "now"> = systemClock): Promise<DtlsCertificate> {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const algorithm = der(SEQUENCE, ecdsaWithSha256);
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
  const certificate = der(SEQUENCE, body, algorithm, der(BIT_STRING, new Uint8Array(1), signature));
  return {
    certPem: pem("CERTIFICATE", certificate),
    keyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    fingerprint: fingerprintOf(certificate, "sha-256"),
  };
}

/** The DER bytes of a PEM certificate. */
export function certificateBytes(certPem: string): Uint8Array {
  return Buffer.from(certPem.replace(/-----[^-]+-----|\s/g, ""), "base64");
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

function pem(label: string, bytes: Uint8Array): string {
  const lines = Buffer.from(bytes).toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
