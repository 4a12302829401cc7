import { ADDRESS_WORDS, formatAddress, parseAddress, type SocketAddress } from "../../base/mod.ts";
import type { LocalReach } from "../types.ts";

/** One ICE candidate (RFC 8839 section 5.1). */
export interface Candidate {
  foundation: string;
  /** 1 is RTP; with rtcp-mux there is no other. */
  component: number;
  /** Lower case: udp or tcp. */
  protocol: string;
  priority: number;
  /** Text as signalled: an IP address, or a name (mDNS). */
  address: string;
  port: number;
  type: string;
}

const candidateSyntax =
  /^(?:a=)?candidate:([\w+/]{1,32}) (\d{1,5}) (\w{1,16}) (\d{1,10}) (\S{1,255}) (\d{1,5}) typ (\w{1,16})(?: |$)/i;

/** Reads `candidate:…` text, with or without `a=`; null when it has another form. */
export function parseCandidate(text: string): Candidate | null {
  const match = candidateSyntax.exec(text.trim());
  if (!match) return null;
  const [, foundation, component, protocol, priority, address, port, type] = match;
  return {
    foundation,
    component: Number(component),
    protocol: protocol.toLowerCase(),
    priority: Number(priority) >>> 0,
    address,
    port: Number(port),
    type: type.toLowerCase(),
  };
}

/** Where checks to the candidate go; null when this server cannot send there (TCP, a name, another component). */
export function usableAddress(candidate: Candidate): SocketAddress | null {
  if (candidate.protocol !== "udp" || candidate.component !== 1) return null;
  if (candidate.port < 1 || candidate.port > 65535) return null;
  const words = new Uint32Array(ADDRESS_WORDS);
  if (!parseAddress(candidate.address, words) || !isUnicast(words)) return null;
  return { address: formatAddress(words), port: candidate.port };
}

/** False for the unspecified address, multicast and broadcast: nobody's peer lives there, and many would hear it. */
function isUnicast(words: Uint32Array): boolean {
  if (words[0] === 0 && words[1] === 0 && words[2] === 0xffff) {
    return words[3] !== 0 && words[3] >>> 28 !== 0xe && words[3] !== 0xffffffff;
  }
  return words[0] >>> 24 !== 0xff && (words[0] | words[1] | words[2] | words[3]) !== 0;
}

/** The text after `candidate:` is what browsers show; this is the whole `candidate:…` text. */
export function formatCandidate(candidate: Candidate): string {
  const { foundation, component, protocol, priority, address, port, type } = candidate;
  return `candidate:${foundation} ${component} ${protocol} ${priority} ${address} ${port} typ ${type}`;
}

/**
 * This server's host candidates. IPv4 comes first, because FFmpeg takes the first host candidate and cannot use an
 * IPv6 one; the given order holds otherwise.
 */
export function localCandidates(reach: LocalReach): Candidate[] {
  const isIPv6 = (address: string) => address.includes(":");
  const ordered = [...reach.addresses.filter((a) => !isIPv6(a)), ...reach.addresses.filter(isIPv6)];
  return ordered.map((address, i) => ({
    foundation: String(i + 1),
    component: 1,
    protocol: "udp",
    priority: hostPriority(i),
    address,
    port: reach.port,
    type: "host",
  }));
}

/** RFC 8445 section 5.1.2.1 with type preference 126 and falling local preference. */
function hostPriority(index: number): number {
  return 126 * 2 ** 24 + (65535 - index) * 256 + 255;
}
