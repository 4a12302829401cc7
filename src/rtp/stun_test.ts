import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { hmacSha1Key } from "./hmac_sha1.ts";
import {
  sealStun,
  STUN_CONTROLLED,
  STUN_CONTROLLING,
  STUN_INTEGRITY,
  STUN_REQUEST,
  STUN_SUCCESS,
  STUN_USERNAME,
  stunAttribute,
  stunIsAuthentic,
  stunType,
  stunValueIs,
  writeStunSuccess,
} from "./stun.ts";

const bytesOf = (hex: string) => new Uint8Array(Buffer.from(hex.replace(/\s/g, ""), "hex"));
const key = hmacSha1Key(new TextEncoder().encode("VOkJxbRl1RmTxUk/WvJxBt"));

/** RFC 5769 sections 2.1, 2.2 and 2.3. */
const request = bytesOf(`000100582112a442b7e7a701bc34d686fa87dfae
  802200105354554e207465737420636c69656e74 002400046e0001ff 80290008932ff9b151263b36
  000600096576746a3a68367659202020 000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2 80280004e57a3bcf`);
const response4 = bytesOf(`0101003c2112a442b7e7a701bc34d686fa87dfae 8022000b7465737420766563746f7220
  002000080001a147e112a643 000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7 80280004c07d4c96`);
const response6 = bytesOf(`010100482112a442b7e7a701bc34d686fa87dfae 8022000b7465737420766563746f7220
  002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9
  00080014a382954e4be67bf11784c97c8292c275bfe3ed41 80280004c8fb0b4c`);

/** The message in the middle of a larger buffer, as it stands in a slot. */
function placed(message: Uint8Array, at = 36): Uint8Array {
  const bytes = new Uint8Array(at + message.length + 40).fill(0xee);
  bytes.set(message, at);
  return bytes;
}

describe("the vectors of RFC 5769", () => {
  test("are in order and authentic, and stand as before once that was looked at", () => {
    for (
      const [message, type] of [[request, STUN_REQUEST], [response4, STUN_SUCCESS], [
        response6,
        STUN_SUCCESS,
      ]] as const
    ) {
      const bytes = placed(message);
      expect(stunType(bytes, 36, message.length)).toBe(type);
      expect(stunIsAuthentic(bytes, 36, message.length, key)).toBe(true);
      expect(bytes).toEqual(placed(message));
      expect(stunIsAuthentic(bytes, 36, message.length, hmacSha1Key(new Uint8Array(3)))).toBe(false);
    }
  });

  test("the request's attributes are found, and what is not there is not", () => {
    const at = stunAttribute(request, 0, request.length, STUN_USERNAME);
    expect(stunValueIs(request, at, new TextEncoder().encode("evtj:h6vY"))).toBe(true);
    expect(stunValueIs(request, at, new TextEncoder().encode("evtj:h6vZ"))).toBe(false);
    expect(stunValueIs(request, at, new TextEncoder().encode("evtj:h6v"))).toBe(false);
    expect(stunAttribute(request, 0, request.length, STUN_CONTROLLED)).toBeGreaterThan(0);
    expect(stunAttribute(request, 0, request.length, STUN_CONTROLLING)).toBe(-1);
    // FINGERPRINT stands behind MESSAGE-INTEGRITY.
    expect(stunAttribute(request, 0, request.length, 0x8028)).toBe(-1);
  });

  test("the responses are sealed byte for byte", () => {
    for (const response of [response4, response6]) {
      const length = response.length - 32;
      const bytes = placed(response.slice(0, length));
      expect(sealStun(bytes, 36, length, key)).toBe(response.length);
      expect(bytes.slice(36, 36 + response.length)).toEqual(response);
    }
  });

  test("a success names the address as the responses do", () => {
    const without = (response: Uint8Array) =>
      Buffer.from(response.slice(36, response.length - 32)).toString("hex");
    const addresses = [
      { words: [0, 0, 0xffff, 0xc0000201], like: response4 },
      { words: [0x20010db8, 0x12345678, 0x00112233, 0x44556677], like: response6 },
    ];
    for (const { words, like } of addresses) {
      const bytes = new Uint8Array(200);
      const length = writeStunSuccess(
        bytes,
        8,
        placed(request),
        36,
        Uint32Array.from([9, ...words]),
        1,
        32853,
        key,
      );
      const message = bytes.slice(8, 8 + length);
      expect(stunType(message, 0, length)).toBe(STUN_SUCCESS);
      expect(stunIsAuthentic(message, 0, length, key)).toBe(true);
      expect(Buffer.from(message.slice(4, 20)).toString("hex")).toBe("2112a442b7e7a701bc34d686fa87dfae");
      expect(Buffer.from(message.slice(20, length - 32)).toString("hex")).toBe(without(like));
    }
  });
});

describe("messages that are not in order", () => {
  test("no byte of a request can be changed without being noticed", () => {
    for (let i = 0; i < request.length; i++) {
      const changed = request.slice();
      changed[i] ^= 1;
      const ok = stunType(changed, 0, changed.length) >= 0 &&
        stunAttribute(changed, 0, changed.length, STUN_INTEGRITY) >= 0 &&
        stunIsAuthentic(changed, 0, changed.length, key);
      // The type of an attribute behind MESSAGE-INTEGRITY is covered by nothing: without FINGERPRINT it may be anything.
      expect(ok, `byte ${i}`).toBe(i === request.length - 8 || i === request.length - 7);
    }
  });

  test("whatever comes is read within its bounds", () => {
    let seed = 7;
    const random = () => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) >>> 8;
    for (let round = 0; round < 20_000; round++) {
      const length = 20 + random() % 90;
      const bytes = Uint8Array.from({ length }, (_, i) => i < request.length ? request[i] : random());
      for (let change = 0; change < 4; change++) bytes[random() % length] = random();
      bytes[2] = 0;
      bytes[3] = length - 20;
      if (stunType(bytes, 0, length) < 0) continue;
      expect(stunAttribute(bytes, 0, length, STUN_INTEGRITY)).toBeLessThan(length);
      expect(stunIsAuthentic(bytes, 0, length, key)).toBe(false);
    }
  });

  test("too short, of another magic, or with a length that is not its own is none", () => {
    expect(stunType(request, 0, 19)).toBe(-1);
    expect(stunType(request, 0, request.length - 4)).toBe(-1);
    const magic = request.slice();
    magic[4] = 0;
    expect(stunType(magic, 0, magic.length)).toBe(-1);
    const long = request.slice();
    long[23] = 200;
    expect(stunType(long, 0, long.length)).toBe(-1);
  });
});
