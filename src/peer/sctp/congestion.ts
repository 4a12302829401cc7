import { limits } from "../limits.ts";
import { PACKET_BYTES } from "./packet.ts";

/** Packets beyond what is in flight that one opportunity to send may bring (RFC 9260 section 6.1). */
const BURST_PACKETS = 4;

/** How many bytes may be on their way (RFC 9260 section 7.2). */
export class Congestion {
  #windowBytes = Math.min(4 * PACKET_BYTES, Math.max(2 * PACKET_BYTES, 4404));
  #thresholdBytes: number;
  #partialBytes = 0;

  /** @param remoteWindowBytes what the other side says it can hold */
  constructor(remoteWindowBytes: number) {
    this.#thresholdBytes = remoteWindowBytes;
  }

  get windowBytes(): number {
    return this.#windowBytes;
  }

  /** The window for one opportunity to send. */
  allowance(flightBytes: number): number {
    return Math.min(this.#windowBytes, flightBytes + BURST_PACKETS * PACKET_BYTES);
  }

  /** The cumulative TSN went ahead, and no loss is being repaired. */
  acknowledged(bytes: number, flightBytesBefore: number): void {
    const wasUsed = flightBytesBefore + PACKET_BYTES > this.#windowBytes;
    if (this.#windowBytes <= this.#thresholdBytes) {
      if (wasUsed) this.#grow(Math.min(bytes, PACKET_BYTES));
      return;
    }
    this.#partialBytes += bytes;
    if (this.#partialBytes < this.#windowBytes) return;
    this.#partialBytes -= this.#windowBytes;
    if (wasUsed) this.#grow(PACKET_BYTES);
  }

  /** Acknowledgements show that something was lost. */
  lost(): void {
    this.#thresholdBytes = Math.max(this.#windowBytes / 2, 4 * PACKET_BYTES);
    this.#windowBytes = this.#thresholdBytes;
    this.#partialBytes = 0;
  }

  /** Nothing was acknowledged in time. */
  timedOut(): void {
    this.lost();
    this.#windowBytes = PACKET_BYTES;
  }

  #grow(bytes: number): void {
    this.#windowBytes = Math.min(limits.sctpSendWindowBytes, this.#windowBytes + bytes);
  }
}
