/** One m-line of an offer made by `sdpOffer`. */
export interface OfferedSection {
  kind: "audio" | "video" | "application";
  direction: "sendonly" | "recvonly" | "sendrecv" | "inactive";
  /** Lines of payload types, e.g. of another codec; Opus or VP8 when absent. */
  codec?: string[];
}

export interface OfferOptions {
  sections: OfferedSection[];
  setup?: "actpass" | "active" | "passive";
  ufrag?: string;
}

const codecs: Record<OfferedSection["kind"], string[]> = {
  audio: ["a=rtpmap:111 opus/48000/2", "a=fmtp:111 minptime=10;useinbandfec=1"],
  video: ["a=rtpmap:96 VP8/90000", "a=rtcp-fb:96 nack", "a=rtcp-fb:96 nack pli"],
  application: ["a=sctp-port:5000"],
};

/** An offer as browsers make them, without candidates; nobody stands behind it. */
export function sdpOffer({ sections, setup = "actpass", ufrag = "kitu" }: OfferOptions): string {
  const lines = [
    "v=0",
    "o=- 4611731400430051336 2 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    `a=group:BUNDLE ${sections.map((_, index) => index).join(" ")}`,
    "a=ice-options:trickle",
  ];
  sections.forEach((section, index) => lines.push(...sectionLines(section, index, setup, ufrag)));
  return lines.join("\r\n") + "\r\n";
}

function sectionLines(section: OfferedSection, index: number, setup: string, ufrag: string): string[] {
  const { kind, direction, codec = codecs[kind] } = section;
  const isMedia = kind !== "application";
  const types = codec.flatMap((line) => /rtpmap:(\d+)/.exec(line)?.[1] ?? []);
  const format = isMedia ? types.join(" ") : "webrtc-datachannel";
  return [
    `m=${kind} 9 UDP/${isMedia ? "TLS/RTP/SAVPF" : "DTLS/SCTP"} ${format}`,
    "c=IN IP4 0.0.0.0",
    `a=ice-ufrag:${ufrag}`,
    "a=ice-pwd:abcdefghijklmnopqrstuvwx",
    `a=fingerprint:sha-256 ${Array(32).fill("AB").join(":")}`,
    `a=setup:${setup}`,
    `a=mid:${index}`,
    ...(isMedia ? [`a=${direction}`, "a=rtcp-mux"] : []),
    ...codec,
    ...(isMedia && direction.startsWith("send") ? [`a=ssrc:${1000 + index} cname:kit`] : []),
  ];
}
