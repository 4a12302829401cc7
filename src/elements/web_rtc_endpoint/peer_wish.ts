import { codePointOf, type ElementContext, type PeerRates, type PeerWish } from "../../module/mod.ts";
import { iceOptionsOf } from "./ice_options.ts";
import type { EndpointOptions } from "./mod.ts";

/** Properties that change the rates of a peer at once. */
export const rateProperties: readonly string[] = [
  "maxVideoRecvBandwidth",
  "minVideoRecvBandwidth",
  "maxVideoSendBandwidth",
  "minVideoSendBandwidth",
  "rembParams",
];

/** Where the interface gives this field of RembParams no default. */
const linealFactorMin = 50;

/**
 * The peer that an endpoint with these options and properties wants. `rules` is null for negotiation by operations. A
 * session of WHIP or WHEP shows the ECDSA certificate whatever `certificateKeyType` says: every client takes it
 * (RFC 8827 section 6.5), and with RSA a join costs the server nearly three times the CPU in DTLS.
 */
export function wishOf(
  ctx: Pick<ElementContext, "property">,
  options: EndpointOptions,
  rules: PeerWish["rules"],
): PeerWish {
  return {
    receive: rules === null ? !options.sendonly : rules === "whip",
    send: rules === null ? !options.recvonly : rules === "whep",
    rules,
    maxReceiveKbps: {
      audio: ctx.property("maxAudioRecvBandwidth") as number,
      video: ctx.property("maxVideoRecvBandwidth") as number,
    },
    data: options.useDataChannels,
    certificateKeyType: rules === null ? options.certificateKeyType : "ECDSA",
    ice: iceOptionsOf(ctx),
    dscp: codePointOf(options.qosDscp),
    onlyCodecs: onlyCodecsOf(ctx),
  };
}

/** The rates that the properties ask for, as they are now. */
export function ratesOf(ctx: Pick<ElementContext, "property">): PeerRates {
  const kbps = (name: string) => ctx.property(name) as number;
  const remb = ctx.property("rembParams") as PeerRates["remb"];
  return {
    minReceiveKbps: kbps("minVideoRecvBandwidth"),
    maxReceiveKbps: kbps("maxVideoRecvBandwidth"),
    minSendKbps: kbps("minVideoSendBandwidth"),
    maxSendKbps: kbps("maxVideoSendBandwidth"),
    remb: { ...remb, linealFactorMin: remb.linealFactorMin ?? linealFactorMin },
  };
}

function onlyCodecsOf(ctx: Pick<ElementContext, "property">): PeerWish["onlyCodecs"] {
  const codec = (name: string) => (ctx.property(name) as { codec: string } | null)?.codec;
  const [audio, video] = [codec("audioFormat"), codec("videoFormat")];
  return { ...(audio && { audio: [audio] }), ...(video && { video: [video] }) };
}
