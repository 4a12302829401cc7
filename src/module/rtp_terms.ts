import type { ElementContext, PeerRates, PeerWish } from "./instance.ts";

/** Properties of BaseRtpEndpoint that change the rates of a session at once. */
export const rateProperties: readonly string[] = [
  "maxVideoRecvBandwidth",
  "minVideoRecvBandwidth",
  "maxVideoSendBandwidth",
  "minVideoSendBandwidth",
  "rembParams",
];

/** Where the interface gives this field of RembParams no default. */
const linealFactorMin = 50;

/** The rates that the properties of a BaseRtpEndpoint ask for, as they are now. */
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

/** What a BaseRtpEndpoint's properties say about the description of a session. */
export function descriptionTerms(
  ctx: Pick<ElementContext, "property">,
): Pick<PeerWish, "maxReceiveKbps" | "onlyCodecs"> {
  const codec = (name: string) => (ctx.property(name) as { codec: string } | null)?.codec;
  const [audio, video] = [codec("audioFormat"), codec("videoFormat")];
  return {
    maxReceiveKbps: {
      audio: ctx.property("maxAudioRecvBandwidth") as number,
      video: ctx.property("maxVideoRecvBandwidth") as number,
    },
    onlyCodecs: { ...(audio && { audio: [audio] }), ...(video && { video: [video] }) },
  };
}
