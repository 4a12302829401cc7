import { z } from "zod";
import { complexType, enumType } from "../../module/mod.ts";

const CryptoSuite = enumType(
  "elements",
  "CryptoSuite",
  z.enum([
    "AES_128_CM_HMAC_SHA1_32",
    "AES_128_CM_HMAC_SHA1_80",
    "AES_256_CM_HMAC_SHA1_32",
    "AES_256_CM_HMAC_SHA1_80",
  ]).describe("Cipher and authentication of SRTP (RFC 4568, RFC 6188)"),
);

/** The key is any text here, so that one of the wrong form is refused with a sentence about keys. */
export const SDES = complexType(
  "elements",
  "SDES",
  z.strictObject({
    key: z.string().optional().describe("Master key and salt as text"),
    keyBase64: z.string().optional().describe("Master key and salt in base64"),
    crypto: CryptoSuite.optional(),
  }).describe("Key of SRTP that stands in the session description (RFC 4568)"),
);

export const SrtpSuite = z.enum([
  "AES_CM_128_HMAC_SHA1_32",
  "AES_CM_128_HMAC_SHA1_80",
  "AES_256_CM_HMAC_SHA1_32",
  "AES_256_CM_HMAC_SHA1_80",
  "AEAD_AES_128_GCM",
  "AEAD_AES_256_GCM",
]);
