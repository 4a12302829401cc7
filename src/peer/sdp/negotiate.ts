import { AppError } from "../../base/mod.ts";
import type { Direction, FormatsAtHand, NegotiatedMedia, PeerOptions } from "../types.ts";
import { applicationOf, type ApplicationSection } from "./application.ts";
import type { MediaDescription, SessionDescription } from "./description.ts";
import { fitsAny } from "./format.ts";
import { passedCodecs } from "./media_codecs.ts";
import { sharedExtensions } from "./media_extensions.ts";
import { type RemoteTransport, transportOf } from "./remote_transport.ts";

/** What the local side needs to announce streams of its own. */
export interface LocalStreams {
  cname: string;
  newSsrc(): number;
}

/** One m-line of the offer and what became of it; it is turned down (port 0) when it is neither of the two. */
export interface SectionPlan {
  offered: MediaDescription;
  media: NegotiatedMedia | null;
  /** Data channels. */
  application: ApplicationSection | null;
}

/** What an answer says, before it is written. */
export interface AnswerPlan {
  sections: SectionPlan[];
  /** Null when every m-line is turned down. */
  transport: RemoteTransport | null;
  /** The offer signals trickle ICE (RFC 8840), so the answer may too. */
  trickle: boolean;
}

/**
 * Decides about an offer (RFC 8829 section 5.3). With `options.whip` an m-line that cannot be used refuses the offer as
 * a whole (RFC 9725 section 4.2); otherwise it is turned down alone. Data channels that are not wanted are always turned down alone.
 *
 * Throws AppError sdp_unacceptable, codec_mismatch.
 */
export function negotiateOffer(
  offer: SessionDescription,
  options: PeerOptions,
  local: LocalStreams,
): AnswerPlan {
  if (options.whip) requireOneOfEachKind(offer);
  const taken = new Set<string>();
  const sections = offer.media.map((offered): SectionPlan => {
    if (offered.kind === "application") {
      const application = options.data ? negotiateApplication(offer, offered, taken) : null;
      if (application) taken.add(offered.kind);
      return { offered, media: null, application };
    }
    const refusal = refusalOf(offer, offered, taken);
    if (refusal) {
      if (options.whip && isMedia(offered) && !isSwitchedOff(offered)) throw refusal;
      return { offered, media: null, application: null };
    }
    taken.add(offered.kind);
    return { offered, media: negotiateSection(offered, options, local), application: null };
  });
  const first = sections.find((s) => s.media ?? s.application)?.offered;
  if (!first && (options.whip || !isPlain(offer))) throw nothingLeft(offer);
  return {
    sections,
    transport: first ? transportOf(offer, first) : null,
    trickle: offer.iceOptions.includes("trickle"),
  };
}

/**
 * RTP without encryption and nothing else: programs written for Kurento make such an offer to a WebRTC endpoint and
 * count on an answer, which turns every m-line down.
 */
function isPlain(offer: SessionDescription): boolean {
  const media = offer.media.filter(isMedia);
  return media.length > 0 && media.every((section) => /^RTP\/AVPF?$/.test(section.protocol));
}

function isMedia(section: MediaDescription): boolean {
  return section.kind === "audio" || section.kind === "video";
}

/** Port 0 without bundle-only: the offerer itself does not want this m-line (RFC 8829 section 5.2.1). */
function isSwitchedOff(section: MediaDescription): boolean {
  return section.port === 0 && !section.bundleOnly;
}

/** Why the m-line cannot be used whatever its codecs are; null when it can. */
function refusalOf(
  offer: SessionDescription,
  section: MediaDescription,
  taken: Set<string>,
): AppError | null {
  const name = `m-line "${section.mid || section.kind}"`;
  if (!isMedia(section)) return unacceptable(`${name} is ${section.kind}`, "audio or video");
  if (isSwitchedOff(section)) return unacceptable(`${name} has port 0`, "a port above 0");
  if (taken.has(section.kind)) {
    return unacceptable(`a second ${section.kind} m-line`, "at most one of each kind");
  }
  if (!/(^|\/)RTP\/SAVPF?$/.test(section.protocol)) {
    return unacceptable(`${name} speaks ${section.protocol}`, "UDP/TLS/RTP/SAVPF");
  }
  if (!section.rtcpMux) return unacceptable(`${name} lacks a=rtcp-mux`, "RTP and RTCP on one port");
  if (taken.size > 0 && !offer.bundle?.includes(section.mid)) {
    return unacceptable(`${name} is in no BUNDLE group`, "all m-lines on one transport");
  }
  return null;
}

/** One m-line of data channels is taken, on the transport that the others have. */
function negotiateApplication(
  offer: SessionDescription,
  offered: MediaDescription,
  taken: Set<string>,
): ApplicationSection | null {
  if (isSwitchedOff(offered) || taken.has(offered.kind)) return null;
  if (taken.size > 0 && !offer.bundle?.includes(offered.mid)) return null;
  return applicationOf(offered);
}

function negotiateSection(
  offered: MediaDescription,
  options: PeerOptions,
  local: LocalStreams,
): NegotiatedMedia | null {
  const kind = offered.kind as "audio" | "video";
  const direction = answerDirection(offered.direction, options);
  if (options.whip) requireDirection(offered, direction, options.whip);
  const receives = direction === "sendrecv" || direction === "recvonly";
  const sends = direction === "sendrecv" || direction === "sendonly";
  const extensions = sharedExtensions(offered.extensions, receives);
  const codecs = passedCodecs(offered, options.codecs[kind], extensions.transportWideCc !== undefined);
  if (codecs.length === 0) {
    if (options.whip) throw noCodec(offered, options.codecs[kind]);
    return null;
  }
  const required = options.requiredFormats[kind];
  if (sends && required !== null && !fitsAny(codecs, required)) {
    throw wrongFormat(offered, required);
  }
  return {
    kind,
    mid: offered.mid,
    direction,
    codecs,
    extensions,
    remoteSsrcs: receives ? offered.ssrcs : [],
    rids: receives ? offered.sendRids : [],
    localSsrc: sends ? local.newSsrc() : 0,
    localRtxSsrc: sends && codecs.some((c) => c.rtxPayloadType !== null) ? local.newSsrc() : 0,
    cname: local.cname,
  };
}

/** The remote direction seen from here, cut down to what the caller wants. */
export function answerDirection(remote: Direction, options: { receive: boolean; send: boolean }): Direction {
  const receives = options.receive && (remote === "sendrecv" || remote === "sendonly");
  const sends = options.send && (remote === "sendrecv" || remote === "recvonly");
  if (receives) return sends ? "sendrecv" : "recvonly";
  return sends ? "sendonly" : "inactive";
}

/** RFC 9725 section 4.2: a publisher sends, a viewer receives; nothing else can be meant. */
function requireDirection(offered: MediaDescription, answer: Direction, whip: "whip" | "whep"): void {
  if (answer !== "inactive") return;
  const wanted = whip === "whip" ? "sendonly or sendrecv" : "recvonly or sendrecv";
  throw unacceptable(`m-line "${offered.mid || offered.kind}" is ${offered.direction}`, wanted);
}

function requireOneOfEachKind(offer: SessionDescription): void {
  for (const kind of ["audio", "video"]) {
    const count = offer.media.filter((m) => m.kind === kind && !isSwitchedOff(m)).length;
    if (count > 1) throw unacceptable(`${count} ${kind} m-lines`, "at most one");
  }
}

function nothingLeft(offer: SessionDescription): AppError {
  const media = offer.media.filter((m) => isMedia(m) && !isSwitchedOff(m));
  if (media.length === 0) return unacceptable("no audio and no video m-line", "at least one");
  const [refusal] = media.flatMap((section) => refusalOf(offer, section, new Set()) ?? []);
  if (refusal) return refusal;
  return new AppError(
    "codec_mismatch",
    `Cannot answer the offer: it has ${
      media.map(codecNames).join(" and ")
    } vs codecs that this server takes, offer one`,
  );
}

function noCodec(offered: MediaDescription, wanted: string[]): AppError {
  return new AppError(
    "codec_mismatch",
    `Cannot answer the offer: its ${offered.kind} has ${codecNames(offered)} vs ${
      wanted.join(", ")
    }, offer one of these`,
  );
}

function wrongFormat(offered: MediaDescription, { flowing, encodable }: FormatsAtHand): AppError {
  return new AppError(
    "codec_mismatch",
    `Cannot answer the offer: its ${offered.kind} has ${codecNames(offered)} vs ${flowing} that flows` +
      (encodable.length === 0
        ? ", offer that codec"
        : `, offer that codec or one of ${encodable.join(", ")}`),
  );
}

function codecNames(section: MediaDescription): string {
  const names = new Set(section.payloads.map((p) => p.name).filter((name) => name !== "RTX"));
  return [...names].slice(0, 12).join(", ") || "no codec";
}

function unacceptable(found: string, wanted: string): AppError {
  return new AppError("sdp_unacceptable", `Cannot answer the offer: ${found} vs ${wanted}, change the offer`);
}
