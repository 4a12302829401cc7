import { WholeAssembler, wholePackets } from "./audio.ts";
import { Av1Assembler, av1Packetizer } from "./av1.ts";
import { h264Assembler, h264Packetizer, h265Assembler, h265Packetizer } from "./h26x.ts";
import type { Packetizer, PayloadAssembler } from "./payload_format.ts";
import { Vp8Assembler, Vp8Packetizer } from "./vp8.ts";
import { Vp9Assembler, Vp9Packetizer } from "./vp9.ts";

export type { AssembledFrame, Packetizer, PayloadAssembler } from "./payload_format.ts";
export { annexB, nalUnits } from "./annex_b.ts";

const formats: Readonly<Record<string, { packetizer(): Packetizer; assembler(): PayloadAssembler }>> = {
  VP8: { packetizer: () => new Vp8Packetizer(), assembler: () => new Vp8Assembler() },
  VP9: { packetizer: () => new Vp9Packetizer(), assembler: () => new Vp9Assembler() },
  H264: { packetizer: h264Packetizer, assembler: h264Assembler },
  H265: { packetizer: h265Packetizer, assembler: h265Assembler },
  AV1: { packetizer: av1Packetizer, assembler: () => new Av1Assembler() },
  OPUS: { packetizer: () => wholePackets, assembler: () => new WholeAssembler() },
  PCMU: { packetizer: () => wholePackets, assembler: () => new WholeAssembler() },
  PCMA: { packetizer: () => wholePackets, assembler: () => new WholeAssembler() },
};

/** The payload format of a codec by its upper-case encoding name, or undefined. */
export function payloadFormat(codec: string) {
  return Object.hasOwn(formats, codec) ? formats[codec] : undefined;
}
