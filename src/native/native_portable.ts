import { NoCipher, type PayloadCopy } from "./cipher_none.ts";
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
    trimMemory: () => Promise.resolve(false),
    setPriority: () => false,
    openCipher: (profile, key, salt) =>
      profile === "NONE"
        ? new NoCipher(viewCopy)
        : openPortableCipher(profile, deriveSessionKeys(profile, key, salt)),
  };
}

/** Allocates per packet, as everything here does. */
const viewCopy: PayloadCopy = {
  copy: (target, to, source, from, length) => {
    target.bytes.set(source.bytes.subarray(from, from + length), to);
    return true;
  },
};
