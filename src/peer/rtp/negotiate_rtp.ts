import { AppError } from "../../base/mod.ts";
import type { MediaDescription, SessionDescription } from "../sdp/description.ts";
import { formatOf, parseParameters } from "../sdp/format.ts";
import { passedCodecs } from "../sdp/media_codecs.ts";
import { sharedExtensions } from "../sdp/media_extensions.ts";
import { answerDirection, type LocalStreams } from "../sdp/negotiate.ts";
import type { NegotiatedCodec, NegotiatedMedia, SrtpKeys } from "../types.ts";
import { type CryptoAttribute, readCrypto } from "./crypto_attribute.ts";
import { type Destination, destinationOf } from "./destination.ts";
import type { RtpOptions, SdesKey } from "./types.ts";

/** One m-line of a description of the other side that can be used, before it has ports. */
export interface AgreedSection extends Destination {
  readonly media: NegotiatedMedia;
  readonly rtcpMux: boolean;
  /** The key that the other side sends with; null without encryption. */
  readonly crypto: CryptoAttribute | null;
  readonly maxSendKbps: number;
}

/** One m-line of the offer; it is turned down (port 0) where `agreed` is null. */
export interface OfferedSection {
  readonly offered: MediaDescription;
  readonly agreed: AgreedSection | null;
}

/** An RTP session both receives and sends; the pads decide what there is to be sent. */
const bothWays = { receive: true, send: true };
const nothing: Uint8Array = new Uint8Array(0);

/**
 * Decides about an offer (RFC 3264): one m-line of each kind is taken; others, and those whose profile, suite or codecs
 * do not fit, are turned down alone.
 *
 * Throws AppError sdp_unacceptable for an offer without audio and video, and where what is offered names no usable
 * address or has a key that cannot be used.
 */
export function negotiateRtpOffer(
  offer: SessionDescription,
  options: RtpOptions,
  local: LocalStreams,
): OfferedSection[] {
  if (!offer.media.some(isMedia)) {
    throw unacceptable("answer the offer", "no audio and no video m-line", "at least one, add it");
  }
  const taken = new Set<string>();
  return offer.media.map((offered) => {
    if (!isMedia(offered) || offered.port === 0 || taken.has(offered.kind)) return { offered, agreed: null };
    const agreed = agree(offered, options, local);
    if (agreed) taken.add(offered.kind);
    return { offered, agreed };
  });
}

/**
 * Decides about an answer to an offer of ours, whose m-lines were `offered`; null for those that it turns down. Throws
 * AppError sdp_unacceptable when it does not belong to the offer, codec_mismatch.
 */
export function negotiateRtpAnswer(
  answer: SessionDescription,
  offered: readonly NegotiatedMedia[],
  options: RtpOptions,
): (AgreedSection | null)[] {
  if (answer.media.length !== offered.length) {
    throw unacceptable(
      "take the answer",
      `${answer.media.length} m-lines`,
      `the ${offered.length} of the offer, answer each`,
    );
  }
  return offered.map((ours, index) => {
    const section = answer.media[index];
    if (section.kind !== ours.kind) {
      throw unacceptable("take the answer", `an m-line of ${section.kind}`, `${ours.kind}, keep the order`);
    }
    if (section.port === 0) return null;
    const streams = { cname: ours.cname, newSsrc: () => ours.localSsrc };
    const agreed = agree(section, options, streams);
    if (!agreed) throw misfit(section, options);
    return { ...agreed, media: keepOffered(agreed.media, ours, section) };
  });
}

/** What this side makes of the other's m-line; null when it cannot be used. */
function agree(section: MediaDescription, options: RtpOptions, local: LocalStreams): AgreedSection | null {
  const crypto = cryptoOf(section, options.sdes);
  if (crypto === undefined) return null;
  const media = mediaOf(section, options, local);
  if (media.codecs.length === 0) return null;
  const { maxKbps: maxSendKbps, rtcpMux } = section;
  return { media, rtcpMux, crypto, maxSendKbps, ...destinationOf(section, rtcpMux) };
}

/** Null without encryption on both sides; undefined when they differ in that, or share no suite. */
function cryptoOf(section: MediaDescription, ours: SdesKey | null): CryptoAttribute | null | undefined {
  if (!(ours ? /^RTP\/SAVPF?$/ : /^RTP\/AVPF?$/).test(section.protocol)) return undefined;
  if (ours === null) return null;
  const read = section.cryptos.map((value) => readCrypto(value, ours.profile));
  const usable = read.find((crypto) => crypto !== null && typeof crypto !== "string");
  if (usable && typeof usable !== "string") return usable;
  const fault = read.find((crypto) => typeof crypto === "string");
  if (fault === undefined) return undefined;
  throw unacceptable(
    `use the a=crypto line of the ${section.kind}`,
    String(fault),
    'a line of the form "1 <suite> inline:<key and salt>", send one',
  );
}

function mediaOf(section: MediaDescription, options: RtpOptions, local: LocalStreams): NegotiatedMedia {
  const kind = section.kind as "audio" | "video";
  const direction = answerDirection(section.direction, bothWays);
  const receives = direction === "sendrecv" || direction === "recvonly";
  const sends = direction === "sendrecv" || direction === "sendonly";
  const { mid: _mid, rid: _rid, repairedRid: _repairedRid, ...extensions } = sharedExtensions(
    section.extensions,
    receives,
  );
  const codecs = passedCodecs(section, options.codecs[kind], extensions.transportWideCc !== undefined)
    .map((codec) => section.protocol.endsWith("F") ? codec : withoutFeedback(codec))
    .map((codec) => isSilent(codec) ? withFragments(codec) : codec);
  const repairs = sends && codecs.some((codec) => codec.rtxPayloadType !== null);
  return {
    kind,
    // On a port of its own an m-line needs no name in its packets.
    mid: "",
    direction,
    codecs,
    extensions,
    remoteSsrcs: receives ? section.ssrcs : [],
    rids: [],
    localSsrc: sends ? local.newSsrc() : 0,
    localRtxSsrc: repairs ? local.newSsrc() : 0,
    cname: local.cname,
  };
}

/** RTP/AVP and RTP/SAVP know neither feedback messages (RFC 4585) nor what is sent again for them. */
function withoutFeedback(codec: NegotiatedCodec): NegotiatedCodec {
  const feedback = { nack: false, pli: false, fir: false, remb: false, transportCc: false };
  return { ...codec, rtxPayloadType: null, feedback };
}

/** Nothing is said of how H264 stands in packets. */
function isSilent({ codec, parameters }: NegotiatedCodec): boolean {
  return codec === "H264" && !parseParameters(parameters).has("packetization-mode");
}

/**
 * By RFC 6184 section 8.1 that means mode 0, in which no picture may be larger than a packet. Programs without WebRTC
 * that write `a=rtpmap` and no more send and take fragments all the same.
 */
function withFragments(codec: NegotiatedCodec): NegotiatedCodec {
  return { ...codec, format: formatOf(codec.codec, `packetization-mode=1;${codec.parameters}`) };
}

/**
 * A codec of the answer counts when the offer had it under the same payload type, and is as it was offered where the answer
 * says nothing of it.
 */
function keepOffered(
  answered: NegotiatedMedia,
  ours: NegotiatedMedia,
  section: MediaDescription,
): NegotiatedMedia {
  const codecs = answered.codecs.flatMap((codec) => {
    const offered = ours.codecs.find(({ payloadType }) => payloadType === codec.payloadType);
    if (offered?.codec !== codec.codec) return [];
    return [isSilent(codec) ? { ...codec, format: offered.format } : codec];
  });
  if (codecs.length === 0) {
    const numbered = ours.codecs.map(({ codec, payloadType }) => `${codec} as ${payloadType}`);
    throw noCodec(
      section.payloads.map(({ name, payloadType }) => `${name} as ${payloadType}`),
      numbered,
      section,
    );
  }
  return {
    ...answered,
    codecs: codecs.map((codec) => ({ ...codec, rtxPayloadType: null })),
    localRtxSsrc: 0,
  };
}

/** The keys of both directions; empty ones without encryption. */
export function keysOf(ours: SdesKey | null, theirs: CryptoAttribute | null): SrtpKeys & {
  remoteLifetimePackets?: number;
} {
  if (ours === null || theirs === null) {
    const none = { localKey: nothing, localSalt: nothing, remoteKey: nothing, remoteSalt: nothing };
    return { profile: "NONE", ...none };
  }
  const { key: remoteKey, salt: remoteSalt, lifetimePackets } = theirs;
  return {
    profile: ours.profile,
    localKey: ours.key,
    localSalt: ours.salt,
    remoteKey,
    remoteSalt,
    ...(lifetimePackets !== undefined && { remoteLifetimePackets: lifetimePackets }),
  };
}

function isMedia({ kind }: MediaDescription): boolean {
  return kind === "audio" || kind === "video";
}

function misfit(section: MediaDescription, options: RtpOptions): AppError {
  const kind = section.kind as "audio" | "video";
  const wanted = options.sdes ? "RTP/SAVP or RTP/SAVPF with the suite of the offer" : "RTP/AVP or RTP/AVPF";
  if (cryptoOf(section, options.sdes) !== undefined) {
    return noCodec(section.payloads.map(({ name }) => name), options.codecs[kind], section);
  }
  return unacceptable("take the answer", `${kind} over ${section.protocol}`, `${wanted}, answer with that`);
}

function noCodec(found: string[], wanted: string[], { kind }: MediaDescription): AppError {
  const listed = found.slice(0, 12).join(", ") || "no codec";
  return new AppError(
    "codec_mismatch",
    `Cannot take the answer: its ${kind} has ${listed} vs ${wanted.join(", ")}, answer with one of these`,
  );
}

function unacceptable(action: string, found: string, wanted: string): AppError {
  return new AppError("sdp_unacceptable", `Cannot ${action}: ${found} vs ${wanted}`);
}
