import type { BitrateWish } from "../frame/mod.ts";
import type { Values } from "../graph/mod.ts";

/** Limits of an encoder as programs take them, bit/s and pictures per second; null where nothing is said. */
export interface EncoderWish extends BitrateWish {
  /** Of video only. */
  maxFps?: number | null;
}

/** A format property: AudioCaps have a bitrate, VideoCaps a frame rate; zero says nothing. */
interface Caps {
  codec: string;
  bitrate?: number;
  framerate?: { numerator: number; denominator: number };
}

const mostBps = 2_147_483_647;

/** How an element with these properties, of which a client has set each one that is there, encodes video. */
export function videoLimits(properties: Values): BitrateWish {
  const { encoderBitrate, minEncoderBitrate, maxEncoderBitrate } = properties;
  return {
    bitrateBps: positive(encoderBitrate),
    minBitrateBps: positive(minEncoderBitrate),
    maxBitrateBps: maxEncoderBitrate === mostBps ? null : positive(maxEncoderBitrate),
  };
}

/** What media leaves an element by, whether it begins there or passes: what a client wants it to give. */
export class OutgoingPad {
  readonly elementId: string;
  readonly media: "audio" | "video";
  /** Properties of the element that a client has set. */
  readonly #properties: () => Values;

  constructor(elementId: string, media: "audio" | "video", properties: () => Values) {
    this.elementId = elementId;
    this.media = media;
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
    const { numerator = 0, denominator = 1 } = this.#wantedFormat()?.framerate ?? {};
    return { ...videoLimits(this.#properties()), maxFps: positive(numerator / denominator) };
  }

  #wantedFormat(): Caps | null {
    const { audioFormat, videoFormat } = this.#properties();
    return (this.media === "audio" ? audioFormat : videoFormat) as Caps | null | undefined ?? null;
  }
}

/** One source pad of an endpoint, where media begins: what it is on the plane, and what comes out of it. */
export class SourcePad extends OutgoingPad {
  /** Number of its source on the plane. */
  readonly source: number;
  flowing = false;
  /** What came last, null before anything did. */
  format: { codec: string; format: string } | null = null;

  constructor(elementId: string, media: "audio" | "video", source: number, properties: () => Values) {
    super(elementId, media, properties);
    this.source = source;
  }
}

function positive(value: unknown): number | null {
  return typeof value === "number" && value > 0 ? value : null;
}
