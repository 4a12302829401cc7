import { z } from "zod";
import { enumType } from "../graph/mod.ts";

/** The code point of each name: RFC 8837 section 5 by kind and importance, RFC 4594 and RFC 8622 by class; null: not set. */
const codePoints = {
  NO_DSCP: null,
  NO_VALUE: null,
  AUDIO_VERYLOW: 1,
  AUDIO_LOW: 0,
  AUDIO_MEDIUM: 46,
  AUDIO_HIGH: 46,
  VIDEO_VERYLOW: 1,
  VIDEO_LOW: 0,
  VIDEO_MEDIUM: 36,
  VIDEO_MEDIUM_THROUGHPUT: 38,
  VIDEO_HIGH: 36,
  VIDEO_HIGH_THROUGHPUT: 34,
  DATA_VERYLOW: 1,
  DATA_LOW: 0,
  DATA_MEDIUM: 10,
  DATA_HIGH: 18,
  // What Chromium sends for these, as the interface has it.
  CHROME_HIGH: 56,
  CHROME_MEDIUM: 56,
  CHROME_LOW: 0,
  CHROME_VERYLOW: 8,
  CS0: 0,
  CS1: 8,
  CS2: 16,
  CS3: 24,
  CS4: 32,
  CS5: 40,
  CS6: 48,
  CS7: 56,
  AF11: 10,
  AF12: 12,
  AF13: 14,
  AF21: 18,
  AF22: 20,
  AF23: 22,
  AF31: 26,
  AF32: 28,
  AF33: 30,
  AF41: 34,
  AF42: 36,
  AF43: 38,
  EF: 46,
  VOICEADMIT: 44,
  LE: 1,
} as const;

type Name = keyof typeof codePoints;

export const DSCPValue = enumType(
  "elements",
  "DSCPValue",
  z.enum(Object.keys(codePoints) as [Name, ...Name[]]).describe("DiffServ code points by name"),
);

/** 0–63; undefined where packets are not to be marked. */
export function codePointOf(name: Name): number | undefined {
  return codePoints[name] ?? undefined;
}
