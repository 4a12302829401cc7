import { Buffer } from "node:buffer";
import { generateKeyPairSync, sign } from "node:crypto";

const hex = (digits: string): Uint8Array => Buffer.from(digits, "hex");

/** Ready elements of a certificate in DER: version 3, serial number 1, ECDSA with SHA-256, commonName "door". */
const version = hex("a003020102");
const serialNumber = hex("020101");
const algorithm = hex("300a06082a8648ce3d040302");
const name = hex("300f310d300b06035504030c04646f6f72");

/**
 * A key with a certificate for a server that only FFmpeg in this process comes to, and that it does not ask who it is
 * (RFC 5280 section 4.1). PEM.
 */
export function makeDoorIdentity(): { key: string; cert: string } {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const validity = sequence(time("000101000000Z"), time("491231235959Z"));
  const subjectKey = publicKey.export({ type: "spki", format: "der" });
  const body = sequence(version, serialNumber, algorithm, name, validity, name, subjectKey);
  const signature = sign("sha256", body, privateKey);
  const certificate = sequence(body, algorithm, element(0x03, new Uint8Array(1), signature));
  const lines = Buffer.from(certificate).toString("base64").replace(/.{64}/g, "$&\n");
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}

const sequence = (...parts: Uint8Array[]) => element(0x30, ...parts);
const time = (text: string) => element(0x17, Buffer.from(text));

/** X.690 section 8.1; up to 65 535 bytes. */
function element(tag: number, ...parts: Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  const { length } = content;
  const long = length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  const written = length < 128 ? [length] : long;
  return Buffer.concat([Uint8Array.of(tag, ...written), content]);
}
