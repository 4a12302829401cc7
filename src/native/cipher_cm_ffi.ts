// hot
import { AddressWords } from "./address_words.ts";
import { type CipherScratch, isSpan, scratchAt } from "./cipher_scratch.ts";
import { HmacSha1 } from "./hmac_sha1.ts";
import { evp, type LibcryptoCalls, newCipherContext } from "./libcrypto.ts";
import { allocate } from "./memory.ts";
import { readWord, writeCmRtcpIv, writeCmRtpIv, writeWord } from "./srtp_iv.ts";
import type { SrtpSessionKeys } from "./srtp_key_derivation.ts";
import type { Memory, SrtpCipher } from "./types.ts";

const TAG_BYTES = 10;
/** The rollover counter is authenticated behind the packet but not sent (RFC 3711 section 4.2). */
const ROC_BYTES = 4;
const INDEX_BYTES = 4;
const RTCP_CLEAR_BYTES = 8;
const ENCRYPTED_FLAG = 0x80000000;

/** AES128_CM_HMAC_SHA1_80 (RFC 3711, RFC 5764) on libcrypto: AES in counter mode, then a truncated HMAC-SHA1. */
export class CmCipherFfi implements SrtpCipher {
  readonly profile = "AES128_CM_HMAC_SHA1_80";
  readonly rtpOverhead = TAG_BYTES;
  readonly rtcpOverhead = TAG_BYTES + INDEX_BYTES;
  rtcpIndex = 0;

  readonly #calls: LibcryptoCalls;
  readonly #scratch: CipherScratch;
  readonly #rtpSalt: Uint8Array;
  readonly #rtcpSalt: Uint8Array;
  readonly #rtpHmac: HmacSha1;
  readonly #rtcpHmac: HmacSha1;
  readonly #sentTag = new Uint8Array(TAG_BYTES);
  readonly #words = new AddressWords(2);
  #rtpContext: bigint;
  #rtcpContext: bigint;

  constructor(calls: LibcryptoCalls, scratch: CipherScratch, keys: SrtpSessionKeys) {
    this.#calls = calls;
    this.#scratch = scratch;
    this.#rtpSalt = keys.rtp.salt;
    this.#rtcpSalt = keys.rtcp.salt;
    this.#rtpHmac = new HmacSha1(calls, scratch, keys.rtp.authKey);
    this.#rtcpHmac = new HmacSha1(calls, scratch, keys.rtcp.authKey);
    const key = allocate(16);
    key.bytes.set(keys.rtp.cipherKey);
    this.#rtpContext = newCipherContext(calls, calls.EVP_aes_128_ctr(), key.address);
    key.bytes.set(keys.rtcp.cipherKey);
    this.#rtcpContext = newCipherContext(calls, calls.EVP_aes_128_ctr(), key.address);
    key.bytes.fill(0);
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
    if (!isSpan(target, offset, length + TAG_BYTES) || !isSpan(source, payloadOffset, payloadLength)) {
      return 0;
    }
    writeCmRtpIv(this.#scratch.memory.bytes, this.#rtpSalt, ssrc, rolloverCounter, sequenceNumber);
    this.#words.set(0, source.address + payloadOffset);
    this.#words.set(1, target.address + offset + headerLength);
    if (!this.#crypt(this.#rtpContext, payloadLength)) return 0;
    // The counter stands where the tag will stand, so that one update covers both.
    writeWord(target.bytes, offset + length, rolloverCounter);
    if (!this.#rtpHmac.digest(target, offset, length + ROC_BYTES)) return 0;
    this.#writeTag(target.bytes, offset + length);
    return length + TAG_BYTES;
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
    const plain = length - TAG_BYTES;
    if (headerLength > plain || !isSpan(memory, offset, length)) return -1;
    this.#keepTag(memory.bytes, offset + plain);
    writeWord(memory.bytes, offset + plain, rolloverCounter);
    if (!this.#rtpHmac.digest(memory, offset, plain + ROC_BYTES) || !this.#isTagRight()) return -1;
    writeCmRtpIv(this.#scratch.memory.bytes, this.#rtpSalt, ssrc, rolloverCounter, sequenceNumber);
    this.#words.set(0, memory.address + offset + headerLength);
    this.#words.set(1, memory.address + offset + headerLength);
    return this.#crypt(this.#rtpContext, plain - headerLength) ? plain : -1;
  }

  protectRtcp(memory: Memory, offset: number, length: number, index: number): number {
    const total = length + this.rtcpOverhead;
    if (length < RTCP_CLEAR_BYTES || !isSpan(memory, offset, total)) return 0;
    if (!this.#cryptRtcp(memory, offset, length, index)) return 0;
    writeWord(memory.bytes, offset + length, index | ENCRYPTED_FLAG);
    if (!this.#rtcpHmac.digest(memory, offset, length + INDEX_BYTES)) return 0;
    this.#writeTag(memory.bytes, offset + length + INDEX_BYTES);
    return total;
  }

  unprotectRtcp(memory: Memory, offset: number, length: number): number {
    const plain = length - this.rtcpOverhead;
    if (plain < RTCP_CLEAR_BYTES || !isSpan(memory, offset, length)) return -1;
    const word = readWord(memory.bytes, offset + plain);
    // Neither profile of RFC 5764 leaves SRTCP in the clear, so a packet that says it is cannot be the peer's.
    if (word < ENCRYPTED_FLAG) return -1;
    this.rtcpIndex = word - ENCRYPTED_FLAG;
    this.#keepTag(memory.bytes, offset + plain + INDEX_BYTES);
    if (!this.#rtcpHmac.digest(memory, offset, plain + INDEX_BYTES) || !this.#isTagRight()) return -1;
    return this.#cryptRtcp(memory, offset, plain, this.rtcpIndex) ? plain : -1;
  }

  close(): void {
    this.#calls.EVP_CIPHER_CTX_free(this.#rtpContext);
    this.#calls.EVP_CIPHER_CTX_free(this.#rtcpContext);
    this.#rtpContext = 0n;
    this.#rtcpContext = 0n;
    this.#rtpHmac.close();
    this.#rtcpHmac.close();
  }

  #cryptRtcp(memory: Memory, offset: number, length: number, index: number): boolean {
    const ssrc = readWord(memory.bytes, offset + 4);
    writeCmRtcpIv(this.#scratch.memory.bytes, this.#rtcpSalt, ssrc, index);
    this.#words.set(0, memory.address + offset + RTCP_CLEAR_BYTES);
    this.#words.set(1, memory.address + offset + RTCP_CLEAR_BYTES);
    return this.#crypt(this.#rtcpContext, length - RTCP_CLEAR_BYTES);
  }

  /** Counter mode from word 0 to word 1, the same for both directions; false after `close` or when refused. */
  #crypt(context: bigint, length: number): boolean {
    if (context === 0n) return false;
    const { iv, length: ignored } = this.#scratch;
    if (this.#calls.EVP_CipherInit_ex(context, 0n, 0n, 0n, iv, evp.ENCRYPT) !== 1) return false;
    if (length === 0) return true;
    return this.#calls.EVP_CipherUpdate(context, this.#words.at[1], ignored, this.#words.at[0], length) === 1;
  }

  #writeTag(bytes: Uint8Array, at: number): void {
    const digest = this.#scratch.memory.bytes;
    for (let i = 0; i < TAG_BYTES; i++) bytes[at + i] = digest[scratchAt.digest + i];
  }

  #keepTag(bytes: Uint8Array, at: number): void {
    for (let i = 0; i < TAG_BYTES; i++) this.#sentTag[i] = bytes[at + i];
  }

  /** Compares in a time that says nothing about where the first difference is. */
  #isTagRight(): boolean {
    const digest = this.#scratch.memory.bytes;
    let difference = 0;
    for (let i = 0; i < TAG_BYTES; i++) difference |= this.#sentTag[i] ^ digest[scratchAt.digest + i];
    return difference === 0;
  }
}
