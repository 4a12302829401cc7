/** One m-line as another program describes it. */
export interface OfferedRtp {
  kind: "audio" | "video";
  port: number;
  payloadType: number;
  /** VP8, H264, OPUS, …, PCMU without an a=rtpmap. */
  codec: string;
  direction: "sendonly" | "recvonly" | "sendrecv";
  /** RTP/AVP when absent. */
  protocol?: string;
  /** Further lines. */
  lines?: string[];
}

const maps: Record<string, string> = {
  VP8: "VP8/90000",
  H264: "H264/90000",
  OPUS: "opus/48000/2",
};

/** A session description as programs without WebRTC write it, with one address for all m-lines. */
export function rtpOffer(sections: OfferedRtp[], address = "127.0.0.1"): string {
  const connection = `IN ${address.includes(":") ? "IP6" : "IP4"} ${address}`;
  const lines = sections.flatMap(({ kind, port, payloadType, codec, direction, protocol, lines = [] }) => [
    `m=${kind} ${port} ${protocol ?? "RTP/AVP"} ${payloadType}`,
    ...(maps[codec] ? [`a=rtpmap:${payloadType} ${maps[codec]}`] : []),
    ...(codec === "H264" ? [`a=fmtp:${payloadType} packetization-mode=1;profile-level-id=42e01f`] : []),
    `a=${direction}`,
    ...lines,
  ]);
  return ["v=0", `o=- 1 1 ${connection}`, "s=-", `c=${connection}`, "t=0 0", ...lines, ""].join("\r\n");
}

/** What an answer says about its m-line of this kind. */
export function answered(
  sdp: string,
  kind: "audio" | "video",
): { port: number; key: string; lines: string[] } {
  const section = sdp.split(/^m=/m).find((text) => text.startsWith(kind)) ?? "";
  const lines = section.split("\r\n");
  return {
    port: Number(/^\w+ (\d+)/.exec(section)?.[1]),
    key: /^a=crypto:\d+ \S+ inline:(\S+)/m.exec(section)?.[1] ?? "",
    lines: lines.slice(1, -1),
  };
}
