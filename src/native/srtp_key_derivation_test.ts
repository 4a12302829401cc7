import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { openKeystream } from "./aes_ctr_ffi.ts";
import { openLibcrypto } from "./libcrypto.ts";
import { deriveKey, deriveSessionKeys } from "./srtp_key_derivation.ts";
import { srtpKeyLengths } from "./types.ts";

const hex = (text: string) => new Uint8Array(Buffer.from(text.replace(/\s/g, ""), "hex"));

const masterKey = hex("E1F97A0D3E018BE0D64FA32C06DE4139");
const masterSalt = hex("0EC675AD498AFEEBB6960B3AABE6");

test("the session keys of RFC 3711 appendix B.3 are derived", () => {
  const { rtp } = deriveSessionKeys("AES128_CM_HMAC_SHA1_80", masterKey, masterSalt);
  expect(rtp.cipherKey).toEqual(hex("C61E7A93744F39EE10734AFE3FF7A087"));
  expect(rtp.salt).toEqual(hex("30CBBC08863D8C85D49DB34A9AE1"));
  expect(rtp.authKey).toEqual(hex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"));
});

test("the long auth key of RFC 3711 appendix B.3 is derived", () => {
  expect(deriveKey(masterKey, masterSalt, 1, 94)).toEqual(hex(`
    CEBE321F6FF7716B6FD4AB49AF256A156D38BAA48F0A0ACF3C34E2359E6CDBCE
    E049646C43D9327AD175578EF72270986371C10C9A369AC2F94A8C5FBCDDDC25
    6D6E919A48B610EF17C2041E474035766B68642C59BBFC2F34DB60DBDFB2`));
});

test("RTP and RTCP get keys of their own, and a 12-byte salt stands left in the derivation", () => {
  const gcm = deriveSessionKeys("AEAD_AES_128_GCM", masterKey, masterSalt.slice(0, 12));
  const padded = deriveSessionKeys("AES128_CM_HMAC_SHA1_80", masterKey, hex("0EC675AD498AFEEBB6960B3A0000"));
  expect(gcm.rtp.cipherKey).toEqual(padded.rtp.cipherKey);
  expect(gcm.rtcp.cipherKey).toEqual(padded.rtcp.cipherKey);
  expect(gcm.rtcp.cipherKey).not.toEqual(gcm.rtp.cipherKey);
  expect(gcm.rtp.salt).toEqual(padded.rtp.salt.slice(0, 12));
});

test("libcrypto derives the same keys as node:crypto, for keys of both lengths", () => {
  const keystream = openKeystream(openLibcrypto());
  for (const profile of ["AEAD_AES_128_GCM", "AES128_CM_HMAC_SHA1_80", "AES256_CM_HMAC_SHA1_80"] as const) {
    const { key, salt } = srtpKeyLengths[profile];
    const master = Uint8Array.from({ length: key }, (_, i) => 3 * i + 1);
    const masterSaltOf = Uint8Array.from({ length: salt }, (_, i) => 200 - i);
    for (let round = 0; round < 2; round++) {
      expect(deriveSessionKeys(profile, master, masterSaltOf, keystream)).toEqual(
        deriveSessionKeys(profile, master, masterSaltOf),
      );
    }
  }
  expect(() => keystream(new Uint8Array(24), new Uint8Array(16), 16)).toThrow("Cannot derive SRTP keys");
  expect(() => keystream(new Uint8Array(16), new Uint8Array(16), 94)).toThrow("Cannot derive SRTP keys");
});

test("the AES-256 session keys of RFC 6188 section 7.4 are derived", () => {
  const key = hex("f0f04914b513f2763a1b1fa130f10e29 98f6f6e43e4309d1e622a0e332b9f1b6");
  const { rtp } = deriveSessionKeys("AES256_CM_HMAC_SHA1_80", key, hex("3b04803de51ee7c96423ab5b78d2"));
  expect(rtp.cipherKey).toEqual(hex("5ba1064e30ec51613cad926c5a28ef73 1ec7fb397f70a960653caf06554cd8c4"));
  expect(rtp.salt).toEqual(hex("fa31791685ca444a9e07c6c64e93"));
  expect(rtp.authKey).toEqual(hex("fd9c32d39ed5fbb5a9dc96b30818454d1313dc05"));
});
