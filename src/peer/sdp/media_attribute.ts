import { limits } from "../limits.ts";
import { applySharedAttribute, emptyShared, type SharedAttributes } from "./session_attribute.ts";

/** An m-line while its attributes come in. Payload types are text here, as in the m-line. */
export interface SectionDraft extends SharedAttributes {
  kind: string;
  port: number;
  protocol: string;
  formats: string[];
  mid: string;
  bundleOnly: boolean;
  rtcpMux: boolean;
  rtcpMuxOnly: boolean;
  rtpmaps: Map<string, string>;
  parameters: Map<string, string>;
  feedback: Map<string, string[]>;
  ssrcs: Set<number>;
  repairs: { semantics: string; ssrc: number; repair: number }[];
  ridsSent: Set<string>;
  simulcastSend: string[];
  sctpPort: number | null;
  maxMessageBytes: number | null;
  sctpMaps: Map<string, string>;
  rtcp: { port: number; address: string } | null;
  cryptos: string[];
}

export function emptySection(kind: string, port: number, protocol: string, formats: string[]): SectionDraft {
  return {
    ...emptyShared(),
    kind,
    port,
    protocol,
    formats,
    mid: "",
    bundleOnly: false,
    rtcpMux: false,
    rtcpMuxOnly: false,
    rtpmaps: new Map(),
    parameters: new Map(),
    feedback: new Map(),
    ssrcs: new Set(),
    repairs: [],
    ridsSent: new Set(),
    simulcastSend: [],
    sctpPort: null,
    maxMessageBytes: null,
    sctpMaps: new Map(),
    rtcp: null,
    cryptos: [],
  };
}

/** Takes one attribute; returns what was wanted instead when its value is malformed. */
export function applyMediaAttribute(draft: SectionDraft, name: string, value: string): string | null {
  switch (name) {
    case "mid":
      draft.mid = value;
      return /^[\w!#$%&'*+.^`{|}~-]{1,32}$/.test(value) ? null : "a token of at most 32 characters";
    case "bundle-only":
      draft.bundleOnly = true;
      return null;
    case "rtcp-mux":
      draft.rtcpMux = true;
      return null;
    case "rtcp-mux-only":
      draft.rtcpMux = draft.rtcpMuxOnly = true;
      return null;
    case "rtpmap":
      return addRtpmap(draft, value);
    case "fmtp":
      return addParameters(draft, value);
    case "rtcp-fb":
      return addFeedback(draft, value);
    case "ssrc":
      return addSsrc(draft, value);
    case "ssrc-group":
      return addSsrcGroup(draft, value);
    case "rid":
      addRid(draft, value);
      return null;
    case "simulcast":
      addSimulcast(draft, value);
      return null;
    case "rtcp":
      return setRtcp(draft, value);
    case "crypto":
      if (draft.cryptos.length < limits.cryptosPerSection) draft.cryptos.push(value);
      return null;
    case "sctp-port":
      draft.sctpPort = Number(value);
      return /^\d{1,5}$/.test(value) && draft.sctpPort <= 65_535 ? null : "a port";
    case "max-message-size":
      draft.maxMessageBytes = Number(value);
      return /^\d{1,15}$/.test(value) ? null : "a number of bytes";
    case "sctpmap":
      return addSctpMap(draft, value);
    default:
      return applySharedAttribute(draft, name, value);
  }
}

function setRtcp(draft: SectionDraft, value: string): string | null {
  const match = /^(\d{1,5})(?: IN IP[46] (\S{1,255}))?\s*$/.exec(value);
  if (!match || Number(match[1]) > 65_535) return "<port> IN IP4 <address> (RFC 3605)";
  draft.rtcp = { port: Number(match[1]), address: match[2] ?? "" };
  return null;
}

function addSctpMap(draft: SectionDraft, value: string): string | null {
  const match = /^(\d{1,5}) (\S{1,64})/.exec(value);
  if (!match) return "<port> <application> <streams>";
  if (draft.sctpMaps.size < 4) draft.sctpMaps.set(match[1], match[2]);
  return null;
}

function addRtpmap(draft: SectionDraft, value: string): string | null {
  const match = /^(\d{1,3}) ([\w.-]{1,64}\/\d{1,9}(?:\/\d{1,2})?)$/.exec(value);
  if (!match) return "<payload type> <name>/<clock rate>";
  draft.rtpmaps.set(match[1], match[2]);
  return null;
}

function addParameters(draft: SectionDraft, value: string): string | null {
  const at = value.indexOf(" ");
  if (at < 1) return "<payload type> <parameters>";
  draft.parameters.set(value.slice(0, at), value.slice(at + 1).trim());
  return null;
}

function addFeedback(draft: SectionDraft, value: string): string | null {
  const at = value.indexOf(" ");
  if (at < 1) return "<payload type or *> <feedback>";
  const payloadType = value.slice(0, at);
  const list = draft.feedback.get(payloadType) ?? [];
  if (list.length < 32) list.push(value.slice(at + 1).trim());
  draft.feedback.set(payloadType, list);
  return null;
}

function addSsrc(draft: SectionDraft, value: string): string | null {
  const ssrc = parseSsrc(value.split(" ", 1)[0]);
  if (ssrc === null) return "<ssrc> <attribute>";
  if (draft.ssrcs.size < limits.ssrcsPerSection) draft.ssrcs.add(ssrc);
  return null;
}

/** FID pairs media with RTX (RFC 4588 section 8), FEC-FR with FEC: both second members carry no media of their own. */
function addSsrcGroup(draft: SectionDraft, value: string): string | null {
  const [semantics, ...members] = value.split(/ +/);
  const ssrcs = members.map(parseSsrc);
  const [ssrc, repair] = ssrcs;
  if (ssrcs.includes(null)) return "<semantics> <ssrc> …";
  const isRepair = semantics === "FID" || semantics === "FEC-FR";
  if (!isRepair || ssrc == null || repair == null || draft.repairs.length >= limits.ssrcsPerSection) {
    return null;
  }
  draft.repairs.push({ semantics, ssrc, repair });
  return null;
}

function parseSsrc(text: string): number | null {
  if (!/^\d{1,10}$/.test(text)) return null;
  const ssrc = Number(text);
  return ssrc <= 0xffffffff ? ssrc : null;
}

function addRid(draft: SectionDraft, value: string): void {
  const match = /^([A-Za-z0-9_-]{1,16}) send(?: |$)/.exec(value);
  if (match && draft.ridsSent.size < limits.simulcastLayers) draft.ridsSent.add(match[1]);
}

/** Takes the first alternative of each layer of the send list (RFC 8853 section 5.1); `~` marks a paused one. */
function addSimulcast(draft: SectionDraft, value: string): void {
  const match = /(?:^| )send ([\w;,~-]{1,512})/.exec(value);
  if (!match) return;
  const layers = match[1].split(";").map((layer) => layer.split(",")[0].replace("~", ""));
  draft.simulcastSend = [...new Set(layers)].slice(0, limits.simulcastLayers);
}
