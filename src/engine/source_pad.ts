import type { Values } from "../graph/mod.ts";

/** Limits of an encoder as programs take them, bit/s; null where nothing is said. */
export interface EncoderWish {
  bitrateBps: number | null;
  minBitrateBps: number | null;
  maxBitrateBps: number | null;
}

const mostBps = 2_147_483_647;

/** One source pad of an endpoint: what it is on the plane, what comes out of it, and what it is told to give. */
export class SourcePad {
  readonly elementId: string;
  readonly media: "audio" | "video";
  /** Number of its source on the plane. */
  readonly source: number;
  flowing = false;
  /** What came last, null before anything did. */
  format: { codec: string; format: string } | null = null;
  /** Properties of the element that a client has set. */
  readonly #properties: () => Values;

  constructor(elementId: string, media: "audio" | "video", source: number, properties: () => Values) {
    this.elementId = elementId;
    this.media = media;
    this.source = source;
    this.#properties = properties;
  }

  /** Upper-case name of the only codec that it is to give, null for what comes. */
  get wantedCodec(): string | null {
    return this.#wantedFormat()?.codec ?? null;
  }

  /** How what it gives is encoded, where that must be. What nobody has set follows the picture. */
  get encoding(): EncoderWish {
    if (this.media === "audio") {
      const bitrateBps = this.#wantedFormat()?.bitrate || null;
      return { bitrateBps, minBitrateBps: null, maxBitrateBps: null };
    }
    const { encoderBitrate, minEncoderBitrate, maxEncoderBitrate } = this.#properties();
    return {
      bitrateBps: positive(encoderBitrate),
      minBitrateBps: positive(minEncoderBitrate),
      maxBitrateBps: maxEncoderBitrate === mostBps ? null : positive(maxEncoderBitrate),
    };
  }

  #wantedFormat(): { codec: string; bitrate?: number } | null {
    const { audioFormat, videoFormat } = this.#properties();
    return (this.media === "audio" ? audioFormat : videoFormat) as { codec: string } | null | undefined ??
      null;
  }
}

function positive(value: unknown): number | null {
  return typeof value === "number" && value > 0 ? value : null;
}
