// hot
/**
 * Initialisation vectors of SRTP. Each writes into `iv` from byte 0 the vector that belongs to a packet; `salt` is the
 * session salt.
 */

/** RFC 7714 section 8.1: 12 bytes from SSRC, rollover counter and sequence number. */
export function writeGcmRtpIv(
  iv: Uint8Array,
  salt: Uint8Array,
  ssrc: number,
  roc: number,
  sequence: number,
): void {
  iv[0] = salt[0];
  iv[1] = salt[1];
  xorWord(iv, salt, 2, ssrc);
  xorWord(iv, salt, 6, roc);
  iv[10] = salt[10] ^ (sequence >>> 8);
  iv[11] = salt[11] ^ sequence;
}

/** RFC 7714 section 9.1: 12 bytes from SSRC and SRTCP index. */
export function writeGcmRtcpIv(iv: Uint8Array, salt: Uint8Array, ssrc: number, index: number): void {
  iv[0] = salt[0];
  iv[1] = salt[1];
  xorWord(iv, salt, 2, ssrc);
  iv[6] = salt[6];
  iv[7] = salt[7];
  xorWord(iv, salt, 8, index);
}

/** RFC 3711 section 4.1.1: 16 bytes, the last two of which count blocks. */
export function writeCmRtpIv(
  iv: Uint8Array,
  salt: Uint8Array,
  ssrc: number,
  roc: number,
  sequence: number,
): void {
  xorWord(iv, salt, 0, 0);
  xorWord(iv, salt, 4, ssrc);
  xorWord(iv, salt, 8, roc);
  iv[12] = salt[12] ^ (sequence >>> 8);
  iv[13] = salt[13] ^ sequence;
  iv[14] = 0;
  iv[15] = 0;
}

/** RFC 3711 section 4.1.1 with the 31-bit SRTCP index as the packet index. */
export function writeCmRtcpIv(iv: Uint8Array, salt: Uint8Array, ssrc: number, index: number): void {
  writeCmRtpIv(iv, salt, ssrc, index >>> 16, index);
}

function xorWord(iv: Uint8Array, salt: Uint8Array, at: number, word: number): void {
  iv[at] = salt[at] ^ (word >>> 24);
  iv[at + 1] = salt[at + 1] ^ (word >>> 16);
  iv[at + 2] = salt[at + 2] ^ (word >>> 8);
  iv[at + 3] = salt[at + 3] ^ word;
}

/** Reads a big-endian 32-bit word as an unsigned number. */
export function readWord(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}

/** Writes a big-endian 32-bit word. */
export function writeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
}
