import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { HandshakeFailure } from "./failure.ts";
import { groups, newEphemeralKey } from "./key_exchange.ts";

describe.each([["X25519", groups.x25519], ["P-256", groups.secp256r1]] as const)("%s", (_, group) => {
  test("two sides come to the same secret", () => {
    const [a, b] = [newEphemeralKey(group), newEphemeralKey(group)];
    expect(Buffer.from(a.agree(b.publicKey))).toEqual(Buffer.from(b.agree(a.publicKey)));
    expect(a.agree(b.publicKey)).toHaveLength(32);
  });

  test("points of another length are refused", () => {
    const [a, b] = [newEphemeralKey(group), newEphemeralKey(group)];
    const point = b.publicKey;
    for (const wrong of [point.subarray(1), point.subarray(0, -1), Buffer.concat([point, Buffer.of(1)])]) {
      expect(() => a.agree(wrong)).toThrow(HandshakeFailure);
    }
    expect(() => a.agree(new Uint8Array(0))).toThrow(HandshakeFailure);
  });
});

test("P-256 refuses points beside the curve and the point at infinity", () => {
  const ours = newEphemeralKey(groups.secp256r1);
  const point = Uint8Array.from(newEphemeralKey(groups.secp256r1).publicKey);
  for (let at = 1; at < 65; at += 7) {
    const beside = point.slice();
    beside[at] ^= 1;
    expect(() => ours.agree(beside)).toThrow(HandshakeFailure);
  }
  expect(() => ours.agree(new Uint8Array(65).fill(0, 1).fill(4, 0, 1))).toThrow(HandshakeFailure);
  expect(() => ours.agree(new Uint8Array([0]))).toThrow(HandshakeFailure);
});

test("X25519 refuses every point of small order", () => {
  const ours = newEphemeralKey(groups.x25519);
  // RFC 7748 section 6.1 names what they give; these are the canonical ones and 2^255 - 19 with its neighbours.
  const small = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  ];
  for (const point of small) {
    expect(() => ours.agree(Buffer.from(point, "hex")), point).toThrow(HandshakeFailure);
  }
});
