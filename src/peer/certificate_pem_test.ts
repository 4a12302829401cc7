import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { readCertificate } from "./certificate_pem.ts";
import { openCertificates } from "./certificates.ts";

/** Certificate and key as OpenSSL writes them. */
async function pem(...newKey: string[]): Promise<string> {
  const args = [
    "req",
    "-x509",
    "-newkey",
    ...newKey,
    "-nodes",
    "-keyout",
    "-",
    "-days",
    "2",
    "-subj",
    "/CN=x",
  ];
  const { stdout } = await new Deno.Command("openssl", { args, stderr: "null" }).output();
  return new TextDecoder().decode(stdout);
}

const p256 = await pem("ec", "-pkeyopt", "ec_paramgen_curve:P-256");
const p384 = await pem("ec", "-pkeyopt", "ec_paramgen_curve:P-384");
const stranger = await pem("ec", "-pkeyopt", "ec_paramgen_curve:P-256");
const rsa = await pem("rsa:2048");
const short = await pem("rsa:1024");
const block = (text: string, label: string) =>
  text.match(new RegExp(`-----BEGIN ${label}-----[^-]+-----END ${label}-----\n`))![0];
const certificate = (text: string) => block(text, "CERTIFICATE");
const key = (text: string) => block(text, "PRIVATE KEY");

describe("a PEM text", () => {
  test.each([["ECDSA", p256], ["RSA", rsa]] as const)(
    "with an %s key is read in either order",
    (keyType, text) => {
      const read = readCertificate(keyType, text);
      expect(read.fingerprint).toBe(new X509Certificate(certificate(text)).fingerprint256);
      expect(readCertificate(keyType, certificate(text) + key(text)).fingerprint).toBe(read.fingerprint);
      expect(readCertificate(keyType, key(text) + certificate(text)).fingerprint).toBe(read.fingerprint);
    },
  );

  test("with a key in OpenSSL's older form is read", async () => {
    const path = await Deno.makeTempFile();
    await Deno.writeTextFile(path, key(p256));
    const args = ["ec", "-in", path];
    const { stdout } = await new Deno.Command("openssl", { args, stderr: "null" }).output();
    await Deno.remove(path);
    const older = new TextDecoder().decode(stdout);
    expect(older).toContain("BEGIN EC PRIVATE KEY");
    expect(readCertificate("ECDSA", certificate(p256) + older).keyType).toBe("ECDSA");
  });

  test("of a chain gives its first certificate", () => {
    const read = readCertificate("ECDSA", key(p256) + certificate(p256) + certificate(rsa));
    expect(read.fingerprint).toBe(new X509Certificate(certificate(p256)).fingerprint256);
  });

  test.each(
    [
      ["nothing", "RSA", "", "it holds no certificate, put a CERTIFICATE block of PEM into it"],
      ["no certificate", "RSA", key(rsa), "it holds no certificate, put a CERTIFICATE block of PEM into it"],
      [
        "no key",
        "RSA",
        certificate(rsa),
        "it holds no private key without a password, put a PRIVATE KEY block of PEM into it",
      ],
      [
        "a broken key",
        "RSA",
        certificate(rsa) + key(rsa).replace(/\n[^-]{30}/, "\n"),
        "its private key cannot be read",
      ],
      [
        "another's key",
        "ECDSA",
        certificate(stranger) + key(p256),
        "its private key belongs to another certificate",
      ],
      [
        "a broken certificate",
        "ECDSA",
        certificate(p256).replace(/\n[^-]{300}/, "\n") + key(p256),
        "its private key belongs to another certificate",
      ],
      ["the other kind of key", "RSA", p256, "its private key is none for RSA of 2048 to 4096 bits"],
      ["the other kind of key", "ECDSA", rsa, "its private key is none for ECDSA on P-256 (prime256v1)"],
      ["another curve", "ECDSA", p384, "its private key is none for ECDSA on P-256 (prime256v1)"],
      ["a short key", "RSA", short, "its private key is none for RSA of 2048 to 4096 bits"],
    ] as const,
  )("with %s is refused for %s with a sentence", (_, keyType, text, sentence) => {
    expect(() => readCertificate(keyType, text)).toThrow(sentence);
  });
});

test("certificates that are given are used, the others are made", async () => {
  const given = readCertificate("RSA", rsa);
  const opened = await openCertificates({ RSA: given, ECDSA: null });
  expect(opened.RSA).toBe(given);
  expect(opened.ECDSA.key.asymmetricKeyType).toBe("ec");
});
