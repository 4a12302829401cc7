import { ADDRESS_WORDS, parseAddress } from "../../base/mod.ts";
import type { PlaySpec } from "../types.ts";
import { MediaFault } from "./media_fault.ts";

/** A URI as FFmpeg is given it. */
export interface MediaUri {
  scheme: string;
  url: string;
  /** The host as written, without brackets; empty for files. */
  host: string;
  /** A stream that runs whether somebody looks or not. */
  isLive: boolean;
  /** Protocols that may be used on the way: none of them leads to files from the network. */
  protocols: string;
}

const protocolsOf: Readonly<Record<string, string>> = {
  file: "file,crypto",
  http: "http,https,tcp,tls,crypto",
  https: "http,https,tcp,tls,crypto",
  hls: "hls,http,https,tcp,tls,crypto",
  rtsp: "rtsp,rtp,srtp,udp,tcp",
  rtsps: "rtsp,rtsps,rtp,srtp,udp,tcp,tls",
  rtmp: "rtmp,tcp",
  rtmps: "rtmps,rtmp,tls,tcp",
  srt: "srt,udp",
  udp: "udp",
  rtp: "rtp,udp",
  tcp: "tcp",
};

const liveSchemes = new Set(["rtsp", "rtsps", "rtmp", "rtmps", "srt", "udp", "rtp", "tcp"]);

/** Reads a URI by the rules of a specification. Throws MediaFault INVALID_URI. */
export function readMediaUri({ uri, allowedSchemes, mediaDir }: PlaySpec): MediaUri {
  const match = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(uri);
  if (!match) throw new MediaFault("INVALID_URI", `Cannot play "${uri}": it is no URI with a scheme`);
  const scheme = match[1].toLowerCase();
  const protocols = Object.hasOwn(protocolsOf, scheme) ? protocolsOf[scheme] : undefined;
  if (!protocols || !allowedSchemes.includes(scheme)) {
    const allowed = allowedSchemes.join(", ");
    throw new MediaFault(
      "INVALID_URI",
      `Cannot play ${scheme}: the scheme is not among those allowed (${allowed})`,
    );
  }
  const isLive = liveSchemes.has(scheme);
  if (scheme === "file") return { scheme, url: filePath(match[2], mediaDir), host: "", isLive, protocols };
  const { url, host } = networkUrl(scheme, match[2]);
  return { scheme, url, host, isLive, protocols };
}

/** A path below the media folder, links followed. */
function filePath(rest: string, mediaDir: string): string {
  const path = decoded(rest);
  if (!path.startsWith("/")) {
    throw new MediaFault("INVALID_URI", `Cannot play "${path}": the path is not absolute`);
  }
  try {
    const real = Deno.realPathSync(path);
    const root = Deno.realPathSync(mediaDir);
    if (real.startsWith(`${root}/`)) return real;
  } catch {
    if (isBelow(path, mediaDir)) {
      throw new MediaFault("RESOURCE_ERROR_OPEN", `Cannot play "${path}": there is no such file`);
    }
  }
  throw new MediaFault("INVALID_URI", `Cannot play "${path}": only files below ${mediaDir} are played`);
}

const isBelow = (path: string, folder: string) =>
  path.startsWith(`${folder.replace(/\/$/, "")}/`) && !path.split("/").includes("..");

/**
 * Characters that a password may have and a URL may not are escaped, whatever stands after the last "@" before the
 * path is the host.
 */
function networkUrl(scheme: string, rest: string): { url: string; host: string } {
  const end = rest.search(/[/?]/);
  let authority = end < 0 ? rest : rest.slice(0, end);
  let path = end < 0 ? "" : rest.slice(end);
  // A slash or question mark in the password: the host cannot stand before the last "@" of what follows.
  const lateAt = path.indexOf("@");
  if (!authority.includes("@") && authority.includes(":") && !/:\d+$/.test(authority) && lateAt >= 0) {
    const whole = rest.slice(0, end + lateAt + 1);
    const after = rest.slice(whole.length);
    const hostEnd = after.search(/[/?]/);
    authority = whole + (hostEnd < 0 ? after : after.slice(0, hostEnd));
    path = hostEnd < 0 ? "" : after.slice(hostEnd);
  }
  const at = authority.lastIndexOf("@");
  const hostAndPort = authority.slice(at + 1);
  const host = /^\[([^\]]+)\]/.exec(hostAndPort)?.[1] ?? hostAndPort.replace(/:\d*$/, "");
  if (host === "") throw new MediaFault("INVALID_URI", `Cannot play ${scheme}: the URI names no host`);
  const user = at < 0 ? "" : `${escapedUser(authority.slice(0, at))}@`;
  return { url: `${scheme}://${user}${hostAndPort}${path.replaceAll(" ", "%20")}`, host };
}

function escapedUser(user: string): string {
  const colon = user.indexOf(":");
  const parts = colon < 0 ? [user] : [user.slice(0, colon), user.slice(colon + 1)];
  return parts.map((part) => encodeURIComponent(decoded(part))).join(":");
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * True for addresses that lead back into the machine or its network: loopback, private, link-local, shared, multicast,
 * reserved; and for text that is no address.
 */
export function isPrivateAddress(address: string): boolean {
  const words = new Uint32Array(ADDRESS_WORDS);
  if (!parseAddress(address, words)) return true;
  if (words[0] === 0 && words[1] === 0 && (words[2] === 0xffff || words[2] === 0)) {
    return isPrivateIPv4(words[3]);
  }
  const first = words[0] >>> 16;
  // Global unicast is 2000::/3; 6to4 and NAT64 carry IPv4 addresses that nobody has looked at.
  return first >>> 13 !== 1 || first === 0x2002 || words[0] === 0x0064ff9b;
}

function isPrivateIPv4(word: number): boolean {
  const [a, b] = [word >>> 24, word >>> 16 & 0xff];
  return a === 0 || a === 10 || a === 127 || a >= 224 || (a === 100 && b >> 6 === 1) ||
    (a === 169 && b === 254) ||
    (a === 172 && b >> 4 === 1) || (a === 192 && b === 168) || (a === 198 && b >> 1 === 9);
}
