// hot
import type { CipherScratch } from "./cipher_scratch.ts";
import { type LibcryptoCalls, newCipherContext } from "./libcrypto.ts";
import { allocate } from "./memory.ts";
import type { Memory } from "./types.ts";

/**
 * The keys of one direction of a transport, and what libcrypto holds for them. A context takes 4 kB and most transports
 * carry media one way: so that of RTP is made with the first packet. RTCP is a packet a second: there a context of the
 * thread is given the key with each.
 */
export class CipherContexts {
  /** The thread's context for RTCP, to be initialised with `rtcpKey`; 0n after `close`. */
  rtcp: bigint;
  readonly rtcpKey: bigint;
  readonly #calls: LibcryptoCalls;
  readonly #cipher: bigint;
  readonly #keys: Memory;
  #rtp = 0n;

  /** `cipher` is what EVP_aes_… gave; both keys have its length. Throws when libcrypto refuses them. */
  constructor(
    calls: LibcryptoCalls,
    scratch: CipherScratch,
    cipher: bigint,
    rtpKey: Uint8Array,
    rtcpKey: Uint8Array,
  ) {
    this.#calls = calls;
    this.#cipher = cipher;
    this.#keys = allocate(rtpKey.length + rtcpKey.length);
    this.#keys.bytes.set(rtpKey);
    this.#keys.bytes.set(rtcpKey, rtpKey.length);
    this.rtcpKey = BigInt(this.#keys.address + rtpKey.length);
    this.rtcp = sharedContext(calls, scratch, cipher, this.#keys.address);
  }

  /** The context of RTP; 0n after `close`, or when libcrypto makes none. */
  get rtp(): bigint {
    return this.#rtp !== 0n ? this.#rtp : this.#openRtp();
  }

  close(): void {
    this.#calls.EVP_CIPHER_CTX_free(this.#rtp);
    this.#keys.bytes.fill(0);
    this.#rtp = 0n;
    this.rtcp = 0n;
  }

  #openRtp(): bigint {
    if (this.rtcp === 0n) return 0n;
    try {
      return this.#rtp = newCipherContext(this.#calls, this.#cipher, this.#keys.address);
    } catch {
      // Out of memory: this packet is lost, the next may find some.
      return 0n;
    }
  }
}

// cold: once per direction of a transport
function sharedContext(
  calls: LibcryptoCalls,
  scratch: CipherScratch,
  cipher: bigint,
  keyAddress: number,
): bigint {
  const known = scratch.rtcpContexts.get(cipher);
  if (known !== undefined) return known;
  const context = newCipherContext(calls, cipher, keyAddress);
  scratch.rtcpContexts.set(cipher, context);
  return context;
}
