// hot
import { putUint32, uint32At } from "./bytes.ts";

const BLOCK_BYTES = 64;
const STATE_WORDS = 5;
const INITIAL = new Int32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]);
/** Length of a digest in bytes. */
export const SHA1_BYTES = 20;

/** Working memory of one digest at a time: a thread makes one after the other. */
const state = new Int32Array(STATE_WORDS);
const schedule = new Int32Array(80);
const block = new Uint8Array(BLOCK_BYTES);

/**
 * The key of HMAC-SHA1 (RFC 2104) as the hash's states after the inner and the outer key block, ten words: what is left of
 * a message of STUN are two or three blocks, some microseconds.
 */
// cold: once per key
export function hmacSha1Key(key: Uint8Array): Int32Array {
  const short = key.length > BLOCK_BYTES ? sha1(key) : key;
  const states = new Int32Array(2 * STATE_WORDS);
  [0x36, 0x5c].forEach((pad, i) => {
    for (let at = 0; at < BLOCK_BYTES; at++) block[at] = (short[at] ?? 0) ^ pad;
    state.set(INITIAL);
    compress(block, 0);
    states.set(state, i * STATE_WORDS);
  });
  return states;
}

/** Writes HMAC-SHA1 of the bytes from `start` up to `end` to `digest` from `at` on; `key` is what `hmacSha1Key` gave. */
export function hmacSha1(
  key: Int32Array,
  bytes: Uint8Array,
  start: number,
  end: number,
  digest: Uint8Array,
  at: number,
): void {
  for (let i = 0; i < STATE_WORDS; i++) state[i] = key[i];
  absorb(bytes, start, end, BLOCK_BYTES);
  for (let i = 0; i < STATE_WORDS; i++) putUint32(block, i * 4, state[i]);
  for (let i = 0; i < STATE_WORDS; i++) state[i] = key[STATE_WORDS + i];
  finish(SHA1_BYTES, BLOCK_BYTES + SHA1_BYTES);
  for (let i = 0; i < STATE_WORDS; i++) putUint32(digest, at + i * 4, state[i]);
}

// cold: keys longer than a block are none of ICE
function sha1(bytes: Uint8Array): Uint8Array {
  state.set(INITIAL);
  absorb(bytes, 0, bytes.length, 0);
  const digest = new Uint8Array(SHA1_BYTES);
  for (let i = 0; i < STATE_WORDS; i++) putUint32(digest, i * 4, state[i]);
  return digest;
}

/** Takes the message into the state and ends it; `before` bytes were taken already. */
function absorb(bytes: Uint8Array, start: number, end: number, before: number): void {
  let at = start;
  for (; at + BLOCK_BYTES <= end; at += BLOCK_BYTES) compress(bytes, at);
  const rest = end - at;
  for (let i = 0; i < rest; i++) block[i] = bytes[at + i];
  finish(rest, before + end - start);
}

/** Pads the `rest` bytes that stand in the block and takes them in; `total` bytes are hashed in all. */
function finish(rest: number, total: number): void {
  block[rest] = 0x80;
  for (let i = rest + 1; i < BLOCK_BYTES; i++) block[i] = 0;
  if (rest >= BLOCK_BYTES - 8) {
    compress(block, 0);
    for (let i = 0; i < BLOCK_BYTES; i++) block[i] = 0;
  }
  // Nothing that is hashed here comes near 2^29 bytes: the upper word of the length stays 0.
  putUint32(block, BLOCK_BYTES - 4, total * 8);
  compress(block, 0);
}

/** One block (FIPS 180-4 section 6.1.2). */
function compress(bytes: Uint8Array, at: number): void {
  const w = schedule;
  for (let i = 0; i < 16; i++) w[i] = uint32At(bytes, at + i * 4);
  for (let i = 16; i < 80; i++) w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
  let a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
  for (let i = 0; i < 80; i++) {
    const mixed = (rotate(a, 5) + round(i, b, c, d) + e + w[i]) | 0;
    e = d;
    d = c;
    c = rotate(b, 30);
    b = a;
    a = mixed;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
}

function round(i: number, b: number, c: number, d: number): number {
  if (i < 20) return (((b & c) | (~b & d)) + 0x5a827999) | 0;
  if (i < 40) return ((b ^ c ^ d) + 0x6ed9eba1) | 0;
  if (i < 60) return (((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc) | 0;
  return ((b ^ c ^ d) + 0xca62c1d6) | 0;
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
