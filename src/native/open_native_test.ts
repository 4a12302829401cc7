import { expect, test } from "vitest";
import { openNative } from "./mod.ts";
import { openPortable } from "./native_portable.ts";
import { proveCiphers } from "./prove_ciphers.ts";

test("the portable twin can be asked for and says why it is there", () => {
  const native = openNative("portable");
  expect(native.kind).toBe("portable");
  expect(native.reason).toBe("asked for");
});

test("what is chosen by itself is FFI without a reason, or the portable twin with one", () => {
  const native = openNative();
  expect(native.reason === "").toBe(native.kind === "ffi");
});

test("the proof passes for a good library and finds one that differs", () => {
  const good = openPortable("test");
  expect(() => proveCiphers(good, good)).not.toThrow();
  const wrong = {
    ...good,
    openCipher: (...[profile, key, salt]: Parameters<typeof good.openCipher>) =>
      good.openCipher(profile, key, salt.map((byte) => byte ^ 1)),
  };
  expect(() => proveCiphers(wrong, good)).toThrow("AEAD_AES_128_GCM does not agree with node:crypto");
});

test("memory is zeroed and has the length that was asked for", () => {
  for (const native of [openNative(), openNative("portable")]) {
    const memory = native.memory(33);
    expect(memory.bytes).toEqual(new Uint8Array(33));
    expect(memory.address > 0).toBe(native.kind === "ffi");
  }
});
