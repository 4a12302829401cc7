import { Buffer } from "node:buffer";
import { join, uint } from "./byte_reader.ts";

/** One DER element (ITU-T X.690 section 8.1): its tag, and where it and its content lie. */
interface Element {
  tag: number;
  from: number;
  contentFrom: number;
  to: number;
}

/** Writes an element around `parts`. */
export function der(tag: number, ...parts: Uint8Array[]): Uint8Array {
  const content = join(...parts);
  const length = content.length < 128
    ? uint(content.length, 1)
    : content.length < 256
    ? uint(0x8100 + content.length, 2)
    : uint(0x820000 + content.length, 3);
  return join(uint(tag, 1), length, content);
}

/**
 * The SubjectPublicKeyInfo of a DER certificate (RFC 5280 section 4.1). Certificates of WebRTC are trusted by their
 * fingerprint alone, so nothing else in them is looked at. Throws RangeError on anything malformed.
 */
export function publicKeyInfo(certificate: Uint8Array): Buffer {
  const whole = readElement(certificate, 0);
  const body = readElement(certificate, whole.contentFrom);
  let element = readElement(certificate, body.contentFrom);
  const hasVersion = element.tag === 0xa0;
  // [version], serialNumber, signature, issuer, validity, subject come before it.
  for (let i = 0; i < (hasVersion ? 6 : 5); i++) element = readElement(certificate, element.to);
  return Buffer.from(certificate.subarray(element.from, element.to));
}

function readElement(bytes: Uint8Array, from: number): Element {
  const first = bytes[from + 1];
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  let length = lengthBytes === 0 ? first : 0;
  for (let i = 0; i < lengthBytes; i++) length = length * 256 + bytes[from + 2 + i];
  const contentFrom = from + 2 + lengthBytes;
  const to = contentFrom + length;
  if (lengthBytes > 3 || !(to <= bytes.length)) {
    throw new RangeError("An element reaches past the certificate");
  }
  return { tag: bytes[from], from, contentFrom, to };
}
