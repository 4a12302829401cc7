import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeIdentity } from "../../../test/kit/tls_identity.ts";
import { readIdentity } from "./identity.ts";

let made: Awaited<ReturnType<typeof makeIdentity>>;
beforeAll(async () => void (made = await makeIdentity()));
afterAll(() => Deno.removeSync(made.directory, { recursive: true }));

test("certificate and key are read from two files or from one", () => {
  const both = join(made.directory, "both.pem");
  const [certificate, key] = [made.certificate, made.key].map((file) => Deno.readTextFileSync(file));
  Deno.writeTextFileSync(both, `some words\n${key}${certificate}`);
  const identity = readIdentity(made.certificate, made.key);
  expect(identity).toEqual({ cert: certificate, key });
  expect(readIdentity(both, null)).toEqual(identity);
});

test.each([
  ["a file that is not there", "nowhere.pem", null, /nowhere\.pem cannot be read/],
  ["a certificate without a key", "certificate.pem", null, /certificate\.pem has no private key/],
  ["a key without a certificate", "key.pem", null, /key\.pem has no certificate/],
])("%s is told by name", (_what, certificate, key, message) => {
  expect(() => readIdentity(join(made.directory, certificate), key)).toThrow(message);
});
