import { Buffer } from "node:buffer";
import { createHmac, randomBytes } from "node:crypto";

/**
 * A STUN binding request (RFC 8489) as an ICE agent sends it, with MESSAGE-INTEGRITY under whatever password is given.
 * Without FINGERPRINT, which is the sender's choice.
 */
export function bindingRequest(username: string, password: string): Uint8Array {
  const attributes = Buffer.concat([
    attribute(0x0006, Buffer.from(username)),
    attribute(0x0024, Buffer.from([0x6e, 0x7f, 0x1e, 0xff])),
    attribute(0x802a, randomBytes(8)),
    attribute(0x0025, Buffer.alloc(0)),
  ]);
  const integrityBytes = 24;
  const header = Buffer.alloc(8);
  header.writeUInt16BE(0x0001, 0);
  header.writeUInt16BE(attributes.length + integrityBytes, 2);
  header.writeUInt32BE(0x2112a442, 4);
  const message = Buffer.concat([header, randomBytes(12), attributes]);
  const integrity = createHmac("sha1", password).update(message).digest();
  return new Uint8Array(Buffer.concat([message, attribute(0x0008, integrity)]));
}

function attribute(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc((4 - value.length % 4) % 4)]);
}
