import { z } from "zod";
import { complexType, float } from "../graph/mod.ts";

export const RembParams = complexType(
  "core",
  "RembParams",
  z.strictObject({
    packetsRecvIntervalTop: z.int().min(1).default(100).describe("Packets without loss before it may grow"),
    exponentialFactor: float(z.number().min(0)).default(0.04).describe("Growth per step, as a fraction"),
    linealFactorMin: z.int().min(0).optional().describe("Least growth per step near the threshold, bit/s"),
    linealFactorGrade: float(z.number().positive()).default(30).describe(
      "Steps from the threshold to growth",
    ),
    decrementFactor: float(z.number().min(0).max(1)).default(0.5).describe("What is left after a loss"),
    thresholdFactor: float(z.number().min(0).max(1)).default(0.8)
      .describe("Fraction of the lossy rate that becomes the threshold"),
    upLosses: z.int().min(0).default(12).describe("Losses beyond which it falls"),
    rembOnConnect: z.int().min(0).default(300_000).describe("First value, bit/s"),
  }).describe("How the bandwidth that a publisher is told by REMB grows and falls"),
);

export const OfferOptions = complexType(
  "core",
  "OfferOptions",
  z.strictObject({
    offerToReceiveAudio: z.boolean().default(true).describe("Without it there is no m-line of audio"),
    offerToReceiveVideo: z.boolean().default(true).describe("Without it there is no m-line of video"),
  }).describe("What the offer of an endpoint asks for"),
);
