import { assert } from "../../base/mod.ts";
import type { NegotiatedCodec, NegotiatedMedia, PeerOptions } from "../types.ts";
import { type Candidate, formatCandidate } from "./candidate.ts";
import { codecCatalogue } from "./codec.ts";
import type { Setup } from "./description.ts";
import { knownExtensions } from "./media_extensions.ts";
import { withoutParameterSets } from "./parameter_sets.ts";

/** What a description of ours says about our side of the transport. */
export interface LocalTransport {
  ufrag: string;
  password: string;
  /** sha-256. */
  fingerprint: string;
  setup: Setup;
  local: LocalCandidates;
}

/** Our candidates, the one that is the default destination first, and whether they are all. */
export interface LocalCandidates {
  readonly candidates: Candidate[];
  readonly complete: boolean;
}

/** The origin of a session description (RFC 8866 section 5.2). */
export interface Origin {
  sessionId: string;
  version: number;
}

/** The lines above the first m-line. */
export function sessionLines(origin: Origin, mids: string[], trickle: boolean): string[] {
  return [
    "v=0",
    `o=- ${origin.sessionId} ${origin.version} IN IP4 127.0.0.1`,
    "s=-",
    "t=0 0",
    ...(mids.length > 0 ? [`a=group:BUNDLE ${mids.join(" ")}`] : []),
    ...(trickle ? ["a=ice-options:trickle"] : []),
    "a=msid-semantic: WMS *",
  ];
}

/** The m= and c= lines with the first candidate as default destination (RFC 8839 section 4.2.1.3), then b= lines. */
export function mediaHead(
  media: NegotiatedMedia,
  protocol: string,
  local: LocalCandidates,
  maxReceiveKbps: number,
): string[] {
  const { port, connection } = destinationOf(local);
  const formats = media.codecs.flatMap((c) =>
    c.rtxPayloadType === null ? [c.payloadType] : [c.payloadType, c.rtxPayloadType]
  );
  return [
    `m=${media.kind} ${port} ${protocol} ${formats.join(" ")}`,
    connection,
    ...(maxReceiveKbps > 0 ? [`b=AS:${maxReceiveKbps}`, `b=TIAS:${maxReceiveKbps * 1000}`] : []),
  ];
}

/** Port of the m= line and the c= line: the first candidate is the default destination. */
export function destinationOf(local: LocalCandidates): { port: number; connection: string } {
  const [first] = local.candidates;
  assert(first, "the composition root never starts a server without an address");
  const family = first.address.includes(":") ? "IP6" : "IP4";
  return { port: first.port, connection: `c=IN ${family} ${first.address}` };
}

/** ICE and DTLS lines; `candidates` only where the m-line is the first of its bundle. */
export function transportLines(transport: LocalTransport, candidates: boolean): string[] {
  return [
    `a=ice-ufrag:${transport.ufrag}`,
    `a=ice-pwd:${transport.password}`,
    `a=fingerprint:sha-256 ${transport.fingerprint}`,
    `a=setup:${transport.setup}`,
    ...(candidates ? candidateLines(transport.local) : []),
  ];
}

/** The candidates of ours that are known, and the line that says that they are all (RFC 8840 section 8.2). */
export function candidateLines({ candidates, complete }: LocalCandidates): string[] {
  return [
    ...candidates.map((candidate) => `a=${formatCandidate(candidate)}`),
    ...(complete ? ["a=end-of-candidates"] : []),
  ];
}

/** Everything about the media of an m-line: mid, direction, mux, extensions, codecs, layers, streams of ours. */
export function mediaLines(media: NegotiatedMedia): string[] {
  return [
    ...(media.mid === "" ? [] : [`a=mid:${media.mid}`]),
    `a=${media.direction}`,
    "a=rtcp-mux",
    "a=rtcp-mux-only",
    "a=rtcp-rsize",
    ...extensionLines(media),
    ...media.codecs.flatMap(codecLines),
    ...layerLines(media),
    ...streamLines(media),
  ];
}

/** Bound of b= for the m-line: nothing where this side does not receive. */
export function receiveBound(media: NegotiatedMedia, options: PeerOptions): number {
  return media.direction === "recvonly" || media.direction === "sendrecv"
    ? options.maxReceiveKbps[media.kind]
    : 0;
}

export function extensionLines(media: NegotiatedMedia): string[] {
  return knownExtensions
    .filter(([name]) => media.extensions[name] !== undefined)
    .map(([name, uri]) => `a=extmap:${media.extensions[name]} ${uri}`);
}

export function codecLines(codec: NegotiatedCodec): string[] {
  const { payloadType, rtxPayloadType, clockRate, channels, feedback } = codec;
  const parameters = withoutParameterSets(codec.codec, codec.parameters);
  // Names mean the same in any case (RFC 4855 section 3), but not every client knows that.
  const name = codec.encodingName ?? codecCatalogue.find((c) => c.codec === codec.codec)?.encodingName ??
    codec.codec;
  const messages = [
    feedback.nack && "nack",
    feedback.pli && "nack pli",
    feedback.fir && "ccm fir",
    feedback.remb && "goog-remb",
    feedback.transportCc && "transport-cc",
  ].filter((message) => message !== false);
  return [
    `a=rtpmap:${payloadType} ${name}/${clockRate}${channels > 1 ? `/${channels}` : ""}`,
    ...messages.map((message) => `a=rtcp-fb:${payloadType} ${message}`),
    ...(parameters === "" ? [] : [`a=fmtp:${payloadType} ${parameters}`]),
    ...(rtxPayloadType === null
      ? []
      : [`a=rtpmap:${rtxPayloadType} rtx/${clockRate}`, `a=fmtp:${rtxPayloadType} apt=${payloadType}`]),
  ];
}

/** Every layer in the order of the offer: OBS gives up when one is missing. */
function layerLines(media: NegotiatedMedia): string[] {
  if (media.rids.length === 0) return [];
  return [...media.rids.map((rid) => `a=rid:${rid} recv`), `a=simulcast:recv ${media.rids.join(";")}`];
}

function streamLines(media: NegotiatedMedia): string[] {
  if (media.localSsrc === 0) return [];
  const { cname, localSsrc, localRtxSsrc, kind } = media;
  const lines = [`a=msid:${cname} ${cname}-${kind}`];
  if (localRtxSsrc !== 0) lines.push(`a=ssrc-group:FID ${localSsrc} ${localRtxSsrc}`);
  lines.push(`a=ssrc:${localSsrc} cname:${cname}`);
  if (localRtxSsrc !== 0) lines.push(`a=ssrc:${localRtxSsrc} cname:${cname}`);
  return lines;
}
