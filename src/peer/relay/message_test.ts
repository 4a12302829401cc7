import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { encodeTurn, longTermKey, parseTurn, type TurnMessage, verifyTurn } from "./message.ts";

const transactionId = "0102030405060708090a0b0c";

test("the key of the long-term credentials is that of RFC 8489 section 9.2.2", () => {
  expect(Buffer.from(longTermKey("user", "realm", "pass")).toString("hex")).toBe(
    "8493fbc53ba582fb4c044c456bdc40eb",
  );
});

/** RFC 5769 section 2.4: a request whose user name and password are not ASCII. */
test("the vector of RFC 5769 for long-term credentials is authentic under its key, and not under another", () => {
  // Binding is no method of TURN's own; Allocate in its place would change the signature, so the method is put in
  // before parsing and taken out again before verifying.
  const bytes = new Uint8Array(Buffer.from(
    `000100602112a44278ad3433c6ad72c029da412e00060012e3839ee38388e383aae38383e382af
    e382b900000015001c662f2f3439396b39353464364f4c33346f4c394653547679363473410014
    000b6578616d706c652e6f72670000080014f67024656dd64a3e02b8e0712e85c9a28ca89666`.replace(/\s/g, ""),
    "hex",
  ));
  const asAllocate = bytes.slice();
  asAllocate[1] = 3;
  const message = parseTurn(asAllocate)!;
  expect(message).toMatchObject({ realm: "example.org", nonce: "f//499k954d6OL34oL9FSTvy64sA" });
  const key = longTermKey("\u30de\u30c8\u30ea\u30c3\u30af\u30b9", "example.org", "TheMatrIX");
  expect(verifyTurn(bytes, message, key)).toBe(true);
  expect(verifyTurn(bytes, message, longTermKey("x", "example.org", "TheMatrIX"))).toBe(false);
});

describe("a message", () => {
  const full: TurnMessage = {
    method: "channelBind",
    kind: "success",
    transactionId,
    realm: "kaskado.test",
    nonce: "abc",
    errorCode: 438,
    lifetime: 600,
    peerAddress: { address: "192.0.2.9", port: 4242 },
    relayedAddress: { address: "2001:db8::9", port: 1 },
    mappedAddress: { address: "198.51.100.7", port: 65535 },
    data: new Uint8Array([1, 2, 3]),
  };

  test("is read back as it was written", () => {
    const bytes = encodeTurn(full, null);
    expect(parseTurn(bytes)).toMatchObject(full);
    expect(bytes.length % 4).toBe(0);
  });

  test.each(["allocate", "refresh", "send", "data", "createPermission", "channelBind"] as const)(
    "of the method %s keeps method and class",
    (method) => {
      for (const kind of ["request", "indication", "success", "error"] as const) {
        expect(parseTurn(encodeTurn({ method, kind, transactionId }, null))).toMatchObject({ method, kind });
      }
    },
  );

  test("with any bit turned is malformed or unauthentic", () => {
    const key = longTermKey("user", "realm", "pass");
    const bytes = encodeTurn(full, key);
    expect(verifyTurn(bytes, parseTurn(bytes)!, key)).toBe(true);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const forged = bytes.slice();
      forged[bit >> 3] ^= 1 << (bit & 7);
      const parsed = parseTurn(forged);
      expect(parsed !== null && verifyTurn(forged, parsed, key)).toBe(false);
    }
  });

  test("cut anywhere is none", () => {
    const bytes = encodeTurn(full, null);
    for (let length = 0; length < bytes.length; length++) {
      expect(parseTurn(bytes.subarray(0, length))).toBe(null);
    }
  });

  test("whose attributes have wrong lengths is none", () => {
    const attribute = (type: number, value: number[]) => {
      const bytes = new Uint8Array(24 + value.length);
      bytes.set([1, 3, 0, 4 + value.length, 0x21, 0x12, 0xa4, 0x42]);
      bytes.set([type >> 8, type & 255, 0, value.length, ...value], 20);
      return parseTurn(bytes);
    };
    expect(attribute(0x000d, [0, 0, 2, 88])).toMatchObject({ lifetime: 600 });
    expect(attribute(0x000d, [0, 0, 0, 0, 0, 0, 0, 0])).toBe(null);
    expect(attribute(0x0009, [])).toBe(null);
    expect(attribute(0x0016, [0, 1, 0, 1])).toBe(null);
    expect(attribute(0x0016, [0, 3, 0, 1, 0, 0, 0, 0])).toBe(null);
    expect(attribute(0x0008, [1, 2, 3, 4])).toBe(null);
  });
});
