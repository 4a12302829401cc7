import { AddressWords } from "./address_words.ts";
import type { LibcryptoCalls } from "./libcrypto.ts";
import { allocate } from "./memory.ts";
import type { Memory } from "./types.ts";

/**
 * Memory that the ciphers of one thread share while a packet is worked on: initialisation vector, lengths that libcrypto
 * writes and nobody reads, associated data, digests. Each thing has 64 bytes, a cache line.
 */
export interface CipherScratch {
  readonly memory: Memory;
  readonly iv: bigint;
  readonly length: bigint;
  readonly associated: bigint;
  readonly digest: bigint;
  /** A hash context to copy a keyed state into. */
  readonly hash: bigint;
  /** Arguments of the calls for one packet. */
  readonly words: AddressWords;
  /** By cipher: a context that is given the key with each packet. */
  readonly rtcpContexts: Map<bigint, bigint>;
}

/** Where each thing stands in `CipherScratch.memory`, in bytes. */
export const scratchAt = { iv: 0, length: 64, associated: 128, digest: 192, end: 256 } as const;

/** Makes the scratch memory of a thread. */
export function newCipherScratch(calls: LibcryptoCalls): CipherScratch {
  const memory = allocate(scratchAt.end);
  const at = (offset: number) => BigInt(memory.address + offset);
  return {
    memory,
    iv: at(scratchAt.iv),
    length: at(scratchAt.length),
    associated: at(scratchAt.associated),
    digest: at(scratchAt.digest),
    hash: calls.EVP_MD_CTX_new(),
    words: new AddressWords(4),
    rtcpContexts: new Map(),
  };
}

/** Whether the span lies within memory that libcrypto may be pointed at; else it would write into strange memory. */
export function isSpan(memory: Memory, offset: number, length: number): boolean {
  return memory.address !== 0 && offset >= 0 && length >= 0 && offset + length <= memory.bytes.length;
}
