import { ADDRESS_WORDS, formatAddress, parseAddress, type SocketAddress } from "../../base/mod.ts";

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
  /** Where a reflexive or relayed one comes from (raddr, rport). */
  related?: SocketAddress;
  /** RFC 6544 section 4.5: active, passive or so. */
  tcpType?: string;
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

/** The whole `candidate:…` text. */
export function formatCandidate(candidate: Candidate): string {
  const { foundation, component, protocol, priority, address, port, type, related, tcpType } = candidate;
  const text = `candidate:${foundation} ${component} ${protocol} ${priority} ${address} ${port} typ ${type}`;
  return text + (related ? ` raddr ${related.address} rport ${related.port}` : "") +
    (tcpType ? ` tcptype ${tcpType}` : "");
}
