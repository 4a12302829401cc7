import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { fingerprintOf, isVerifiable, matchesFingerprint, parseFingerprint } from "./fingerprint.ts";

const certificate = new Uint8Array([1, 2, 3]);

test("a fingerprint is the hash in upper-case pairs", () => {
  const digest = createHash("sha256").update(certificate).digest("hex");
  expect(fingerprintOf(certificate, "sha-256").replaceAll(":", "").toLowerCase()).toBe(digest);
});

test("the strongest known hash decides", () => {
  const sha1 = parseFingerprint(`SHA-1 ${fingerprintOf(certificate, "sha-1").toLowerCase()}`)!;
  const sha256 = parseFingerprint(`sha-256 ${fingerprintOf(certificate, "sha-256")}`)!;
  const wrong = { ...sha256, value: sha256.value.replace(/^../, "00") };
  expect(matchesFingerprint(certificate, [sha1])).toBe(true);
  expect(matchesFingerprint(certificate, [sha1, wrong])).toBe(false);
  expect(matchesFingerprint(certificate, [wrong, sha256])).toBe(true);
  expect(matchesFingerprint(certificate, [])).toBe(false);
});

test("a hash that nobody knows verifies nothing", () => {
  expect(isVerifiable([{ algorithm: "md5", value: "00" }])).toBe(false);
  expect(parseFingerprint("sha-256 zz")).toBe(null);
});
