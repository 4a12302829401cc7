import { Buffer } from "node:buffer";
import { AppError, type SdesKey, srtpKey } from "../../module/mod.ts";
import type { RtpEndpointOptions } from "./mod.ts";

type Profile = SdesKey["profile"];
type Kurentos = NonNullable<RtpEndpointOptions["crypto"]["crypto"]>;
type InSdp = NonNullable<RtpEndpointOptions["srtpSuite"]>;

/** Kurento's names of suites, and those of session descriptions. */
const profiles: Record<Kurentos | InSdp, Profile> = {
  AES_128_CM_HMAC_SHA1_32: "AES128_CM_HMAC_SHA1_32",
  AES_128_CM_HMAC_SHA1_80: "AES128_CM_HMAC_SHA1_80",
  AES_256_CM_HMAC_SHA1_32: "AES256_CM_HMAC_SHA1_32",
  AES_256_CM_HMAC_SHA1_80: "AES256_CM_HMAC_SHA1_80",
  AES_CM_128_HMAC_SHA1_32: "AES128_CM_HMAC_SHA1_32",
  AES_CM_128_HMAC_SHA1_80: "AES128_CM_HMAC_SHA1_80",
  AEAD_AES_128_GCM: "AEAD_AES_128_GCM",
  AEAD_AES_256_GCM: "AEAD_AES_256_GCM",
};

/** The key of the encryption that the options ask for, null for none. Throws AppError value_unacceptable. */
export function sdesKeyOf({ crypto, srtpSuite }: RtpEndpointOptions): SdesKey | null {
  const keyAndSalt = keyOf(crypto);
  const suites = [crypto.crypto, srtpSuite].flatMap((suite) => suite ? [profiles[suite]] : []);
  if (new Set(suites).size > 1) {
    throw refused(
      `crypto says ${crypto.crypto} and srtpSuite ${srtpSuite}`,
      "one suite, leave one of them out",
    );
  }
  if (suites.length > 0) return srtpKey(suites[0], keyAndSalt);
  if (keyAndSalt === null) return null;
  throw refused("a key without a suite", "both or none, name the suite in crypto.crypto");
}

function keyOf({ key, keyBase64 }: RtpEndpointOptions["crypto"]): Uint8Array | null {
  if (key !== undefined) return new TextEncoder().encode(key);
  if (keyBase64 === undefined) return null;
  // Buffer skips what is no base64 without a word.
  if (
    /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(keyBase64) && keyBase64 !== ""
  ) {
    return new Uint8Array(Buffer.from(keyBase64, "base64"));
  }
  throw refused("keyBase64 is not valid Base64", "master key and salt in base64 (RFC 4648), write it so");
}

function refused(found: string, wanted: string): AppError {
  return new AppError("value_unacceptable", `Cannot use the options of SRTP: ${found} vs ${wanted}`);
}
