import { z } from "zod";
import { BaseRtpEndpoint, complexType, defineElement, enumType, MediaType } from "../../module/mod.ts";

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

const SDES = complexType(
  "elements",
  "SDES",
  z.strictObject({
    key: z.string().optional().describe("Master key and salt as text"),
    keyBase64: z.base64().optional().describe("Master key and salt in base64"),
    crypto: CryptoSuite.optional(),
  }).describe("Key of SRTP that stands in the session description (RFC 4568)"),
);

/** Plain RTP, or SRTP with keys in the description (RFC 4568). */
export default defineElement({
  type: "RtpEndpoint",
  module: "elements",
  extends: BaseRtpEndpoint,
  summary: "Plain RTP, or SRTP with keys in the session description (RFC 4568), on ports of its own",
  options: z.strictObject({
    crypto: SDES.default({}).describe("Absent: no encryption"),
    useIpv6: z.boolean().default(false),
  }),
  pads: { audio: "endpoint", video: "endpoint" },
  events: {
    OnKeySoftLimit: z.object({ mediaType: MediaType }).describe("The key of SRTP is nearly used up"),
  },
});
