import type { Direction } from "../types.ts";
import { limits } from "../limits.ts";
import { type Candidate, parseCandidate } from "./candidate.ts";
import type { Fingerprint, Setup } from "./description.ts";
import { parseFingerprint } from "./fingerprint.ts";

/** Attributes that may stand for the whole session or for one m-line. */
export interface SharedAttributes {
  direction: Direction | null;
  ufrag: string;
  password: string;
  fingerprints: Fingerprint[];
  setup: Setup | null;
  extensions: { id: number; uri: string }[];
  candidates: Candidate[];
  address: string;
  maxKbps: number;
  comedia: string;
}

/** What is said above the first m-line. */
export interface SessionDefaults extends SharedAttributes {
  iceLite: boolean;
  iceOptions: string[];
  bundle: string[] | null;
}

export function emptyShared(): SharedAttributes {
  return {
    direction: null,
    ufrag: "",
    password: "",
    fingerprints: [],
    setup: null,
    extensions: [],
    candidates: [],
    address: "",
    maxKbps: 0,
    comedia: "",
  };
}

export function emptyDefaults(): SessionDefaults {
  return { ...emptyShared(), iceLite: false, iceOptions: [], bundle: null };
}

/** Takes one attribute; returns what was wanted instead when its value is malformed. */
export function applySessionAttribute(defaults: SessionDefaults, name: string, value: string): string | null {
  switch (name) {
    case "ice-lite":
      defaults.iceLite = true;
      return null;
    case "ice-options":
      defaults.iceOptions = value.split(/[ ,]+/);
      return null;
    case "group": {
      const [semantics, ...mids] = value.split(/ +/);
      if (semantics === "BUNDLE") defaults.bundle ??= mids;
      return null;
    }
    default:
      return applySharedAttribute(defaults, name, value);
  }
}

/** Takes an attribute that both levels know; returns what was wanted instead when its value is malformed. */
export function applySharedAttribute(into: SharedAttributes, name: string, value: string): string | null {
  switch (name) {
    case "sendrecv":
    case "sendonly":
    case "recvonly":
    case "inactive":
      into.direction = name;
      return null;
    case "ice-ufrag":
      into.ufrag = value;
      return isUfrag(value) ? null : "4 to 256 ice-chars (RFC 8839 section 5.4)";
    case "ice-pwd":
      into.password = value;
      return isPassword(value) ? null : "22 to 256 ice-chars (RFC 8839 section 5.4)";
    case "direction":
      into.comedia = value;
      return null;
    case "setup":
      if (!isSetup(value)) return "active, passive, actpass or holdconn";
      into.setup = value;
      return null;
    case "fingerprint":
      return addFingerprint(into, value);
    case "extmap":
      return addExtension(into, value);
    case "candidate":
      addCandidate(into, value);
      return null;
    default:
      return null;
  }
}

/** Takes the value of a c= line (RFC 8866 section 5.7); one of another form is skipped: ICE has no use for it. */
export function applyConnection(into: SharedAttributes, value: string): void {
  const match = /^IN IP[46] ([^\s/]{1,255})/.exec(value.trim());
  if (match) into.address = match[1];
}

/** Takes the value of a b= line (RFC 8866 section 5.8, RFC 3890): of several bounds the least holds. */
export function applyBandwidth(into: SharedAttributes, value: string): void {
  const match = /^(AS|TIAS):(\d{1,12})\s*$/.exec(value);
  if (!match) return;
  const kbps = match[1] === "AS" ? Number(match[2]) : Math.ceil(Number(match[2]) / 1000);
  if (kbps > 0) into.maxKbps = into.maxKbps === 0 ? kbps : Math.min(into.maxKbps, kbps);
}

/** RFC 8839 section 5.4, with `-`, `_` and `=` because some clients use other base64 alphabets. */
export function isUfrag(text: string): boolean {
  return /^[\w+/=-]{4,256}$/.test(text);
}

/** RFC 8839 section 5.4, with `-`, `_` and `=` because some clients use other base64 alphabets. */
export function isPassword(text: string): boolean {
  return /^[\w+/=-]{22,256}$/.test(text);
}

function isSetup(text: string): text is Setup {
  return text === "active" || text === "passive" || text === "actpass" || text === "holdconn";
}

function addFingerprint(into: SharedAttributes, value: string): string | null {
  const fingerprint = parseFingerprint(value);
  if (!fingerprint) return "<hash> <hex pairs joined by colons>";
  if (into.fingerprints.length < 8) into.fingerprints.push(fingerprint);
  return null;
}

function addExtension(into: SharedAttributes, value: string): string | null {
  const match = /^(\d{1,5})(?:\/\w+)? (\S{1,255})/.exec(value);
  if (!match) return "<id> <uri>";
  if (into.extensions.length < 64) into.extensions.push({ id: Number(match[1]), uri: match[2] });
  return null;
}

/** A candidate of unknown form is skipped: one bad address must not cost the session. */
function addCandidate(into: SharedAttributes, value: string): void {
  const candidate = parseCandidate(`candidate:${value}`);
  if (candidate && into.candidates.length < limits.remoteCandidates) into.candidates.push(candidate);
}
