// hot
import { AddressWords } from "./address_words.ts";
import type { LibcCalls } from "./libc.ts";
import type { Memory, SrtpCipher } from "./types.ts";

/** RTCP header and sender SSRC. */
const RTCP_LEAST_BYTES = 8;
const INDEX_LIMIT = 0x7fffffff;

/** Arguments of the copy of one packet, as indices of AddressWords. */
const TARGET = 0;
const SOURCE = 1;
const LENGTH = 2;

/** How payloads get behind their new headers; the spans are within their memories. */
export interface PayloadCopy {
  /** False when nothing was copied. */
  copy(target: Memory, to: number, source: Memory, from: number, length: number): boolean;
}

/** Copies by the C library, without a view per packet. */
export class LibcCopy implements PayloadCopy {
  readonly #calls: LibcCalls;
  readonly #words = new AddressWords(3);

  constructor(calls: LibcCalls) {
    this.#calls = calls;
  }

  copy(target: Memory, to: number, source: Memory, from: number, length: number): boolean {
    // Memory that the C library may not be pointed at.
    if (target.address === 0 || source.address === 0) return false;
    const words = this.#words;
    words.set(TARGET, target.address + to);
    words.set(SOURCE, source.address + from);
    words.set(LENGTH, length);
    this.#calls.memmove(words.at[TARGET], words.at[SOURCE], words.at[LENGTH]);
    return true;
  }
}

/**
 * RTP and RTCP as they are, for peers that no network lies between, or whose SDP says so. It believes whatever comes:
 * who may send is for the caller to know. SRTCP indices are counted as packets come, since the packets carry none.
 */
export class NoCipher implements SrtpCipher {
  readonly profile = "NONE";
  readonly rtpOverhead = 0;
  readonly rtcpOverhead = 0;
  rtcpIndex = -1;
  readonly #copy: PayloadCopy;
  #closed = false;

  constructor(copy: PayloadCopy) {
    this.#copy = copy;
  }

  protectRtp(
    target: Memory,
    offset: number,
    headerLength: number,
    source: Memory,
    payloadOffset: number,
    payloadLength: number,
  ): number {
    const length = headerLength + payloadLength;
    if (this.#closed || !isWithin(target, offset, length)) return 0;
    if (!isWithin(source, payloadOffset, payloadLength)) return 0;
    const inPlace = source === target && payloadOffset === offset + headerLength;
    if (payloadLength === 0 || inPlace) return length;
    const copied = this.#copy.copy(target, offset + headerLength, source, payloadOffset, payloadLength);
    return copied ? length : 0;
  }

  unprotectRtp(memory: Memory, offset: number, length: number, headerLength: number): number {
    return this.#closed || headerLength > length || !isWithin(memory, offset, length) ? -1 : length;
  }

  protectRtcp(memory: Memory, offset: number, length: number): number {
    return this.#closed || length < RTCP_LEAST_BYTES || !isWithin(memory, offset, length) ? 0 : length;
  }

  unprotectRtcp(memory: Memory, offset: number, length: number): number {
    if (this.#closed || length < RTCP_LEAST_BYTES || !isWithin(memory, offset, length)) return -1;
    this.rtcpIndex = this.rtcpIndex === INDEX_LIMIT ? 0 : this.rtcpIndex + 1;
    return length;
  }

  close(): void {
    this.#closed = true;
  }
}

function isWithin(memory: Memory, offset: number, length: number): boolean {
  return offset >= 0 && length >= 0 && offset + length <= memory.bytes.length;
}
