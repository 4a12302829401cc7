import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { createCertificate } from "../certificate.ts";
import { der } from "./der.ts";
import { HandshakeFailure } from "./failure.ts";
import { chooseScheme, signBy, verifiableSchemes, verifySignature } from "./signature.ts";

const data = Uint8Array.from({ length: 500 }, (_, i) => i);

/** What is read of a certificate: the seventh element of its body is the key. */
function certificateOf(spki: Uint8Array): Uint8Array {
  const any = der(0x02, new Uint8Array(1));
  return der(0x30, der(0x30, der(0xa0, any), any, any, any, any, any, spki));
}

function alertOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as HandshakeFailure).alert;
  }
  return "none";
}

describe.each(["ECDSA", "RSA"] as const)("%s", (keyType) => {
  test("what is signed with its best scheme is verified, and nothing else", async () => {
    const { key, bytes } = await createCertificate(keyType);
    for (let taken = verifiableSchemes.slice();;) {
      const scheme = chooseScheme(keyType, taken);
      if (scheme === null) break;
      const signature = signBy(scheme, key, data);
      expect(verifySignature(scheme, bytes, data, signature)).toBe(keyType);
      expect(alertOf(() => verifySignature(scheme, bytes, data.subarray(1), signature))).toBe(
        "decrypt_error",
      );
      expect(alertOf(() => verifySignature(scheme, bytes, data, signature.subarray(1)))).toBe(
        "decrypt_error",
      );
      for (const other of verifiableSchemes.filter((each) => each !== scheme)) {
        expect(alertOf(() => verifySignature(other, bytes, data, signature)), `${other}`).toBe(
          "decrypt_error",
        );
      }
      taken = taken.filter((each) => each !== scheme);
    }
  });
});

test("a peer that names no schemes has not heard of PSS, and SHA-1 is signed for nobody", () => {
  expect([chooseScheme("RSA", null), chooseScheme("ECDSA", null)]).toEqual([0x0401, 0x0403]);
  expect([chooseScheme("RSA", [0x0201, 0x0403]), chooseScheme("ECDSA", [0x0203])]).toEqual([null, null]);
});

/** SubjectPublicKeyInfo of a modulus that nobody has the primes of. */
function rsaKeyOf(bits: number): Uint8Array {
  const modulus = new Uint8Array(bits / 8 + 1).fill(0xc5, 1);
  const key = der(0x30, der(0x02, modulus), der(0x02, new Uint8Array([1, 0, 1])));
  const rsaEncryption = Buffer.from("06092a864886f70d010101", "hex");
  return der(0x30, der(0x30, rsaEncryption, der(0x05)), der(0x03, new Uint8Array(1), key));
}

test.each([[1024, "unsupported_certificate"], [2040, "unsupported_certificate"], [2048, "decrypt_error"]])(
  "a wrong signature of an RSA key of %i bits: %s",
  (bits, alert) => {
    const certificate = certificateOf(rsaKeyOf(bits));
    expect(alertOf(() => verifySignature(0x0401, certificate, data, new Uint8Array(bits / 8)))).toBe(alert);
  },
);

test("RSA keys so large that their use would take long are refused", () => {
  for (const bits of [4104, 8192, 16_384]) {
    const certificate = certificateOf(rsaKeyOf(bits));
    const refused = alertOf(() => verifySignature(0x0804, certificate, data, new Uint8Array(bits / 8)));
    // node:crypto of Deno does not even read keys beyond its own bound.
    expect(["unsupported_certificate", "decrypt_error"]).toContain(refused);
  }
});

test("garbage for a certificate verifies nothing", () => {
  for (let length = 0; length < 200; length++) {
    const garbage = Uint8Array.from({ length }, (_, i) => (i * 37 + length * 11) & 255);
    expect(alertOf(() => verifySignature(0x0401, garbage, data, garbage))).toBe("decrypt_error");
    expect(alertOf(() => verifySignature(0x0403, certificateOf(garbage), data, garbage))).toBe(
      "decrypt_error",
    );
  }
});
