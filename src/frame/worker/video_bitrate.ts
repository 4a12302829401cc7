import type { BitrateWish } from "../types.ts";

const HD_PIXELS = 1280 * 720;
const HD_BITRATE_BPS = 2_000_000;
const FLOOR_BPS = 30_000;
const CEILING_BPS = 20_000_000;

/**
 * What a picture of this size is given: what was asked for, else 2 Mbit/s at 720p and by the power of 0.75 of the
 * pixels at other sizes, as larger pictures need fewer bits per pixel; always within the limits,
 * and within what those who watch can take (`boundBps`), but for the least that was asked for.
 */
export function videoBitrate(width: number, height: number, wish: BitrateWish, boundBps = Infinity): number {
  const usual = HD_BITRATE_BPS * (width * height / HD_PIXELS) ** 0.75;
  const floor = Math.max(FLOOR_BPS, wish.minBitrateBps ?? 0);
  const ceiling = Math.max(floor, Math.min(CEILING_BPS, boundBps, wish.maxBitrateBps ?? Infinity));
  return Math.round(Math.min(ceiling, Math.max(floor, wish.bitrateBps ?? usual)));
}
