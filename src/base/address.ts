/** Where a datagram came from or goes to. `address` is text: dotted IPv4 or RFC 5952 IPv6, never v4-mapped. */
export interface SocketAddress {
  address: string;
  /** 1–65535. */
  port: number;
}

/** Number of 32-bit words of an address in the packet plane: IPv6, with IPv4 as ::ffff:a.b.c.d. */
export const ADDRESS_WORDS = 4;

/**
 * Reads an IP address as four big-endian 32-bit words into `words` from `at`.
 * Returns false for text that is no address (a host name, say), leaving `words` undefined in content.
 */
export function parseAddress(text: string, words: Uint32Array, at = 0): boolean {
  return text.includes(":") ? parseIPv6(text, words, at) : parseIPv4(text, words, at);
}

/** The text of four words as written by `parseAddress`. */
export function formatAddress(words: Uint32Array, at = 0): string {
  if (words[at] === 0 && words[at + 1] === 0 && words[at + 2] === 0xffff) return formatIPv4(words[at + 3]);
  return formatIPv6(words, at);
}

/** True for 127.0.0.0/8, ::1, their v4-mapped form and the name localhost. */
export function isLoopback(text: string): boolean {
  const words = new Uint32Array(ADDRESS_WORDS);
  if (!parseAddress(text, words)) return text === "localhost";
  if (words[0] !== 0 || words[1] !== 0) return false;
  return words[2] === 0xffff ? words[3] >>> 24 === 127 : words[2] === 0 && words[3] === 1;
}

function parseIPv4(text: string, words: Uint32Array, at: number): boolean {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return false;
  let value = 0;
  for (let i = 1; i <= 4; i++) {
    const part = Number(match[i]);
    // Leading zeros are octal to some readers and decimal to others (RFC 6943 section 3.1.1).
    if (part > 255 || String(part) !== match[i]) return false;
    value = value * 256 + part;
  }
  words[at] = 0;
  words[at + 1] = 0;
  words[at + 2] = 0xffff;
  words[at + 3] = value;
  return true;
}

function parseIPv6(text: string, words: Uint32Array, at: number): boolean {
  const plain = text.replace(/%.*$/, "");
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(plain);
  const groupsText = dotted ? dotted[1] + dottedAsGroups(dotted[2]) : plain;
  const halves = groupsText.split("::");
  if (halves.length > 2) return false;
  const head = halves[0] === "" ? [] : halves[0].split(":");
  const tail = halves.length < 2 || halves[1] === "" ? [] : halves[1].split(":");
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return false;
  const groups = [...head, ...Array(missing).fill("0"), ...tail];
  for (let i = 0; i < ADDRESS_WORDS; i++) {
    const high = parseGroup(groups[2 * i]);
    const low = parseGroup(groups[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    words[at + i] = high * 65536 + low;
  }
  return true;
}

function dottedAsGroups(dotted: string): string {
  const words = new Uint32Array(ADDRESS_WORDS);
  if (!parseIPv4(dotted, words, 0)) return "x";
  return `${(words[3] >>> 16).toString(16)}:${(words[3] & 0xffff).toString(16)}`;
}

function parseGroup(group: string): number {
  return /^[0-9a-fA-F]{1,4}$/.test(group) ? parseInt(group, 16) : -1;
}

function formatIPv4(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;
}

function formatIPv6(words: Uint32Array, at: number): string {
  const groups: string[] = [];
  for (let i = 0; i < ADDRESS_WORDS; i++) {
    groups.push((words[at + i] >>> 16).toString(16), (words[at + i] & 0xffff).toString(16));
  }
  const run = longestZeroRun(groups);
  if (run.length < 2) return groups.join(":");
  return `${groups.slice(0, run.start).join(":")}::${groups.slice(run.start + run.length).join(":")}`;
}

function longestZeroRun(groups: string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === "0") length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}
