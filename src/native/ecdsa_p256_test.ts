import { createECDH, generateKeyPairSync, sign, verify } from "node:crypto";
import { describe, expect, test } from "vitest";
import { ecdsaP256, isP256KeyInfo, portableEcdsaP256 } from "./ecdsa_p256.ts";

const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
const keyInfo = publicKey.export({ type: "spki", format: "der" });
const data = Uint8Array.from({ length: 1000 }, (_, i) => i);

test("this machine has libcrypto, so its ECDSA is used", () => {
  expect(ecdsaP256().kind).toBe("ffi");
});

describe.each([["libcrypto", ecdsaP256()], ["node:crypto", portableEcdsaP256]] as const)("%s", (_, ecdsa) => {
  test("signs what node:crypto verifies", () => {
    for (let i = 0; i < 50; i++) {
      expect(verify("sha256", data, publicKey, ecdsa.sign(privateKey, data))).toBe(true);
    }
  });

  test("verifies what node:crypto signed", () => {
    for (let i = 0; i < 50; i++) {
      expect(ecdsa.verify(keyInfo, data, sign("sha256", data, privateKey))).toBe(true);
    }
  });

  test("refuses other data, other keys, and signatures with any byte changed or missing", () => {
    const signature = sign("sha256", data, privateKey);
    const stranger = generateKeyPairSync("ec", { namedCurve: "prime256v1" }).publicKey;
    expect(ecdsa.verify(keyInfo, data.subarray(1), signature)).toBe(false);
    expect(ecdsa.verify(stranger.export({ type: "spki", format: "der" }), data, signature)).toBe(false);
    for (let at = 0; at < signature.length; at++) {
      const changed = Uint8Array.from(signature);
      changed[at] ^= 1;
      expect(ecdsa.verify(keyInfo, data, changed)).toBe(false);
      expect(ecdsa.verify(keyInfo, data, signature.subarray(0, at))).toBe(false);
    }
  });

  test("refuses a point that is not on the curve", () => {
    const outside = Uint8Array.from(keyInfo);
    outside[90] ^= 1;
    expect(ecdsa.verify(outside, data, sign("sha256", data, privateKey))).toBe(false);
  });
});

test("a key on P-256 is told from others by its SubjectPublicKeyInfo", () => {
  const of = (namedCurve: string) =>
    generateKeyPairSync("ec", { namedCurve }).publicKey.export({ type: "spki", format: "der" });
  expect(isP256KeyInfo(keyInfo)).toBe(true);
  expect(isP256KeyInfo(of("secp384r1"))).toBe(false);
  expect(isP256KeyInfo(keyInfo.subarray(1))).toBe(false);
  expect(isP256KeyInfo(createECDH("prime256v1").generateKeys())).toBe(false);
});
