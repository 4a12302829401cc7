import { expect, test } from "vitest";

/** Uses libcrypto, has it call `abort` in its cleanup, and exits. */
const program = `
  const { newCipherContext, openLibcrypto, openLibcryptoWith } = await import(Deno.args[0]);
  const { symbols } = Deno.dlopen("libc.so.6", { abort: { type: "pointer" } });
  const calls = openLibcrypto();
  const key = new Uint8Array(new ArrayBuffer(16));
  const address = Number(Deno.UnsafePointer.value(Deno.UnsafePointer.of(key)));
  newCipherContext(calls, calls.EVP_aes_128_gcm(), address);
  const cleanup = openLibcryptoWith({
    OPENSSL_atexit: { parameters: ["pointer"], result: "i32" },
    OPENSSL_cleanup: { parameters: [], result: "void" },
  });
  if (cleanup.OPENSSL_atexit(symbols.abort) !== 1) throw new Error("libcrypto refused the handler");
  if (Deno.args[1] === "clean") cleanup.OPENSSL_cleanup();
  Deno.exit(0);
`;

function run(...args: string[]) {
  const module = new URL("./libcrypto.ts", import.meta.url).href;
  const { code, signal } = new Deno.Command(Deno.execPath(), {
    args: ["eval", program, module, ...args],
    stdout: "null",
    stderr: "null",
  }).outputSync();
  return { code, signal };
}

test.runIf(Deno.build.os === "linux")(
  "libcrypto cleans nothing up when the process exits, because threads that used it may end at that moment",
  () => {
    expect(run(), "an exit").toEqual({ code: 0, signal: null });
    expect(run("clean"), "a cleanup by hand, which shows that the handler is called").toMatchObject({
      signal: "SIGABRT",
    });
  },
);
