import { AppError } from "../../base/mod.ts";
import { limits } from "../limits.ts";
import type { MediaDescription, PayloadDescription, SessionDescription } from "./description.ts";
import {
  applyBandwidth,
  applyConnection,
  applySessionAttribute,
  emptyDefaults,
  type SessionDefaults,
} from "./session_attribute.ts";
import { applyMediaAttribute, emptySection, type SectionDraft } from "./media_attribute.ts";

/**
 * Reads an SDP (RFC 8866) as far as JSEP uses it (RFC 8829 section 5.8). Lines that mean nothing here are skipped; LF
 * and CR line ends pass as well as CRLF. What is half there (a missing mid, say) stays empty: the negotiation decides.
 *
 * Throws AppError sdp_invalid when the text is no SDP, sdp_unacceptable when it is larger than any real one.
 */
export function parseDescription(sdp: string): SessionDescription {
  if (sdp.length > limits.sdpBytes) {
    throw tooLarge(`${sdp.length} bytes`, `at most ${limits.sdpBytes}`);
  }
  const lines = sdp.split(/\r\n|\n|\r/);
  if (lines[0].trim() !== "v=0") throw invalid("1", lines[0], '"v=0"');
  const defaults = emptyDefaults();
  const drafts: SectionDraft[] = [];
  lines.forEach((line, index) => readLine(line, index + 1, defaults, drafts));
  return {
    iceLite: defaults.iceLite,
    iceOptions: defaults.iceOptions,
    bundle: defaults.bundle,
    media: drafts.map((draft) => finishSection(draft, defaults)),
  };
}

function readLine(line: string, number: number, defaults: SessionDefaults, drafts: SectionDraft[]): void {
  if (line.trim() === "") return;
  if (!/^[a-z]=/.test(line)) throw invalid(String(number), line, "a line of the form letter=value");
  if (line.startsWith("m=")) {
    if (drafts.length >= limits.mediaSections) {
      throw tooLarge(`more than ${limits.mediaSections} m-lines`, `at most ${limits.mediaSections}`);
    }
    drafts.push(readMediaLine(line, number));
    return;
  }
  const into = drafts.at(-1) ?? defaults;
  if (line.startsWith("c=")) return applyConnection(into, line.slice(2));
  if (line.startsWith("b=")) return applyBandwidth(into, line.slice(2));
  if (!line.startsWith("a=")) return;
  const colon = line.indexOf(":");
  const name = colon < 0 ? line.slice(2).trim() : line.slice(2, colon);
  const value = colon < 0 ? "" : line.slice(colon + 1).trim();
  const draft = drafts.at(-1);
  const fault = draft
    ? applyMediaAttribute(draft, name, value)
    : applySessionAttribute(defaults, name, value);
  if (fault) throw invalid(String(number), line, fault);
}

function readMediaLine(line: string, number: number): SectionDraft {
  const match = /^m=([\w-]{1,32}) (\d{1,5})(?:\/\d+)? ([\w/]{1,64})((?: \S{1,32})+) *$/.exec(line);
  if (!match) throw invalid(String(number), line, "m=<media> <port> <protocol> <format> …");
  const [, kind, port, protocol, formats] = match;
  if (Number(port) > 65_535) throw invalid(String(number), line, "a port of at most 65535");
  // There are 128 payload types at most, and naming one twice says nothing more.
  const distinct = [...new Set(formats.trim().split(" "))].slice(0, 128);
  return emptySection(kind, Number(port), protocol, distinct);
}

/** Joins what the attributes said one by one, and inherits what was said for the whole session. */
function finishSection(draft: SectionDraft, defaults: SessionDefaults): MediaDescription {
  const layers = draft.simulcastSend.filter((rid) => draft.ridsSent.has(rid));
  return {
    kind: draft.kind,
    port: draft.port,
    protocol: draft.protocol,
    formats: draft.formats,
    mid: draft.mid,
    direction: draft.direction ?? defaults.direction ?? "sendrecv",
    bundleOnly: draft.bundleOnly,
    rtcpMux: draft.rtcpMux,
    rtcpMuxOnly: draft.rtcpMuxOnly,
    ufrag: draft.ufrag || defaults.ufrag,
    password: draft.password || defaults.password,
    fingerprints: draft.fingerprints.length > 0 ? draft.fingerprints : defaults.fingerprints,
    setup: draft.setup ?? defaults.setup,
    payloads: draft.formats.flatMap((format) => payloadOf(draft, format)),
    extensions: [...defaults.extensions, ...draft.extensions],
    ssrcs: announcedSsrcs(draft),
    sendRids: layers,
    candidates: [...defaults.candidates, ...draft.candidates],
    address: draft.address || defaults.address,
    maxKbps: draft.maxKbps || defaults.maxKbps,
    rtcp: draft.rtcp,
    cryptos: draft.cryptos,
    comedia: draft.comedia || defaults.comedia,
    sctpPort: draft.sctpPort,
    maxMessageBytes: draft.maxMessageBytes,
    sctpMaps: draft.sctpMaps,
  };
}

/** Payload types whose rtpmap may be left out (RFC 3551 section 6). */
const staticPayloads = new Map([["0", "PCMU/8000"], ["8", "PCMA/8000"]]);

function payloadOf(draft: SectionDraft, format: string): PayloadDescription[] {
  const map = draft.rtpmaps.get(format) ?? staticPayloads.get(format);
  if (!map || !/^\d{1,3}$/.test(format) || Number(format) > 127) return [];
  const [encodingName, clockRate, channels] = map.split("/");
  return [{
    payloadType: Number(format),
    name: encodingName.toUpperCase(),
    encodingName,
    clockRate: Number(clockRate),
    channels: Number(channels ?? 1),
    parameters: draft.parameters.get(format) ?? "",
    feedback: [...draft.feedback.get(format) ?? [], ...draft.feedback.get("*") ?? []],
  }];
}

/** SSRCs that carry media, each with its RTX partner; those that only repair others are left out. */
function announcedSsrcs(draft: SectionDraft): { ssrc: number; rtxSsrc: number }[] {
  const repairing = new Set(draft.repairs.map((r) => r.repair));
  const rtx = new Map(draft.repairs.filter((r) => r.semantics === "FID").map((r) => [r.ssrc, r.repair]));
  return [...draft.ssrcs].filter((ssrc) => !repairing.has(ssrc)).map((ssrc) => ({
    ssrc,
    rtxSsrc: rtx.get(ssrc) ?? 0,
  }));
}

function invalid(line: string, found: string, wanted: string): AppError {
  const shown = JSON.stringify(found.slice(0, 60));
  return new AppError(
    "sdp_invalid",
    `Cannot read the SDP: line ${line} is ${shown} vs ${wanted}, send a valid SDP`,
  );
}

function tooLarge(found: string, wanted: string): AppError {
  return new AppError(
    "sdp_unacceptable",
    `Cannot read the SDP: ${found} vs ${wanted}, send a smaller description`,
  );
}
