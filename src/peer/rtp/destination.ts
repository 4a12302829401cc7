import { ADDRESS_WORDS, AppError, formatAddress, parseAddress, type SocketAddress } from "../../base/mod.ts";
import type { MediaDescription } from "../sdp/description.ts";
import type { RtpLine } from "./types.ts";

/** Where the other side of an m-line is, by its description. */
export type Destination = Pick<RtpLine, "rtp" | "rtcp" | "from" | "latch">;

/** The other side says that it opens the connection, so that its address here means nothing. */
export function isActive(section: MediaDescription): boolean {
  return section.setup === "active" || section.comedia === "active";
}

/**
 * Where media and RTCP of the m-line go, and whom they come from: c= and the port, a=rtcp (RFC 3605) or the next port;
 * with COMEDIA wherever they come from. An address of zeros is one on hold (RFC 3264 section 8.4): nothing is sent.
 *
 * Throws AppError sdp_unacceptable when the description names no address that packets can be sent to.
 */
export function destinationOf(section: MediaDescription, rtcpMux: boolean): Destination {
  if (isActive(section)) return { rtp: null, rtcp: null, from: null, latch: true };
  const host = hostOf(section, section.address, "c=");
  if (host === null) return { rtp: null, rtcp: null, from: null, latch: false };
  const rtp = { address: host, port: section.port };
  return { rtp, rtcp: rtcpMux ? null : rtcpOf(section, rtp), from: host, latch: false };
}

function rtcpOf(section: MediaDescription, { address, port }: SocketAddress): SocketAddress | null {
  const told = section.rtcp;
  if (told === null) return port === 65_535 ? null : { address, port: port + 1 };
  const host = told.address === "" ? address : hostOf(section, told.address, "a=rtcp");
  return host === null || told.port === 0 ? null : { address: host, port: told.port };
}

/** The address as this server writes it; null for one of zeros. */
function hostOf(section: MediaDescription, text: string, line: string): string | null {
  const words = new Uint32Array(ADDRESS_WORDS);
  if (text === "") throw unusable(section, `no ${line} line`);
  if (!parseAddress(text, words)) throw unusable(section, `the name ${JSON.stringify(text.slice(0, 60))}`);
  if (isUnspecified(words)) return null;
  if (isMulticast(words)) throw unusable(section, `the group ${text}`);
  return formatAddress(words);
}

function isUnspecified(words: Uint32Array): boolean {
  return words[0] === 0 && words[1] === 0 && (words[2] === 0 || words[2] === 0xffff) && words[3] === 0;
}

/** Many would hear it, the broadcast address included. */
function isMulticast(words: Uint32Array): boolean {
  const isIPv4 = words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
  return isIPv4 ? words[3] >>> 28 === 0xe || words[3] === 0xffffffff : words[0] >>> 24 === 0xff;
}

function unusable(section: MediaDescription, found: string): AppError {
  const wanted = "vs the IP address of one host, name it in a c= line";
  return new AppError("sdp_unacceptable", `Cannot send ${section.kind}: its m-line has ${found} ${wanted}`);
}
