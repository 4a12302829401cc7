import { AppError } from "../../base/mod.ts";
import type { NegotiatedCodec, NegotiatedMedia, PeerOptions } from "../types.ts";
import { applicationOf, type ApplicationSection } from "./application.ts";
import type { MediaDescription, SessionDescription } from "./description.ts";
import { fitsAny } from "./format.ts";
import { passedCodecs } from "./media_codecs.ts";
import { sharedExtensions } from "./media_extensions.ts";
import { answerDirection } from "./negotiate.ts";
import { type RemoteTransport, transportOf } from "./remote_transport.ts";

/**
 * Decides about the answer to an offer of ours (RFC 8829 section 5.11). M-lines that the answer turned down fall out.
 *
 * Throws AppError sdp_unacceptable when the answer does not belong to the offer, codec_mismatch.
 */
export function negotiateAnswer(
  answer: SessionDescription,
  offered: NegotiatedMedia[],
  offeredApplication: ApplicationSection | null,
  options: PeerOptions,
): { media: NegotiatedMedia[]; application: ApplicationSection | null; transport: RemoteTransport } {
  const count = offered.length + (offeredApplication ? 1 : 0);
  if (answer.media.length !== count) {
    throw unacceptable(`${answer.media.length} m-lines`, `the ${count} of the offer`);
  }
  const first = answer.media.find((section) => section.port !== 0);
  if (!first) throw unacceptable("every m-line turned down", "at least one in use");
  if (first.setup === "actpass") throw unacceptable("a=setup:actpass", "a=setup:active or passive");
  const media = offered.flatMap((offer, index) => answered(offer, answer.media[index], options));
  const application = offeredApplication && answeredApplication(answer.media[offered.length]);
  return { media, application, transport: transportOf(answer, first) };
}

/** Data channels stand last in our offers; null when they were turned down. */
function answeredApplication(section: MediaDescription): ApplicationSection | null {
  if (section.kind !== "application") throw unacceptable(`an m-line of ${section.kind}`, "application");
  return section.port === 0 ? null : applicationOf(section);
}

function answered(
  offer: NegotiatedMedia,
  section: MediaDescription,
  options: PeerOptions,
): NegotiatedMedia[] {
  if (section.kind !== offer.kind) throw unacceptable(`an m-line of ${section.kind}`, offer.kind);
  if (section.port === 0) return [];
  const direction = answerDirection(section.direction, options);
  const receives = direction === "sendrecv" || direction === "recvonly";
  const sends = direction === "sendrecv" || direction === "sendonly";
  const extensions = sharedExtensions(section.extensions, receives);
  const codecs = passedCodecs(section, options.codecs[offer.kind], extensions.transportWideCc !== undefined)
    .flatMap((codec) => withOffered(codec, offer));
  const required = options.requiredFormats[offer.kind];
  const fits = required === null || !sends || fitsAny(codecs, required);
  if (codecs.length === 0 || !fits) throw mismatch(offer, section, required?.flowing);
  return [{
    ...offer,
    direction,
    codecs,
    extensions,
    remoteSsrcs: receives ? section.ssrcs : [],
    localSsrc: sends ? offer.localSsrc : 0,
    localRtxSsrc: sends && codecs.some((c) => c.rtxPayloadType !== null) ? offer.localRtxSsrc : 0,
  }];
}

/** A codec of the answer counts when the offer had it under the same payload type. */
function withOffered(codec: NegotiatedCodec, offer: NegotiatedMedia): NegotiatedCodec[] {
  const ours = offer.codecs.find((o) => o.payloadType === codec.payloadType && o.codec === codec.codec);
  return ours ? [codec] : [];
}

function mismatch(offer: NegotiatedMedia, section: MediaDescription, required: string | undefined): AppError {
  const found = section.payloads.slice(0, 12).map((p) => p.name).join(", ") || "no codec";
  const wanted = required ?? offer.codecs.map((c) => c.codec).join(", ");
  return new AppError(
    "codec_mismatch",
    `Cannot take the answer: its ${offer.kind} has ${found} vs ${wanted}, answer with one of these`,
  );
}

function unacceptable(found: string, wanted: string): AppError {
  return new AppError(
    "sdp_unacceptable",
    `Cannot take the answer: ${found} vs ${wanted}, answer the last offer`,
  );
}
