import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from "node:crypto";
import { aesCounterMode } from "./aes_ctr.ts";
import {
  readWord,
  writeCmRtcpIv,
  writeCmRtpIv,
  writeGcmRtcpIv,
  writeGcmRtpIv,
  writeWord,
} from "./srtp_iv.ts";
import type { SessionKeys, SrtpSessionKeys } from "./srtp_key_derivation.ts";
import type { EncryptingProfile, Memory, SrtpCipher } from "./types.ts";

const RTCP_CLEAR_BYTES = 8;
const INDEX_BYTES = 4;
const ENCRYPTED_FLAG = 0x80000000;

/**
 * One profile on node:crypto, over whole packets. `associated` is what the tag covers beyond the ciphertext in GCM;
 * `trailer` what it covers behind the packet in counter mode (rollover counter or SRTCP index).
 */
interface Algorithm {
  readonly rtpTagBytes: number;
  readonly rtcpTagBytes: number;
  rtpIv(keys: SessionKeys, ssrc: number, rolloverCounter: number, sequenceNumber: number): Uint8Array;
  rtcpIv(keys: SessionKeys, ssrc: number, index: number): Uint8Array;
  seal(keys: SessionKeys, iv: Uint8Array, header: Uint8Array, plain: Uint8Array, trailer: Trailer): Sealed;
  /** Null when the tag is not right. */
  open(
    keys: SessionKeys,
    iv: Uint8Array,
    header: Uint8Array,
    sealed: Sealed,
    trailer: Trailer,
  ): Uint8Array | null;
}

interface Sealed {
  ciphertext: Uint8Array;
  tag: Uint8Array;
}

interface Trailer {
  kind: "rolloverCounter" | "index";
  word: number;
}

/** SRTP on node:crypto, for machines where libcrypto cannot be had. Allocates per packet. */
export function openPortableCipher(profile: EncryptingProfile, keys: SrtpSessionKeys): SrtpCipher {
  return new PortableCipher(profile, algorithmOf(profile), keys);
}

function algorithmOf(profile: EncryptingProfile): Algorithm {
  if (profile === "AEAD_AES_128_GCM" || profile === "AEAD_AES_256_GCM") return gcm;
  return profile.endsWith("32") ? { ...counterMode, rtpTagBytes: 4 } : counterMode;
}

class PortableCipher implements SrtpCipher {
  readonly profile: EncryptingProfile;
  readonly rtpOverhead: number;
  readonly rtcpOverhead: number;
  rtcpIndex = 0;
  readonly #algorithm: Algorithm;
  readonly #keys: SrtpSessionKeys;
  #closed = false;

  constructor(profile: EncryptingProfile, algorithm: Algorithm, keys: SrtpSessionKeys) {
    this.profile = profile;
    this.rtpOverhead = algorithm.rtpTagBytes;
    this.rtcpOverhead = algorithm.rtcpTagBytes + INDEX_BYTES;
    this.#algorithm = algorithm;
    this.#keys = keys;
  }

  protectRtp(
    target: Memory,
    offset: number,
    headerLength: number,
    source: Memory,
    payloadOffset: number,
    payloadLength: number,
    ssrc: number,
    rolloverCounter: number,
    sequenceNumber: number,
  ): number {
    const length = headerLength + payloadLength;
    if (this.#closed || !isSpan(target, offset, length + this.rtpOverhead)) return 0;
    if (!isSpan(source, payloadOffset, payloadLength)) return 0;
    const keys = this.#keys.rtp;
    const iv = this.#algorithm.rtpIv(keys, ssrc, rolloverCounter, sequenceNumber);
    const header = span(target, offset, headerLength);
    const plain = span(source, payloadOffset, payloadLength);
    const trailer: Trailer = { kind: "rolloverCounter", word: rolloverCounter };
    const sealed = this.#algorithm.seal(keys, iv, header, plain, trailer);
    target.bytes.set(sealed.ciphertext, offset + headerLength);
    target.bytes.set(sealed.tag.subarray(0, this.rtpOverhead), offset + length);
    return length + this.rtpOverhead;
  }

  unprotectRtp(
    memory: Memory,
    offset: number,
    length: number,
    headerLength: number,
    ssrc: number,
    rolloverCounter: number,
    sequenceNumber: number,
  ): number {
    const plainLength = length - this.rtpOverhead;
    if (this.#closed || headerLength > plainLength || !isSpan(memory, offset, length)) return -1;
    const keys = this.#keys.rtp;
    const iv = this.#algorithm.rtpIv(keys, ssrc, rolloverCounter, sequenceNumber);
    const header = span(memory, offset, headerLength);
    const ciphertext = span(memory, offset + headerLength, plainLength - headerLength);
    const sealed = { ciphertext, tag: span(memory, offset + plainLength, this.rtpOverhead) };
    const trailer: Trailer = { kind: "rolloverCounter", word: rolloverCounter };
    const plain = this.#algorithm.open(keys, iv, header, sealed, trailer);
    if (plain === null) return -1;
    memory.bytes.set(plain, offset + headerLength);
    return plainLength;
  }

  protectRtcp(memory: Memory, offset: number, length: number, index: number): number {
    const total = length + this.rtcpOverhead;
    if (this.#closed || length < RTCP_CLEAR_BYTES || !isSpan(memory, offset, total)) return 0;
    const keys = this.#keys.rtcp;
    const iv = this.#algorithm.rtcpIv(keys, readWord(memory.bytes, offset + 4), index);
    const header = span(memory, offset, RTCP_CLEAR_BYTES);
    const plain = span(memory, offset + RTCP_CLEAR_BYTES, length - RTCP_CLEAR_BYTES);
    const word = (index | ENCRYPTED_FLAG) >>> 0;
    const { ciphertext, tag } = this.#algorithm.seal(keys, iv, header, plain, { kind: "index", word });
    memory.bytes.set(ciphertext, offset + RTCP_CLEAR_BYTES);
    memory.bytes.set(tag, offset + this.#rtcpTagAt(length));
    writeWord(memory.bytes, offset + this.#rtcpIndexAt(length), word);
    return total;
  }

  unprotectRtcp(memory: Memory, offset: number, length: number): number {
    const plainLength = length - this.rtcpOverhead;
    if (this.#closed || plainLength < RTCP_CLEAR_BYTES || !isSpan(memory, offset, length)) return -1;
    const word = readWord(memory.bytes, offset + this.#rtcpIndexAt(plainLength));
    if (word < ENCRYPTED_FLAG) return -1;
    this.rtcpIndex = word - ENCRYPTED_FLAG;
    const keys = this.#keys.rtcp;
    const iv = this.#algorithm.rtcpIv(keys, readWord(memory.bytes, offset + 4), this.rtcpIndex);
    const header = span(memory, offset, RTCP_CLEAR_BYTES);
    const ciphertext = span(memory, offset + RTCP_CLEAR_BYTES, plainLength - RTCP_CLEAR_BYTES);
    const tagAt = offset + this.#rtcpTagAt(plainLength);
    const sealed = { ciphertext, tag: span(memory, tagAt, this.#algorithm.rtcpTagBytes) };
    const plain = this.#algorithm.open(keys, iv, header, sealed, { kind: "index", word });
    if (plain === null) return -1;
    memory.bytes.set(plain, offset + RTCP_CLEAR_BYTES);
    return plainLength;
  }

  close(): void {
    this.#closed = true;
  }

  /** GCM has the tag before the index (RFC 7714 section 9.2), counter mode behind it (RFC 3711 section 3.4). */
  #rtcpTagAt(plainLength: number): number {
    return this.#algorithm === gcm ? plainLength : plainLength + INDEX_BYTES;
  }

  #rtcpIndexAt(plainLength: number): number {
    return this.#algorithm === gcm ? plainLength + this.#algorithm.rtcpTagBytes : plainLength;
  }
}

const gcm: Algorithm = {
  rtpTagBytes: 16,
  rtcpTagBytes: 16,
  rtpIv(keys, ssrc, rolloverCounter, sequenceNumber) {
    const iv = new Uint8Array(12);
    writeGcmRtpIv(iv, keys.salt, ssrc, rolloverCounter, sequenceNumber);
    return iv;
  },
  rtcpIv(keys, ssrc, index) {
    const iv = new Uint8Array(12);
    writeGcmRtcpIv(iv, keys.salt, ssrc, index);
    return iv;
  },
  seal(keys, iv, header, plain, trailer) {
    const cipher = createCipheriv(gcmName(keys.cipherKey), keys.cipherKey, iv);
    cipher.setAAD(gcmAssociated(header, trailer));
    const ciphertext = cipher.update(plain);
    cipher.final();
    return { ciphertext, tag: cipher.getAuthTag() };
  },
  open(keys, iv, header, sealed, trailer) {
    const decipher = createDecipheriv(gcmName(keys.cipherKey), keys.cipherKey, iv, { authTagLength: 16 });
    decipher.setAAD(gcmAssociated(header, trailer));
    decipher.setAuthTag(sealed.tag);
    const plain = decipher.update(sealed.ciphertext);
    try {
      decipher.final();
      return plain;
    } catch {
      return null;
    }
  },
};

function gcmName(key: Uint8Array): "aes-128-gcm" | "aes-256-gcm" {
  return key.length === 32 ? "aes-256-gcm" : "aes-128-gcm";
}

/** The rollover counter is in the IV already; the index word is associated data (RFC 7714 section 9.2). */
function gcmAssociated(header: Uint8Array, trailer: Trailer): Uint8Array {
  return trailer.kind === "index" ? Buffer.concat([header, wordBytes(trailer.word)]) : header;
}

const counterMode: Algorithm = {
  rtpTagBytes: 10,
  rtcpTagBytes: 10,
  rtpIv(keys, ssrc, rolloverCounter, sequenceNumber) {
    const iv = new Uint8Array(16);
    writeCmRtpIv(iv, keys.salt, ssrc, rolloverCounter, sequenceNumber);
    return iv;
  },
  rtcpIv(keys, ssrc, index) {
    const iv = new Uint8Array(16);
    writeCmRtcpIv(iv, keys.salt, ssrc, index);
    return iv;
  },
  seal(keys, iv, header, plain, trailer) {
    const ciphertext = aesCounterMode(keys.cipherKey, iv, plain);
    return { ciphertext, tag: truncatedHmac(keys, header, ciphertext, trailer) };
  },
  open(keys, iv, header, sealed, trailer) {
    const whole = truncatedHmac(keys, header, sealed.ciphertext, trailer);
    const expected = whole.subarray(0, sealed.tag.length);
    if (!timingSafeEqual(expected, sealed.tag)) return null;
    return aesCounterMode(keys.cipherKey, iv, sealed.ciphertext);
  },
};

function truncatedHmac(
  keys: SessionKeys,
  header: Uint8Array,
  ciphertext: Uint8Array,
  trailer: Trailer,
): Uint8Array {
  const hmac = createHmac("sha1", keys.authKey);
  return hmac.update(header).update(ciphertext).update(wordBytes(trailer.word)).digest().subarray(0, 10);
}

function wordBytes(word: number): Uint8Array {
  const bytes = new Uint8Array(4);
  writeWord(bytes, 0, word);
  return bytes;
}

function span(memory: Memory, offset: number, length: number): Uint8Array {
  return memory.bytes.subarray(offset, offset + length);
}

function isSpan(memory: Memory, offset: number, length: number): boolean {
  return offset >= 0 && length >= 0 && offset + length <= memory.bytes.length;
}
