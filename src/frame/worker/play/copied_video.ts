import type { Packet } from "node-av/lib";
import type { StreamFormat } from "../../types.ts";
import type { Carrier, PacketTimes } from "./carrier.ts";

/**
 * Sends video as it is. What lies between a position that was asked for and the next keyframe is no use by itself, so
 * that much is decoded from the keyframe before it on, and encoded anew.
 */
export class CopiedVideo implements Carrier {
  readonly media = "video";
  readonly format: StreamFormat;
  readonly #copied: Carrier;
  readonly #openEncoded: () => Carrier;
  #encoded: Carrier | null = null;

  /** `openEncoded` gives what fills in, in the same format. */
  constructor(copied: Carrier, openEncoded: () => Carrier) {
    this.format = copied.format;
    this.#copied = copied;
    this.#openEncoded = openEncoded;
  }

  async take(packet: Packet, times: PacketTimes): Promise<void> {
    if (times.presented < 0) this.#encoded ??= this.#openEncoded();
    else if (packet.isKeyframe) await this.#closeEncoded();
    await (this.#encoded ?? this.#copied).take(packet, times);
  }

  async finish(): Promise<void> {
    await this.#encoded?.finish();
    await this.#copied.finish();
  }

  reset(): void {
    this.#encoded?.reset();
    this.#copied.reset();
  }

  requestKeyframe(): void {
    this.#encoded?.requestKeyframe();
  }

  async close(): Promise<void> {
    await this.#encoded?.close();
    await this.#copied.close();
  }

  /** After all that it has. */
  async #closeEncoded(): Promise<void> {
    const encoded = this.#encoded;
    this.#encoded = null;
    await encoded?.finish();
    await encoded?.close();
  }
}
