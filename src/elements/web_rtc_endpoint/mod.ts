import { z } from "zod";
import {
  BaseRtpEndpoint,
  computed,
  defineElement,
  DSCPValue,
  extension,
  operation,
  settable,
} from "../../module/mod.ts";
import { createEndpoint } from "./endpoint.ts";
import { iceSchemas } from "./ice_options.ts";
import {
  CertificateKeyType,
  DtlsConnection,
  DtlsConnectionState,
  IceCandidate,
  IceCandidatePair,
  IceComponentState,
  IceConnection,
} from "./wire_types.ts";

const channelEvent = z.object({ channelId: z.int().describe("SCTP stream id") });

const options = z.strictObject({
  recvonly: z.boolean().default(false).describe("Only take media from the peer"),
  sendonly: z.boolean().default(false).describe("Only give media to the peer"),
  useDataChannels: z.boolean().default(false).describe("Negotiate data channels"),
  certificateKeyType: CertificateKeyType.default("RSA").describe(
    "Key of the certificate that DTLS shows; sessions of WHIP and WHEP always show ECDSA",
  ),
  qosDscp: DSCPValue.default("NO_VALUE").describe("DiffServ code point of what is sent to the peer"),
}).refine((given) => !(given.recvonly && given.sendonly), {
  message: "recvonly and sendonly exclude each other",
  path: ["sendonly"],
});

export type EndpointOptions = z.output<typeof options>;

const properties = {
  networkInterfaces: settable(
    "Names of the network interfaces to be reached by, with commas; empty for all",
    z.string(),
    "",
  ),
  iceTcp: settable("Whether passive TCP candidates are offered (RFC 6544)", z.boolean(), true),
  stunServerAddress: settable(
    "IP address of a STUN server; empty for the server's setting",
    iceSchemas.stunServerAddress,
    "",
  ),
  stunServerPort: settable("Port of the STUN server", z.int().min(1).max(65_535), 3478),
  turnUrl: settable(
    "user:password@address:port?transport=udp|tcp|tls; empty for the server's setting",
    iceSchemas.turnUrl,
    "",
  ),
  externalIPv4: settable(
    "Told in place of the IPv4 host candidates; empty for none",
    iceSchemas.externalIPv4,
    "",
  ),
  externalIPv6: settable(
    "Told in place of the IPv6 host candidates; empty for none",
    iceSchemas.externalIPv6,
    "",
  ),
  ICECandidatePairs: computed("The candidate pair in use, when there is one", z.array(IceCandidatePair)),
  IceConnectionState: computed("ICE state of the one component (RFC 8445)", z.array(IceConnection)),
  DtlsConnectionState: computed("DTLS state of the one component", z.array(DtlsConnection)),
  dataChannelMessageEvents: extension(
    settable(
      "Whether messages of data channels become events, at most 100 in a second",
      z.boolean(),
      true,
    ),
  ),
  dataMessagesDropped: extension(
    computed("Messages that came by connections and found no data channel to leave by", z.int().min(0)),
  ),
};

const operations = {
  gatherCandidates: operation("Looks for this side's candidates and tells them as events"),
  addIceCandidate: operation("Takes one candidate of the other side (RFC 8838)", {
    input: z.strictObject({ candidate: IceCandidate }),
  }),
  createDataChannel: operation("Opens a data channel; DataChannelOpened tells its id (RFC 8832)", {
    input: z.strictObject({
      label: z.string().default(""),
      ordered: z.boolean().default(true),
      maxPacketLifeTime: z.int().min(-1).default(-1).describe("Milliseconds, -1 for no bound"),
      maxRetransmits: z.int().min(-1).default(-1).describe("-1 for no bound"),
      protocol: z.string().default(""),
    }).refine(({ maxPacketLifeTime, maxRetransmits }) => maxPacketLifeTime < 0 || maxRetransmits < 0, {
      message: "at most one of maxPacketLifeTime and maxRetransmits bounds a channel (RFC 8832 section 5.1)",
      path: ["maxRetransmits"],
    }),
  }),
  closeDataChannel: operation("Closes a data channel", { input: z.strictObject({ channelId: z.int() }) }),
  sendDataChannelMessage: extension(
    operation("Sends a message, text or bytes, to the peer", {
      input: z.strictObject({
        channelId: z.int().optional().describe("Absent: the first open channel"),
        text: z.string().optional(),
        base64: z.base64().optional(),
      }).refine(({ text, base64 }) => (text === undefined) !== (base64 === undefined), {
        message: "give exactly one of text and base64",
        path: ["text"],
      }),
    }),
  ),
};

/** One WebRTC peer: a browser, OBS, FFmpeg. Its source pads give what the peer sends; its sink pads feed the peer. */
export default defineElement({
  type: "WebRtcEndpoint",
  module: "elements",
  extends: BaseRtpEndpoint,
  summary: "One WebRTC peer, negotiated by SDP through operations, or by WHIP and WHEP",
  options,
  pads: { audio: "endpoint", video: "endpoint", data: "endpoint" },
  properties,
  operations,
  events: {
    IceCandidateFound: z.object({ candidate: IceCandidate }).describe("A candidate of this side"),
    IceGatheringDone: z.object({}).describe("All candidates of this side are known"),
    IceComponentStateChanged: z.object({
      streamId: z.int(),
      componentId: z.int(),
      state: IceComponentState,
    }).describe("The state of ICE has changed"),
    DtlsConnectionStateChange: z.object({
      streamId: z.string(),
      componentId: z.string(),
      connectionId: z.string(),
      state: DtlsConnectionState,
    }).describe("The state of DTLS has changed"),
    DataChannelOpened: channelEvent.describe("A data channel is open, whoever opened it"),
    DataChannelClosed: channelEvent.describe("A data channel is closed, whoever closed it"),
    NewCandidatePairSelected: z.object({ candidatePair: IceCandidatePair }).describe(
      "Media travels another way now",
    ),
    DataChannelMessageReceived: z.object({
      channelId: z.int(),
      label: z.string(),
      bytes: z.int().describe("Length of the message, text as UTF-8"),
      omitted: z.int().describe(
        "Messages since the last event that became none, because of more than 100 in a second",
      ),
      text: z.string().optional().describe("The message, where it is text of at most 16384 bytes"),
      base64: z.string().optional().describe("The message, where it is at most 16384 bytes that are no text"),
    }).meta({ "x-extension": true }),
  },
  create: createEndpoint,
});
