import { z } from "zod";
import { BaseRtpEndpoint, defineElement, extensionOption, MediaType } from "../../module/mod.ts";
import { createEndpoint } from "./endpoint.ts";
import { SDES, SrtpSuite } from "./wire_types.ts";

const options = z.strictObject({
  crypto: SDES.default({}).describe("Key and suite of SRTP; without a suite there is no encryption"),
  useIpv6: z.boolean().default(false).describe(
    "Offers name an IPv6 address of this server; answers keep the family of the offer",
  ),
  srtpSuite: extensionOption(
    SrtpSuite.optional().describe("Suite of SRTP by its name in session descriptions, in place of crypto's"),
  ),
});

export type RtpEndpointOptions = z.output<typeof options>;

/** Plain RTP, or SRTP with keys in the description (RFC 4568). */
export default defineElement({
  type: "RtpEndpoint",
  module: "elements",
  extends: BaseRtpEndpoint,
  summary: "Plain RTP, or SRTP with keys in the session description (RFC 4568), on ports of its own",
  options,
  pads: { audio: "endpoint", video: "endpoint" },
  events: {
    OnKeySoftLimit: z.object({ mediaType: MediaType }).describe("The key of SRTP is nearly used up"),
  },
  create: createEndpoint,
});
