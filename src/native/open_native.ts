import { openFfi } from "./native_ffi.ts";
import { openPortable } from "./native_portable.ts";
import { proveCiphers } from "./prove_ciphers.ts";
import type { Native } from "./types.ts";

/**
 * The way to the operating system for the calling thread: FFI on Linux where libc and libcrypto load and prove themselves,
 * else the portable twin with a `reason`. `prefer: "portable"` takes that twin in any case; `prefer: "ffi"` throws
 * where FFI cannot be had.
 */
export function openNative(prefer?: "ffi" | "portable"): Native {
  if (prefer === "portable") return openPortable("asked for");
  try {
    return openProvedFfi();
  } catch (error) {
    if (prefer === "ffi") throw error;
    return openPortable(error instanceof Error ? error.message : String(error));
  }
}

function openProvedFfi(): Native {
  const { os, arch } = Deno.build;
  // The struct layouts and numbers of libc.ts are those of 64-bit Linux.
  if (os !== "linux") throw new Error(`Cannot use FFI: the system is ${os} vs linux`);
  if (arch !== "x86_64" && arch !== "aarch64") {
    throw new Error(`Cannot use FFI: the processor is ${arch} vs x86_64, aarch64`);
  }
  const native = openFfi();
  proveCiphers(native, openPortable("compared with"));
  return native;
}
