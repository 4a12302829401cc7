import type { FrameMedia } from "../../types.ts";
import type { TrackPacket } from "./track_packet.ts";

/** A track that is silent holds the others up for so long, and one whose packets are still in work so much longer. */
const PATIENCE_MS = 400;
const BUSY_PATIENCE_MS = 3000;

/** Puts the packets of a recording's tracks in the order of their times. */
export class PacketOrder {
  readonly #media: Iterable<FrameMedia>;
  readonly #waiting: { packet: TrackPacket; sinceMs: number }[] = [];

  constructor(media: Iterable<FrameMedia>) {
    this.#media = media;
  }

  add(packet: TrackPacket, nowMs: number): void {
    let at = this.#waiting.length;
    while (at > 0 && this.#waiting[at - 1].packet.atMs > packet.atMs) at--;
    this.#waiting.splice(at, 0, { packet, sinceMs: nowMs });
  }

  /** Takes the next packet that none can come before, or that has waited for long enough. */
  take(nowMs: number, isBusy: boolean): TrackPacket | null {
    if (this.#waiting.length === 0) return null;
    const isComplete = [...this.#media].every((media) =>
      this.#waiting.some(({ packet }) => packet.media === media)
    );
    const isDue = nowMs - this.#waiting[0].sinceMs >= (isBusy ? BUSY_PATIENCE_MS : PATIENCE_MS);
    return isComplete || isDue ? this.#waiting.shift()!.packet : null;
  }

  /** Takes all that is left. */
  drain(): TrackPacket[] {
    return this.#waiting.splice(0).map(({ packet }) => packet);
  }
}
