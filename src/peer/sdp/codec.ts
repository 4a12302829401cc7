/** A codec that this server passes through. */
export interface CatalogueEntry {
  /** Upper case, as in NegotiatedCodec. */
  codec: string;
  kind: "audio" | "video";
  /** The encoding name as written into an offer of ours. */
  encodingName: string;
  clockRate: number;
  channels: number;
  /** Payload types and parameters of an offer of ours; one per profile. */
  offers: { payloadType: number; rtxPayloadType: number | null; parameters: string }[];
}

const h264 = (mode: 0 | 1, profile: string) =>
  `level-asymmetry-allowed=1;packetization-mode=${mode};profile-level-id=${profile}`;

/** What the server passes through, in the order in which an offer without other wishes names it. */
export const codecCatalogue: readonly CatalogueEntry[] = [
  video("VP8", "VP8", [[96, 97, ""]]),
  video("VP9", "VP9", [[98, 99, "profile-id=0"], [100, 101, "profile-id=2"]]),
  video("H264", "H264", [
    [102, 103, h264(1, "42e01f")],
    [104, 105, h264(0, "42e01f")],
    [106, 107, h264(1, "4d001f")],
    [108, 109, h264(1, "64001f")],
  ]),
  video("H265", "H265", [[112, 113, "level-id=180;profile-id=1;tier-flag=0;tx-mode=SRST"]]),
  video("AV1", "AV1", [[114, 115, "level-idx=5;profile=0;tier=0"]]),
  audio("OPUS", "opus", 48000, 2, 111, "minptime=10;useinbandfec=1"),
  audio("PCMU", "PCMU", 8000, 1, 0, ""),
  audio("PCMA", "PCMA", 8000, 1, 8, ""),
];

/** The catalogue's entry that a payload of an offer fits, or undefined when the server does not pass it through. */
export function catalogued(kind: string, name: string, clockRate: number): CatalogueEntry | undefined {
  return codecCatalogue.find((c) => c.kind === kind && c.codec === name && c.clockRate === clockRate);
}

function video(codec: string, encodingName: string, offers: [number, number, string][]): CatalogueEntry {
  return {
    codec,
    kind: "video",
    encodingName,
    clockRate: 90000,
    channels: 1,
    offers: offers.map(([payloadType, rtxPayloadType, parameters]) => ({
      payloadType,
      rtxPayloadType,
      parameters,
    })),
  };
}

function audio(
  codec: string,
  encodingName: string,
  clockRate: number,
  channels: number,
  payloadType: number,
  parameters: string,
): CatalogueEntry {
  const offers = [{ payloadType, rtxPayloadType: null, parameters }];
  return { codec, kind: "audio", encodingName, clockRate, channels, offers };
}
