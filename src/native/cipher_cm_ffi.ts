// hot
import type { AddressWords } from "./address_words.ts";
import { CipherContexts } from "./cipher_contexts.ts";
import { type CipherScratch, isSpan, scratchAt } from "./cipher_scratch.ts";
import { HmacSha1 } from "./hmac_sha1.ts";
import { evp, type LibcryptoCalls } from "./libcrypto.ts";
import { readWord, writeCmRtcpIv, writeCmRtpIv, writeWord } from "./srtp_iv.ts";
import type { SrtpSessionKeys } from "./srtp_key_derivation.ts";
import type { EncryptingProfile, Memory, SrtpCipher } from "./types.ts";

/** Of SRTCP in every profile (RFC 4568 section 6.2, RFC 6188 section 4), of RTP in those that end with 80. */
const LONG_TAG_BYTES = 10;
const SHORT_TAG_BYTES = 4;
/** The rollover counter is authenticated behind the packet but not sent (RFC 3711 section 4.2). */
const ROC_BYTES = 4;
const INDEX_BYTES = 4;
const RTCP_CLEAR_BYTES = 8;
const ENCRYPTED_FLAG = 0x80000000;

type CmProfile = Exclude<EncryptingProfile, "AEAD_AES_128_GCM" | "AEAD_AES_256_GCM">;

/** AES_CM with HMAC_SHA1 (RFC 3711, RFC 5764, RFC 6188) on libcrypto: AES in counter mode, then a truncated HMAC-SHA1. */
export class CmCipherFfi implements SrtpCipher {
  readonly profile: CmProfile;
  readonly rtpOverhead: number;
  readonly rtcpOverhead = LONG_TAG_BYTES + INDEX_BYTES;
  rtcpIndex = 0;

  readonly #calls: LibcryptoCalls;
  readonly #scratch: CipherScratch;
  readonly #rtpSalt: Uint8Array;
  readonly #rtcpSalt: Uint8Array;
  readonly #rtpHmac: HmacSha1;
  readonly #rtcpHmac: HmacSha1;
  readonly #sentTag = new Uint8Array(LONG_TAG_BYTES);
  readonly #words: AddressWords;
  readonly #contexts: CipherContexts;

  constructor(profile: CmProfile, calls: LibcryptoCalls, scratch: CipherScratch, keys: SrtpSessionKeys) {
    this.profile = profile;
    this.rtpOverhead = profile.endsWith("32") ? SHORT_TAG_BYTES : LONG_TAG_BYTES;
    this.#calls = calls;
    this.#scratch = scratch;
    this.#rtpSalt = keys.rtp.salt;
    this.#rtcpSalt = keys.rtcp.salt;
    this.#rtpHmac = new HmacSha1(calls, scratch, keys.rtp.authKey);
    this.#rtcpHmac = new HmacSha1(calls, scratch, keys.rtcp.authKey);
    const { cipherKey } = keys.rtp;
    const cipher = cipherKey.length === 32 ? calls.EVP_aes_256_ctr() : calls.EVP_aes_128_ctr();
    this.#words = scratch.words;
    this.#contexts = new CipherContexts(calls, scratch, cipher, cipherKey, keys.rtcp.cipherKey);
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
    if (!isSpan(target, offset, length + this.rtpOverhead) || !isSpan(source, payloadOffset, payloadLength)) {
      return 0;
    }
    writeCmRtpIv(this.#scratch.memory.bytes, this.#rtpSalt, ssrc, rolloverCounter, sequenceNumber);
    this.#words.set(0, source.address + payloadOffset);
    this.#words.set(1, target.address + offset + headerLength);
    if (!this.#crypt(this.#contexts.rtp, 0n, payloadLength)) return 0;
    // The counter stands where the tag will stand, so that one update covers both.
    writeWord(target.bytes, offset + length, rolloverCounter);
    if (!this.#rtpHmac.digest(target, offset, length + ROC_BYTES)) return 0;
    this.#writeTag(target.bytes, offset + length, this.rtpOverhead);
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
    const plain = length - this.rtpOverhead;
    if (headerLength > plain || !isSpan(memory, offset, length)) return -1;
    this.#keepTag(memory.bytes, offset + plain, this.rtpOverhead);
    writeWord(memory.bytes, offset + plain, rolloverCounter);
    if (!this.#rtpHmac.digest(memory, offset, plain + ROC_BYTES)) return -1;
    if (!this.#isTagRight(this.rtpOverhead)) return -1;
    writeCmRtpIv(this.#scratch.memory.bytes, this.#rtpSalt, ssrc, rolloverCounter, sequenceNumber);
    this.#words.set(0, memory.address + offset + headerLength);
    this.#words.set(1, memory.address + offset + headerLength);
    return this.#crypt(this.#contexts.rtp, 0n, plain - headerLength) ? plain : -1;
  }

  protectRtcp(memory: Memory, offset: number, length: number, index: number): number {
    const total = length + this.rtcpOverhead;
    if (length < RTCP_CLEAR_BYTES || !isSpan(memory, offset, total)) return 0;
    if (!this.#cryptRtcp(memory, offset, length, index)) return 0;
    writeWord(memory.bytes, offset + length, index | ENCRYPTED_FLAG);
    if (!this.#rtcpHmac.digest(memory, offset, length + INDEX_BYTES)) return 0;
    this.#writeTag(memory.bytes, offset + length + INDEX_BYTES, LONG_TAG_BYTES);
    return total;
  }

  unprotectRtcp(memory: Memory, offset: number, length: number): number {
    const plain = length - this.rtcpOverhead;
    if (plain < RTCP_CLEAR_BYTES || !isSpan(memory, offset, length)) return -1;
    const word = readWord(memory.bytes, offset + plain);
    // No profile here leaves SRTCP in the clear, so a packet that says it is cannot be the peer's.
    if (word < ENCRYPTED_FLAG) return -1;
    this.rtcpIndex = word - ENCRYPTED_FLAG;
    this.#keepTag(memory.bytes, offset + plain + INDEX_BYTES, LONG_TAG_BYTES);
    if (!this.#rtcpHmac.digest(memory, offset, plain + INDEX_BYTES)) return -1;
    if (!this.#isTagRight(LONG_TAG_BYTES)) return -1;
    return this.#cryptRtcp(memory, offset, plain, this.rtcpIndex) ? plain : -1;
  }

  close(): void {
    this.#contexts.close();
    this.#rtpHmac.close();
    this.#rtcpHmac.close();
  }

  #cryptRtcp(memory: Memory, offset: number, length: number, index: number): boolean {
    const ssrc = readWord(memory.bytes, offset + 4);
    writeCmRtcpIv(this.#scratch.memory.bytes, this.#rtcpSalt, ssrc, index);
    this.#words.set(0, memory.address + offset + RTCP_CLEAR_BYTES);
    this.#words.set(1, memory.address + offset + RTCP_CLEAR_BYTES);
    return this.#crypt(this.#contexts.rtcp, this.#contexts.rtcpKey, length - RTCP_CLEAR_BYTES);
  }

  /**
   * Counter mode from word 0 to word 1, the same for both directions; false after `close` or when refused. `key` is 0n
   * for a context that has its key.
   */
  #crypt(context: bigint, key: bigint, length: number): boolean {
    if (context === 0n) return false;
    const { iv, length: ignored } = this.#scratch;
    if (this.#calls.EVP_CipherInit_ex(context, 0n, 0n, key, iv, evp.ENCRYPT) !== 1) return false;
    if (length === 0) return true;
    return this.#calls.EVP_CipherUpdate(context, this.#words.at[1], ignored, this.#words.at[0], length) === 1;
  }

  #writeTag(bytes: Uint8Array, at: number, tagBytes: number): void {
    const digest = this.#scratch.memory.bytes;
    for (let i = 0; i < tagBytes; i++) bytes[at + i] = digest[scratchAt.digest + i];
  }

  #keepTag(bytes: Uint8Array, at: number, tagBytes: number): void {
    for (let i = 0; i < tagBytes; i++) this.#sentTag[i] = bytes[at + i];
  }

  /** Compares in a time that says nothing about where the first difference is. */
  #isTagRight(tagBytes: number): boolean {
    const digest = this.#scratch.memory.bytes;
    let difference = 0;
    for (let i = 0; i < tagBytes; i++) difference |= this.#sentTag[i] ^ digest[scratchAt.digest + i];
    return difference === 0;
  }
}
