import type { MediaRules } from "../../types.ts";
import { percentDecoded } from "../percent_decoded.ts";
import { MediaFault } from "./media_fault.ts";
import { withoutSecrets } from "../without_secrets.ts";

/** A URI, read by the rules of a specification. */
export interface MediaUri {
  scheme: string;
  /** Escaped, with the "@" behind it; empty where the URI names nobody. */
  user: string;
  /** Name or address, IPv6 without brackets; empty for files. */
  host: string;
  /** Null where the URI leaves it to the scheme. */
  port: number | null;
  /** What follows the port, from the first slash or question mark on; of a file its real path. */
  path: string;
}

/** What a scheme means for a player. */
export interface MediaScheme {
  /** FFmpeg's protocols on the way: none of them leads from the network to files. */
  protocols: string;
  /** Sends whether somebody looks or not. */
  isLive: boolean;
  /** Null where the URI must name it. */
  defaultPort: number | null;
}

const webProtocols = "http,https,tcp,tls,httpproxy,crypto";

const schemes: Readonly<Record<string, MediaScheme>> = {
  file: { protocols: "file,crypto", isLive: false, defaultPort: null },
  http: { protocols: webProtocols, isLive: false, defaultPort: 80 },
  https: { protocols: webProtocols, isLive: false, defaultPort: 443 },
  rtsp: { protocols: "rtsp,rtp,rtcp,srtp,udp,tcp", isLive: true, defaultPort: 554 },
  rtsps: { protocols: "rtsps,rtsp,rtp,rtcp,srtp,udp,tcp,tls", isLive: true, defaultPort: 322 },
  rtmp: { protocols: "rtmp,tcp", isLive: true, defaultPort: 1935 },
  rtmps: { protocols: "rtmps,rtmp,tls,tcp", isLive: true, defaultPort: 443 },
  srt: { protocols: "srt,udp", isLive: true, defaultPort: null },
};

/** Reads the URI of a specification. Throws MediaFault INVALID_URI, or RESOURCE_ERROR_OPEN for a file that is not there. */
export function readMediaUri(uri: string, rules: MediaRules): MediaUri {
  const match = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(uri);
  if (!match) {
    throw new MediaFault("INVALID_URI", `Cannot play "${withoutSecrets(uri)}": it is no URI with a scheme`);
  }
  const scheme = match[1].toLowerCase();
  if (!Object.hasOwn(schemes, scheme) || !rules.allowedSchemes.includes(scheme)) {
    const allowed = rules.allowedSchemes.filter((name) => Object.hasOwn(schemes, name)).join(", ");
    throw new MediaFault(
      "INVALID_URI",
      `Cannot play ${scheme}: the scheme is not one of those allowed (${allowed})`,
    );
  }
  if (scheme !== "file") return networkUri(scheme, match[2]);
  return { scheme, user: "", host: "", port: null, path: filePath(match[2], rules.mediaDir) };
}

/** The scheme of a URI that `readMediaUri` gave. */
export function schemeOf({ scheme }: Pick<MediaUri, "scheme">): MediaScheme {
  return schemes[scheme];
}

/** The URI as text; another host and port may stand in for its own. */
export function writeMediaUri({ scheme, user, host, port, path }: MediaUri): string {
  if (scheme === "file") return path;
  const shown = host.includes(":") ? `[${host}]` : host;
  return `${scheme}://${user}${shown}${port === null ? "" : `:${port}`}${path}`;
}

/** A file below the media folder, links followed. */
function filePath(rest: string, mediaDir: string): string {
  const written = rest.replace(/^localhost(?=\/)/i, "");
  if (!written.startsWith("/")) {
    const shown = withoutSecrets(written);
    throw new MediaFault("INVALID_URI", `Cannot play the file "${shown}": its path is not absolute`);
  }
  // Who writes three slashes before a user means a host.
  const shown = written.replace(/^\/.*:.*@/s, "/");
  const path = realPath(percentDecoded(written)) ?? realPath(written);
  const root = realPath(mediaDir);
  if (path !== null && root !== null && path.startsWith(`${root}/`)) return fileAt(path);
  if (path === null && isBelow(percentDecoded(written), mediaDir)) {
    throw new MediaFault("RESOURCE_ERROR_OPEN", `Cannot play the file "${shown}": there is none`);
  }
  throw new MediaFault(
    "INVALID_URI",
    `Cannot play the file "${shown}": only those below ${mediaDir} are played`,
  );
}

/** Not a folder, and not a pipe, at which a reader hangs. */
function fileAt(path: string): string {
  if (Deno.statSync(path).isFile) return path;
  throw new MediaFault("INVALID_MEDIA", `Cannot play "${path}": it is no plain file`);
}

function realPath(path: string): string | null {
  try {
    return Deno.realPathSync(path);
  } catch {
    return null;
  }
}

const isBelow = (path: string, folder: string) =>
  path.startsWith(`${folder.replace(/\/$/, "")}/`) && !path.split("/").includes("..");

/** Characters that a password may have and a URI may not are escaped; the host stands behind the last "@". */
function networkUri(scheme: string, rest: string): MediaUri {
  const end = authorityEnd(rest);
  const authority = rest.slice(0, end);
  const at = authority.lastIndexOf("@");
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/.exec(authority.slice(at + 1));
  const host = hostOf(match?.[1] ?? match?.[2] ?? "", match?.[1] !== undefined);
  const port = Number(match?.[3] || schemes[scheme].defaultPort || 0);
  if (host === null || !(port > 0 && port < 65_536)) {
    throw new MediaFault(
      "INVALID_URI",
      `Cannot play from ${scheme}: the URI names no host and port that can be`,
    );
  }
  return {
    scheme,
    user: at < 0 ? "" : `${escapedUser(authority.slice(0, at))}@`,
    host,
    port: match?.[3] ? port : null,
    // Neither spaces nor line ends may get into a request line.
    path: rest.slice(end).toWellFormed().replace(/[^\x21-\x7e]+/g, encodeURIComponent),
  };
}

/**
 * Where the host and port end. A slash or question mark may be of the password: then what stands before it is neither
 * a host nor a host and port, and an "@" follows.
 */
function authorityEnd(rest: string): number {
  const first = rest.search(/[/?]/);
  if (first < 0) return rest.length;
  const before = rest.slice(0, first);
  const lateAt = rest.indexOf("@", first);
  if (lateAt < 0 || before.includes("@") || !before.includes(":") || /:\d*$/.test(before)) return first;
  const after = rest.slice(lateAt).search(/[/?]/);
  return after < 0 ? rest.length : lateAt + after;
}

/** A host in the one way to write it: numbers for addresses have many. */
function hostOf(text: string, isBracketed: boolean): string | null {
  if (text === "") return null;
  try {
    const { hostname } = new URL(`http://${isBracketed ? `[${text}]` : text}/`);
    return hostname.replace(/^\[|\]$/g, "") || null;
  } catch {
    return null;
  }
}

function escapedUser(user: string): string {
  const colon = user.indexOf(":");
  const parts = colon < 0 ? [user] : [user.slice(0, colon), user.slice(colon + 1)];
  return parts.map((part) => encodeURIComponent(percentDecoded(part).toWellFormed())).join(":");
}
