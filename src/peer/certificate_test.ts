import { createPublicKey, X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { certificateBytes, createCertificate } from "./certificate.ts";
import { publicKeyInfo } from "./dtls/der.ts";

test("the certificate is one that node:crypto reads, signed by its own key", async () => {
  const { certPem, keyPem, fingerprint } = await createCertificate();
  const certificate = new X509Certificate(certPem);
  expect(certificate.fingerprint256).toBe(fingerprint);
  expect(certificate.subject).toBe("CN=kaskado");
  expect(certificate.publicKey.export({ type: "spki", format: "der" })).toEqual(
    createPublicKey(keyPem).export({ type: "spki", format: "der" }),
  );
  expect(new Date(certificate.validTo).getTime()).toBeGreaterThan(Date.now());
  expect(publicKeyInfo(certificateBytes(certPem))).toEqual(
    createPublicKey(keyPem).export({ type: "spki", format: "der" }),
  );
});

test("every certificate is another", async () => {
  const [a, b] = await Promise.all([createCertificate(), createCertificate()]);
  expect(a.fingerprint).not.toBe(b.fingerprint);
});
