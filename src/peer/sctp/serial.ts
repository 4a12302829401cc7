/** Serial number arithmetic (RFC 1982): TSNs and request numbers have 32 bits, stream sequence numbers 16. */

/** How far `to` is ahead of `from`; negative when it is behind. */
export function tsnDistance(from: number, to: number): number {
  return (to - from) | 0;
}

export function tsnPlus(tsn: number, count: number): number {
  return (tsn + count) >>> 0;
}

/** How far `to` is ahead of `from`; negative when it is behind. */
export function ssnDistance(from: number, to: number): number {
  return ((to - from) << 16) >> 16;
}

export function ssnPlus(ssn: number, count: number): number {
  return (ssn + count) & 0xffff;
}
