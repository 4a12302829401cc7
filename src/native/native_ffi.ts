import { CmCipherFfi } from "./cipher_cm_ffi.ts";
import { GcmCipherFfi } from "./cipher_gcm_ffi.ts";
import { newCipherScratch } from "./cipher_scratch.ts";
import { openLibc } from "./libc.ts";
import { openLibcrypto } from "./libcrypto.ts";
import { allocate } from "./memory.ts";
import { deriveSessionKeys, type SrtpSessionKeys } from "./srtp_key_derivation.ts";
import type { Native, SrtpCipher, SrtpProfile } from "./types.ts";
import { openLibcUdp } from "./udp_libc.ts";

/** The FFI twin, and its ciphers below the key derivation, which the vectors of the RFCs are about. */
export interface FfiNative extends Native {
  cipherOf(profile: SrtpProfile, keys: SrtpSessionKeys): SrtpCipher;
}

/** Opens both libraries for the calling thread. Throws when one is missing or lacks a call. */
export function openFfi(): FfiNative {
  const libc = openLibc();
  const libcrypto = openLibcrypto();
  const scratch = newCipherScratch(libcrypto);
  const cipherOf = (profile: SrtpProfile, keys: SrtpSessionKeys): SrtpCipher =>
    profile === "AEAD_AES_128_GCM"
      ? new GcmCipherFfi(libcrypto, scratch, keys)
      : new CmCipherFfi(libcrypto, scratch, keys);
  return {
    kind: "ffi",
    reason: "",
    memory: allocate,
    openUdp: async (options) => openLibcUdp(libc, options),
    cipherOf,
    openCipher: (profile, key, salt) => cipherOf(profile, deriveSessionKeys(profile, key, salt)),
  };
}
