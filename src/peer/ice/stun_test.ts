import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { encodeStun, parseStun, type StunMessage, verifyIntegrity } from "./stun.ts";

const bytesOf = (hex: string) => new Uint8Array(Buffer.from(hex.replace(/\s/g, ""), "hex"));
const password = "VOkJxbRl1RmTxUk/WvJxBt";

/** RFC 5769 sections 2.1, 2.2 and 2.3. */
const request = bytesOf(`000100582112a442b7e7a701bc34d686fa87dfae
  802200105354554e207465737420636c69656e74 002400046e0001ff 80290008932ff9b151263b36
  000600096576746a3a68367659202020 000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2 80280004e57a3bcf`);
const response4 = bytesOf(`0101003c2112a442b7e7a701bc34d686fa87dfae 8022000b7465737420766563746f7220
  002000080001a147e112a643 000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7 80280004c07d4c96`);
const response6 = bytesOf(`010100482112a442b7e7a701bc34d686fa87dfae 8022000b7465737420766563746f7220
  002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9
  00080014a382954e4be67bf11784c97c8292c275bfe3ed41 80280004c8fb0b4c`);

describe("the vectors of RFC 5769", () => {
  test("the request is read and its integrity holds", () => {
    const message = parseStun(request)!;
    expect(message).toMatchObject({ kind: "request", username: "evtj:h6vY", priority: 0x6e0001ff });
    expect(message.controlled).toBe(0x932ff9b151263b36n);
    expect(verifyIntegrity(request, message, password)).toBe(true);
    expect(verifyIntegrity(request, message, password + "x")).toBe(false);
  });

  test("the responses are read with their addresses", () => {
    expect(parseStun(response4)?.mappedAddress).toEqual({ address: "192.0.2.1", port: 32853 });
    const message = parseStun(response6)!;
    expect(message.mappedAddress).toEqual({ address: "2001:db8:1234:5678:11:2233:4455:6677", port: 32853 });
    expect(verifyIntegrity(response6, message, password)).toBe(true);
  });
});

describe("a message of ours", () => {
  const message: StunMessage = {
    kind: "request",
    transactionId: "0102030405060708090a0b0c",
    username: "theirs:ours",
    priority: 1,
    useCandidate: true,
    controlling: 0xfedcba9876543210n,
  };

  test("is read back as it was written", () => {
    const bytes = encodeStun(message, password);
    const parsed = parseStun(bytes)!;
    expect(parsed).toMatchObject(message);
    expect(verifyIntegrity(bytes, parsed, password)).toBe(true);
  });

  test("carries addresses of both families and error codes", () => {
    for (const address of ["192.0.2.9", "2001:db8::9"]) {
      const mappedAddress = { address, port: 4242 };
      const { transactionId } = message;
      expect(
        parseStun(encodeStun({ kind: "success", transactionId, mappedAddress }, password))?.mappedAddress,
      )
        .toEqual(mappedAddress);
    }
    const error = encodeStun(
      { kind: "error", transactionId: message.transactionId, errorCode: 487 },
      password,
    );
    expect(parseStun(error)?.errorCode).toBe(487);
  });

  test("with any bit turned that counts is malformed or unauthentic", () => {
    const bytes = encodeStun(message, password);
    const fingerprintAt = bytes.length - 8;
    for (let bit = 0; bit < fingerprintAt * 8; bit++) {
      const forged = bytes.slice();
      forged[bit >> 3] ^= 1 << (bit & 7);
      const parsed = parseStun(forged);
      expect(parsed !== null && verifyIntegrity(forged, parsed, password)).toBe(false);
    }
  });
});
