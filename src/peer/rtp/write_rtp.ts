import { codecLines, extensionLines, type Origin } from "../sdp/write_section.ts";
import type { MediaDescription } from "../sdp/description.ts";
import type { NegotiatedMedia } from "../types.ts";
import { writeCrypto } from "./crypto_attribute.ts";
import type { RtpOptions, RtpPorts } from "./types.ts";

/** What a description of ours says about one m-line beside its media. */
export interface LocalSection {
  readonly media: NegotiatedMedia;
  readonly ports: RtpPorts;
  readonly protocol: string;
  readonly address: string;
  /** RTCP may share the port of the media. */
  readonly rtcpMux: boolean;
  /** The tag of our key's `a=crypto`: that of the offer's. */
  readonly cryptoTag: number;
  /** Attributes that answer those of the offer: a=mid, a=setup, a=direction. */
  readonly answers: string[];
}

/** The lines of a session description before its m-lines. */
export function rtpSessionLines(origin: Origin, address: string): string[] {
  const connection = connectionOf(address);
  return [
    "v=0",
    `o=- ${origin.sessionId} ${origin.version} ${connection}`,
    "s=Kaskado",
    `c=${connection}`,
    "t=0 0",
  ];
}

/** An m-line in use (RFC 8866, RFC 3551, RFC 3605, RFC 4568). */
export function rtpSectionLines(section: LocalSection, options: RtpOptions): string[] {
  const { media, ports, protocol, address } = section;
  const formats = media.codecs.flatMap(({ payloadType, rtxPayloadType }) =>
    rtxPayloadType === null ? [payloadType] : [payloadType, rtxPayloadType]
  );
  const receives = media.direction === "recvonly" || media.direction === "sendrecv";
  const kbps = receives ? options.maxReceiveKbps[media.kind] : 0;
  return [
    `m=${media.kind} ${ports.rtpPort} ${protocol} ${formats.join(" ")}`,
    `c=${connectionOf(address)}`,
    ...(kbps > 0 ? [`b=AS:${kbps}`, `b=TIAS:${kbps * 1000}`] : []),
    ...section.answers,
    `a=${media.direction}`,
    ...(ports.rtcpPort === null ? [] : [`a=rtcp:${ports.rtcpPort}`]),
    ...(section.rtcpMux ? ["a=rtcp-mux"] : []),
    ...(options.sdes ? [`a=crypto:${writeCrypto(section.cryptoTag, options.sdes)}`] : []),
    ...extensionLines(media),
    ...media.codecs.flatMap(codecLines),
    ...(media.localSsrc === 0 ? [] : [`a=ssrc:${media.localSsrc} cname:${media.cname}`]),
  ];
}

/** An m-line turned down (RFC 3264 section 6). */
export function refusedSectionLines(offered: MediaDescription, address: string): string[] {
  return [
    `m=${offered.kind} 0 ${offered.protocol} ${offered.formats[0]}`,
    `c=${connectionOf(address)}`,
    ...(offered.mid === "" ? [] : [`a=mid:${offered.mid}`]),
    "a=inactive",
  ];
}

function connectionOf(address: string): string {
  return `IN ${address.includes(":") ? "IP6" : "IP4"} ${address}`;
}
