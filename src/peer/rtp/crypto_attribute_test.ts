import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { type EncryptingProfile, srtpKeyLengths } from "../../native/mod.ts";
import { readCrypto, writeCrypto } from "./crypto_attribute.ts";

const suites: [string, EncryptingProfile][] = [
  ["AES_CM_128_HMAC_SHA1_80", "AES128_CM_HMAC_SHA1_80"],
  ["AES_CM_128_HMAC_SHA1_32", "AES128_CM_HMAC_SHA1_32"],
  ["AES_256_CM_HMAC_SHA1_80", "AES256_CM_HMAC_SHA1_80"],
  ["AES_256_CM_HMAC_SHA1_32", "AES256_CM_HMAC_SHA1_32"],
  ["AEAD_AES_128_GCM", "AEAD_AES_128_GCM"],
  ["AEAD_AES_256_GCM", "AEAD_AES_256_GCM"],
];
const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => i + 1);
const base64 = (length: number) => Buffer.from(bytes(length)).toString("base64");
const cm80 = "AES128_CM_HMAC_SHA1_80";
const line = (rest: string) => `1 AES_CM_128_HMAC_SHA1_80 ${rest}`;

test.each(suites)("%s is read and written with its lengths", (name, profile) => {
  const { key, salt } = srtpKeyLengths[profile];
  const all = bytes(key + salt);
  const text = `7 ${name} inline:${base64(key + salt)}`;
  expect(readCrypto(text, profile)).toEqual({
    tag: 7,
    profile,
    key: all.slice(0, key),
    salt: all.slice(key),
  });
  expect(writeCrypto(7, { profile, key: all.slice(0, key), salt: all.slice(key) })).toBe(text);
  for (const [, other] of suites) if (other !== profile) expect(readCrypto(text, other)).toBeNull();
});

test("the example of RFC 4568 section 6.1, without its MKI", () => {
  const read = readCrypto(line("inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20"), cm80);
  expect(read).toMatchObject({ tag: 1, lifetimePackets: 1_048_576 });
  expect(readCrypto(line(`inline:${base64(30)}|5000`), cm80)).toMatchObject({ lifetimePackets: 5000 });
});

test("another spelling of AES-256, and a window size hint, make no difference", () => {
  const text = `2 AES_CM_256_HMAC_SHA1_80 inline:${base64(46)} WSH=128`;
  expect(readCrypto(text, "AES256_CM_HMAC_SHA1_80")).toMatchObject({ tag: 2 });
});

describe("what cannot be used says why", () => {
  test.each([
    [line(""), "not given inline"],
    [line(`prompt:${base64(30)}`), "not given inline"],
    [line(`inline:${base64(29)}`), "30 bytes"],
    [line(`inline:${base64(46)}`), "30 bytes"],
    [line("inline:%%%"), "30 bytes"],
    [line("inline:"), "30 bytes"],
    [line(`inline:${base64(30)}|1:4`), "master key identifier"],
    [line(`inline:${base64(30)}|2^20|1:4`), "master key identifier"],
    [line(`inline:${base64(30)}|2^49`), "lifetime"],
    [line(`inline:${base64(30)}|0`), "lifetime"],
    [line(`inline:${base64(30)}|soon`), "lifetime"],
    [line(`inline:${base64(30)};inline:${base64(30)}`), "several keys"],
    [line(`inline:${base64(30)} UNENCRYPTED_SRTP`), "UNENCRYPTED_SRTP"],
    [line(`inline:${base64(30)} KDR=1`), "KDR=1"],
    [`one AES_CM_128_HMAC_SHA1_80 inline:${base64(30)}`, "tag"],
  ])("%s", (text, why) => expect(readCrypto(text, cm80)).toContain(why));

  test("and what is about no suite at all is passed over", () => {
    for (const text of ["", "1", "1 F8_128_HMAC_SHA1_80 inline:x", "1 toString inline:x"]) {
      expect(readCrypto(text, cm80)).toBeNull();
    }
  });
});
