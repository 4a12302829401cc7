import { openKeystream } from "./aes_ctr_ffi.ts";
import { CmCipherFfi } from "./cipher_cm_ffi.ts";
import { GcmCipherFfi } from "./cipher_gcm_ffi.ts";
import { LibcCopy, NoCipher } from "./cipher_none.ts";
import { newCipherScratch } from "./cipher_scratch.ts";
import { linux, openLibc } from "./libc.ts";
import { openLibcrypto } from "./libcrypto.ts";
import { allocate } from "./memory.ts";
import { deriveSessionKeys, type SrtpSessionKeys } from "./srtp_key_derivation.ts";
import type { EncryptingProfile, Native, SrtpCipher } from "./types.ts";
import { openLibcUdp } from "./udp_libc.ts";

/** The FFI twin, and its ciphers below the key derivation, which the vectors of the RFCs are about. */
export interface FfiNative extends Native {
  cipherOf(profile: EncryptingProfile, keys: SrtpSessionKeys): SrtpCipher;
}

/** Opens both libraries for the calling thread. Throws when one is missing or lacks a call. */
export function openFfi(): FfiNative {
  const libc = openLibc();
  const libcrypto = openLibcrypto();
  const scratch = newCipherScratch(libcrypto);
  const keystream = openKeystream(libcrypto);
  const copy = new LibcCopy(libc.calls);
  const cipherOf = (profile: EncryptingProfile, keys: SrtpSessionKeys): SrtpCipher =>
    profile === "AEAD_AES_128_GCM" || profile === "AEAD_AES_256_GCM"
      ? new GcmCipherFfi(profile, libcrypto, scratch, keys)
      : new CmCipherFfi(profile, libcrypto, scratch, keys);
  return {
    kind: "ffi",
    reason: "",
    memory: allocate,
    openUdp: async (options) => openLibcUdp(libc, options),
    trimMemory: async () => await libc.calls.malloc_trim?.(0n) === 1,
    // 0 is the calling thread: on Linux each has a priority of its own.
    setPriority: (nice) => libc.calls.setpriority(linux.PRIO_PROCESS, 0, nice) === 0,
    cipherOf,
    openCipher: (profile, key, salt) =>
      profile === "NONE"
        ? new NoCipher(copy)
        : cipherOf(profile, deriveSessionKeys(profile, key, salt, keystream)),
  };
}
