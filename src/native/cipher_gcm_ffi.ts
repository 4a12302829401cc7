// hot
import type { AddressWords } from "./address_words.ts";
import { CipherContexts } from "./cipher_contexts.ts";
import { type CipherScratch, isSpan, scratchAt } from "./cipher_scratch.ts";
import { evp, type LibcryptoCalls } from "./libcrypto.ts";
import { readWord, writeGcmRtcpIv, writeGcmRtpIv, writeWord } from "./srtp_iv.ts";
import type { SrtpSessionKeys } from "./srtp_key_derivation.ts";
import type { Memory, SrtpCipher } from "./types.ts";

const TAG_BYTES = 16;
const INDEX_BYTES = 4;
/** RTCP header and sender SSRC stay readable (RFC 7714 section 9.2). */
const RTCP_CLEAR_BYTES = 8;
const ENCRYPTED_FLAG = 0x80000000;

/** Arguments of the calls for one packet, as indices of AddressWords. */
const ASSOCIATED = 0;
const INPUT = 1;
const OUTPUT = 2;
const TAG = 3;

type GcmProfile = "AEAD_AES_128_GCM" | "AEAD_AES_256_GCM";

/** AEAD_AES_128_GCM and AEAD_AES_256_GCM (RFC 7714) on libcrypto, one context per key. */
export class GcmCipherFfi implements SrtpCipher {
  readonly profile: GcmProfile;
  readonly rtpOverhead = TAG_BYTES;
  readonly rtcpOverhead = TAG_BYTES + INDEX_BYTES;
  rtcpIndex = 0;

  readonly #calls: LibcryptoCalls;
  readonly #scratch: CipherScratch;
  readonly #iv: Uint8Array;
  readonly #rtpSalt: Uint8Array;
  readonly #rtcpSalt: Uint8Array;
  readonly #words: AddressWords;
  readonly #contexts: CipherContexts;

  constructor(
    profile: GcmProfile,
    calls: LibcryptoCalls,
    scratch: CipherScratch,
    keys: SrtpSessionKeys,
  ) {
    this.profile = profile;
    this.#calls = calls;
    this.#scratch = scratch;
    this.#iv = scratch.memory.bytes;
    this.#rtpSalt = keys.rtp.salt;
    this.#rtcpSalt = keys.rtcp.salt;
    const cipher = profile === "AEAD_AES_256_GCM" ? calls.EVP_aes_256_gcm() : calls.EVP_aes_128_gcm();
    this.#words = scratch.words;
    this.#contexts = new CipherContexts(calls, scratch, cipher, keys.rtp.cipherKey, keys.rtcp.cipherKey);
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
    writeGcmRtpIv(this.#iv, this.#rtpSalt, ssrc, rolloverCounter, sequenceNumber);
    this.#words.set(ASSOCIATED, target.address + offset);
    this.#words.set(INPUT, source.address + payloadOffset);
    this.#words.set(OUTPUT, target.address + offset + headerLength);
    this.#words.set(TAG, target.address + offset + length);
    return this.#seal(this.#contexts.rtp, 0n, headerLength, payloadLength) ? length + TAG_BYTES : 0;
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
    writeGcmRtpIv(this.#iv, this.#rtpSalt, ssrc, rolloverCounter, sequenceNumber);
    this.#words.set(ASSOCIATED, memory.address + offset);
    this.#words.set(INPUT, memory.address + offset + headerLength);
    this.#words.set(TAG, memory.address + offset + plain);
    return this.#open(this.#contexts.rtp, 0n, headerLength, plain - headerLength) ? plain : -1;
  }

  protectRtcp(memory: Memory, offset: number, length: number, index: number): number {
    const total = length + this.rtcpOverhead;
    if (length < RTCP_CLEAR_BYTES || !isSpan(memory, offset, total)) return 0;
    const word = (index | ENCRYPTED_FLAG) >>> 0;
    this.#beginRtcp(memory, offset, index, word);
    this.#words.set(OUTPUT, memory.address + offset + RTCP_CLEAR_BYTES);
    this.#words.set(TAG, memory.address + offset + length);
    const { rtcp, rtcpKey } = this.#contexts;
    if (!this.#seal(rtcp, rtcpKey, RTCP_CLEAR_BYTES + INDEX_BYTES, length - RTCP_CLEAR_BYTES)) return 0;
    writeWord(memory.bytes, offset + length + TAG_BYTES, word);
    return total;
  }

  unprotectRtcp(memory: Memory, offset: number, length: number): number {
    const plain = length - this.rtcpOverhead;
    if (plain < RTCP_CLEAR_BYTES || !isSpan(memory, offset, length)) return -1;
    const word = readWord(memory.bytes, offset + length - INDEX_BYTES);
    // No profile here leaves SRTCP in the clear, so a packet that says it is cannot be the peer's.
    if (word < ENCRYPTED_FLAG) return -1;
    this.rtcpIndex = word - ENCRYPTED_FLAG;
    this.#beginRtcp(memory, offset, this.rtcpIndex, word);
    this.#words.set(TAG, memory.address + offset + plain);
    const { rtcp, rtcpKey } = this.#contexts;
    const isAuthentic = this.#open(
      rtcp,
      rtcpKey,
      RTCP_CLEAR_BYTES + INDEX_BYTES,
      plain - RTCP_CLEAR_BYTES,
    );
    return isAuthentic ? plain : -1;
  }

  close(): void {
    this.#contexts.close();
  }

  /** Associated data of SRTCP: the clear header and the index word, which stand apart in the packet. */
  #beginRtcp(memory: Memory, offset: number, index: number, word: number): void {
    writeGcmRtcpIv(this.#iv, this.#rtcpSalt, readWord(memory.bytes, offset + 4), index);
    const scratch = this.#scratch.memory;
    for (let i = 0; i < RTCP_CLEAR_BYTES; i++) {
      scratch.bytes[scratchAt.associated + i] = memory.bytes[offset + i];
    }
    writeWord(scratch.bytes, scratchAt.associated + RTCP_CLEAR_BYTES, word);
    this.#words.set(ASSOCIATED, scratch.address + scratchAt.associated);
    this.#words.set(INPUT, memory.address + offset + RTCP_CLEAR_BYTES);
  }

  /**
   * Encrypts from INPUT to OUTPUT and writes the tag; false after `close` or when libcrypto refuses. `key` is 0n for a
   * context that has its key.
   */
  #seal(context: bigint, key: bigint, associatedLength: number, length: number): boolean {
    if (context === 0n) return false;
    const { iv, length: ignored, digest: nothing } = this.#scratch;
    const words = this.#words.at;
    const calls = this.#calls;
    if (calls.EVP_CipherInit_ex(context, 0n, 0n, key, iv, evp.ENCRYPT) !== 1) return false;
    if (calls.EVP_CipherUpdate(context, 0n, ignored, words[ASSOCIATED], associatedLength) !== 1) return false;
    if (length > 0 && calls.EVP_CipherUpdate(context, words[OUTPUT], ignored, words[INPUT], length) !== 1) {
      return false;
    }
    if (calls.EVP_CipherFinal_ex(context, nothing, ignored) !== 1) return false;
    return calls.EVP_CIPHER_CTX_ctrl(context, evp.GET_TAG, TAG_BYTES, words[TAG]) === 1;
  }

  /** Decrypts INPUT in place; false when the tag does not belong to it, or after `close`. */
  #open(context: bigint, key: bigint, associatedLength: number, length: number): boolean {
    if (context === 0n) return false;
    const { iv, length: ignored, digest: nothing } = this.#scratch;
    const words = this.#words.at;
    const calls = this.#calls;
    if (calls.EVP_CipherInit_ex(context, 0n, 0n, key, iv, evp.DECRYPT) !== 1) return false;
    if (calls.EVP_CipherUpdate(context, 0n, ignored, words[ASSOCIATED], associatedLength) !== 1) return false;
    if (length > 0 && calls.EVP_CipherUpdate(context, words[INPUT], ignored, words[INPUT], length) !== 1) {
      return false;
    }
    if (calls.EVP_CIPHER_CTX_ctrl(context, evp.SET_TAG, TAG_BYTES, words[TAG]) !== 1) return false;
    return calls.EVP_CipherFinal_ex(context, nothing, ignored) === 1;
  }
}
