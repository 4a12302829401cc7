import { AppError } from "../../base/mod.ts";
import type { NegotiatedCodec, NegotiatedMedia, PeerOptions } from "../types.ts";
import { codecCatalogue } from "./codec.ts";
import { formatOf } from "./format.ts";
import { knownExtensions } from "./media_extensions.ts";
import type { LocalStreams } from "./negotiate.ts";

/**
 * The media m-lines of an offer of ours: audio as mid 0 when wanted, then video. The caller's codecs in its order, every
 * known header extension, all feedback.
 *
 * Throws AppError sdp_unacceptable when nothing is wanted, data channels neither.
 */
export function makeOffer(
  wanted: { audio: boolean; video: boolean },
  options: PeerOptions,
  local: LocalStreams,
): NegotiatedMedia[] {
  const kinds = (["audio", "video"] as const).filter((kind) =>
    wanted[kind] && options.codecs[kind].length > 0
  );
  if (kinds.length === 0 && !options.data) {
    throw new AppError(
      "sdp_unacceptable",
      "Cannot make an offer: neither audio nor video is wanted vs at least one, ask for one of them",
    );
  }
  return kinds.map((kind, index) => offeredMedia(kind, String(index), options, local));
}

function offeredMedia(
  kind: "audio" | "video",
  mid: string,
  options: PeerOptions,
  local: LocalStreams,
): NegotiatedMedia {
  const codecs = options.codecs[kind].flatMap((name) => offeredCodecs(kind, name));
  return {
    kind,
    mid,
    direction: options.send
      ? (options.receive ? "sendrecv" : "sendonly")
      : (options.receive ? "recvonly" : "inactive"),
    codecs,
    extensions: offeredExtensions(kind, options.receive),
    remoteSsrcs: [],
    rids: [],
    localSsrc: options.send ? local.newSsrc() : 0,
    localRtxSsrc: options.send && codecs.some((c) => c.rtxPayloadType !== null) ? local.newSsrc() : 0,
    cname: local.cname,
  };
}

function offeredCodecs(kind: "audio" | "video", name: string): NegotiatedCodec[] {
  const entry = codecCatalogue.find((c) => c.kind === kind && c.codec === name);
  if (!entry) return [];
  const isVideo = kind === "video";
  return entry.offers.map(({ payloadType, rtxPayloadType, parameters }) => ({
    payloadType,
    codec: entry.codec,
    format: formatOf(entry.codec, parameters),
    clockRate: entry.clockRate,
    channels: entry.channels,
    parameters,
    rtxPayloadType,
    feedback: { nack: isVideo, pli: isVideo, fir: isVideo, remb: isVideo, transportCc: true },
  }));
}

const audioOnly = ["audioLevel"];
const videoOnly = ["videoOrientation", "playoutDelay", "rid", "repairedRid"];

/** One id per known extension, the same on every m-line: a bundle needs that (RFC 9143 section 8). */
function offeredExtensions(kind: "audio" | "video", receives: boolean): NegotiatedMedia["extensions"] {
  const left = kind === "audio" ? videoOnly : audioOnly;
  const extensions: NegotiatedMedia["extensions"] = {};
  knownExtensions.forEach(([name], index) => {
    const isLayerName = name === "rid" || name === "repairedRid";
    if (!left.includes(name) && (receives || !isLayerName)) extensions[name] = index + 1;
  });
  return extensions;
}
