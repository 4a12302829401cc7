import { openPortableCipher } from "./cipher_portable.ts";
import { deriveSessionKeys } from "./srtp_key_derivation.ts";
import type { Native } from "./types.ts";
import { openPortableUdp } from "./udp_portable.ts";

/** The twin that runs wherever Deno runs; `reason` says why it was taken. */
export function openPortable(reason: string): Native {
  return {
    kind: "portable",
    reason,
    memory: (byteLength) => ({ bytes: new Uint8Array(byteLength), address: 0 }),
    openUdp: openPortableUdp,
    openCipher: (profile, key, salt) => openPortableCipher(profile, deriveSessionKeys(profile, key, salt)),
  };
}
