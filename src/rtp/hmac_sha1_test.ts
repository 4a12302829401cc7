import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { hmacSha1, hmacSha1Key } from "./hmac_sha1.ts";

function digestOf(key: Uint8Array, text: Uint8Array, before = 0): string {
  const bytes = new Uint8Array(before + text.length + 20);
  bytes.set(text, before);
  hmacSha1(hmacSha1Key(key), bytes, before, before + text.length, bytes, before + text.length);
  return Buffer.from(bytes.slice(before + text.length)).toString("hex");
}

const ascii = (text: string) => new TextEncoder().encode(text);
const filled = (length: number, value: number) => new Uint8Array(length).fill(value);

test("the vectors of RFC 2202 section 3 come out, keys longer than a block included", () => {
  const cases: [Uint8Array, Uint8Array, string][] = [
    [filled(20, 0x0b), ascii("Hi There"), "b617318655057264e28bc0b6fb378c8ef146be00"],
    [ascii("Jefe"), ascii("what do ya want for nothing?"), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"],
    [filled(20, 0xaa), filled(50, 0xdd), "125d7342b9ac11cd91a39af48aa17b4f63f175d3"],
    [
      filled(80, 0xaa),
      ascii("Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data"),
      "e8e99d0f45237d786d6bbaa7965c7808bbff1a91",
    ],
  ];
  for (const [key, text, digest] of cases) expect(digestOf(key, text)).toBe(digest);
});

test("every length up to three blocks agrees with the system's own", () => {
  const key = ascii("password of an ICE agent");
  for (let length = 0; length <= 192; length++) {
    const text = Uint8Array.from({ length }, (_, i) => i * 31 + length);
    const digest = createHmac("sha1", key).update(text).digest("hex");
    expect(digestOf(key, text, length % 7)).toBe(digest);
  }
});
