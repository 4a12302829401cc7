import { expect, test } from "vitest";
import { KIND_DTLS, KIND_RTCP, KIND_RTP, KIND_STUN, KIND_UNKNOWN, packetKind } from "./packet_kind.ts";

function kindOf(first: number, second = 0, length = 100): number {
  const bytes = new Uint8Array(3 + length);
  bytes[3] = first;
  bytes[4] = second;
  return packetKind(bytes, 3, length);
}

test("every first byte falls into its range of RFC 7983", () => {
  for (let first = 0; first < 256; first++) {
    const wanted = first <= 3
      ? KIND_STUN
      : first >= 20 && first <= 63
      ? KIND_DTLS
      : first >= 128 && first <= 191
      ? KIND_RTP
      : KIND_UNKNOWN;
    expect(kindOf(first), `first byte ${first}`).toBe(wanted);
  }
});

test("the second byte tells RTCP from RTP with and without marker (RFC 5761)", () => {
  for (let second = 0; second < 256; second++) {
    const wanted = second >= 192 && second <= 223 ? KIND_RTCP : KIND_RTP;
    expect(kindOf(0x80, second), `second byte ${second}`).toBe(wanted);
  }
});

test("a datagram shorter than the smallest header of its kind is unknown", () => {
  expect([kindOf(0, 1, 19), kindOf(0, 1, 20)]).toEqual([KIND_UNKNOWN, KIND_STUN]);
  expect([kindOf(22, 254, 12), kindOf(22, 254, 13)]).toEqual([KIND_UNKNOWN, KIND_DTLS]);
  expect([kindOf(0x80, 96, 11), kindOf(0x80, 96, 12)]).toEqual([KIND_UNKNOWN, KIND_RTP]);
  expect([kindOf(0x80, 201, 7), kindOf(0x80, 201, 8)]).toEqual([KIND_UNKNOWN, KIND_RTCP]);
  expect(kindOf(0x80, 96, 0)).toBe(KIND_UNKNOWN);
});
