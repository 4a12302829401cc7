import { createPublicKey, X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { createCertificate } from "./certificate.ts";
import { publicKeyInfo } from "./dtls/der.ts";

test.each(["ECDSA", "RSA"] as const)(
  "an %s certificate is one that node:crypto reads, signed by its own key",
  async (keyType) => {
    const { bytes, key, fingerprint } = await createCertificate(keyType);
    const certificate = new X509Certificate(bytes);
    const own = createPublicKey(key).export({ type: "spki", format: "der" });
    expect(certificate.fingerprint256).toBe(fingerprint);
    expect(certificate.subject).toBe("CN=kaskado");
    expect(certificate.publicKey.export({ type: "spki", format: "der" })).toEqual(own);
    expect(new Date(certificate.validTo).getTime()).toBeGreaterThan(Date.now());
    expect(publicKeyInfo(bytes)).toEqual(own);
    expect(await selfSigned(bytes)).toBe(true);
  },
);

test("every certificate is another", async () => {
  const [a, b] = await Promise.all([createCertificate(), createCertificate()]);
  expect(a.fingerprint).not.toBe(b.fingerprint);
});

/** OpenSSL's opinion. */
async function selfSigned(bytes: Uint8Array): Promise<boolean> {
  const path = await Deno.makeTempFile();
  const pem = `-----BEGIN CERTIFICATE-----\n${
    btoa(String.fromCharCode(...bytes)).replace(/.{64}/g, "$&\n")
  }\n-----END CERTIFICATE-----\n`;
  await Deno.writeTextFile(path, pem);
  const args = ["verify", "-check_ss_sig", "-CAfile", path, path];
  const { success } = await new Deno.Command("openssl", { args, stdout: "null", stderr: "null" }).output();
  await Deno.remove(path);
  return success;
}
