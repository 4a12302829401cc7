import { type Memory, type Native, type SrtpCipher, srtpKeyLengths, type SrtpProfile } from "./types.ts";

const HEADER_BYTES = 12;
const PAYLOAD_BYTES = 53;
const SSRC = 0xdecafbad;
const ROLLOVER_COUNTER = 0x01020304;
const SEQUENCE_NUMBER = 0xfedc;

/** Each cipher of libcrypto that is used; the profiles with a shorter tag differ in nothing else. */
const proved = [
  "AEAD_AES_128_GCM",
  "AES128_CM_HMAC_SHA1_80",
  "AEAD_AES_256_GCM",
  "AES256_CM_HMAC_SHA1_80",
] as const;

/**
 * Protects a packet of each kind with `native` and lets `other`, whose code is another, read it; throws when it cannot.
 * A libcrypto that loads but behaves otherwise (a build without an algorithm, another layout) is found here and not by
 * a viewer.
 */
export function proveCiphers(native: Native, other: Native): void {
  for (const profile of proved) {
    const lengths = srtpKeyLengths[profile];
    const key = Uint8Array.from({ length: lengths.key }, (_, i) => i + 1);
    const salt = Uint8Array.from({ length: lengths.salt }, (_, i) => 0xf0 - i);
    const ours = native.openCipher(profile, key, salt);
    const theirs = other.openCipher(profile, key, salt);
    checkRtp(profile, ours, native.memory(256), theirs);
    checkRtcp(profile, ours, native.memory(256), theirs);
    ours.close();
    theirs.close();
  }
}

function checkRtp(profile: SrtpProfile, ours: SrtpCipher, memory: Memory, theirs: SrtpCipher): void {
  const plain = fill(memory, HEADER_BYTES + PAYLOAD_BYTES);
  const index = [SSRC, ROLLOVER_COUNTER, SEQUENCE_NUMBER] as const;
  const length = ours.protectRtp(memory, 0, HEADER_BYTES, memory, HEADER_BYTES, PAYLOAD_BYTES, ...index);
  const copy = { bytes: memory.bytes.slice(), address: 0 };
  expectPlain(profile, copy, plain, theirs.unprotectRtp(copy, 0, length, HEADER_BYTES, ...index));
  expectPlain(profile, memory, plain, ours.unprotectRtp(memory, 0, length, HEADER_BYTES, ...index));
}

function checkRtcp(profile: SrtpProfile, ours: SrtpCipher, memory: Memory, theirs: SrtpCipher): void {
  const plain = fill(memory, PAYLOAD_BYTES);
  const length = ours.protectRtcp(memory, 0, PAYLOAD_BYTES, 0x12345);
  const copy = { bytes: memory.bytes.slice(), address: 0 };
  expectPlain(profile, copy, plain, theirs.unprotectRtcp(copy, 0, length));
  expectPlain(profile, memory, plain, ours.unprotectRtcp(memory, 0, length));
}

function fill(memory: Memory, length: number): Uint8Array {
  for (let i = 0; i < length; i++) memory.bytes[i] = 0x80 + 7 * i;
  return memory.bytes.slice(0, length);
}

function expectPlain(profile: SrtpProfile, memory: Memory, plain: Uint8Array, length: number): void {
  const same = length === plain.length && plain.every((byte, i) => memory.bytes[i] === byte);
  if (!same) throw new Error(`Cannot use libcrypto: its ${profile} does not agree with node:crypto`);
}
