import { ADDRESS_WORDS, parseAddress } from "../../base/mod.ts";

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
  // Global unicast is 2000::/3; of that, Teredo and 6to4 carry IPv4 addresses that nobody has looked at.
  return words[0] >>> 29 !== 1 || words[0] === 0x2001_0000 || words[0] >>> 16 === 0x2002;
}

/** IANA's registry of special-purpose addresses. */
const specialIPv4: [string, number][] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
];

function isPrivateIPv4(word: number): boolean {
  const words = new Uint32Array(ADDRESS_WORDS);
  return specialIPv4.some(([network, bits]) => {
    parseAddress(network, words);
    return (word ^ words[3]) >>> (32 - bits) === 0;
  });
}
