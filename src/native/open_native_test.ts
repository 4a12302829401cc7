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

test("memory that the C library holds for nobody goes back to the system, where the library can", async () => {
  const native = openNative("ffi");
  const packet = native.memory(100);
  const open = () => {
    const cipher = native.openCipher("AEAD_AES_128_GCM", new Uint8Array(16), new Uint8Array(12));
    // Its context is made with the first packet.
    cipher.protectRtp(packet, 0, 12, packet, 12, 20, 1, 0, 1);
    return cipher;
  };
  const ciphers = Array.from({ length: 4000 }, open);
  // Without one at the top the library would give back all the rest by itself.
  const last = open();
  for (const cipher of ciphers) cipher.close();
  expect(await native.trimMemory()).toBe(true);
  last.close();
  expect(await openNative("portable").trimMemory()).toBe(false);
});

test("a thread may always give way to others", async () => {
  const code = `
    import { openNative } from "${new URL("./open_native.ts", import.meta.url)}";
    const native = openNative();
    const nice = () => Number(Deno.readTextFileSync("/proc/thread-self/stat").split(") ")[1].split(" ")[16]);
    console.log(native.kind, native.setPriority(5), nice(), openNative("portable").setPriority(5));`;
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["eval", code] }).output();
  const said = new TextDecoder().decode(stdout).trim();
  expect(["ffi true 5 false", "portable false 0 false"]).toContain(said);
});
