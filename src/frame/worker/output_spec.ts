import { payloadFormat } from "../../rtp/mod.ts";
import { type BitrateWish, type FrameMedia, programPayloads, type StreamFormat } from "../types.ts";
import { Refusal } from "./program.ts";

/** Input of `addOutput`, checked. */
export interface OutputSpec {
  ssrc: number;
  format: StreamFormat;
  bitrate: BitrateWish;
}

/** Media kind of a codec that programs know. */
export function mediaOf(codec: string): FrameMedia | null {
  if (!Object.hasOwn(programPayloads, codec) || !payloadFormat(codec)) return null;
  return programPayloads[codec].clockRate === 90_000 ? "video" : "audio";
}

/** The codec of a payload type among those of `media`, or null. */
export function codecOf(payloadType: number, media: FrameMedia): string | null {
  const codec = Object.keys(programPayloads).find((name) =>
    programPayloads[name].payloadType === payloadType
  );
  return codec !== undefined && mediaOf(codec) === media ? codec : null;
}

/** Reads the input of `addOutput`: `{ssrc, format: {codec, format}, bitrateBps?, minBitrateBps?, maxBitrateBps?}`. */
export function readOutputSpec(input: Record<string, unknown>, media: FrameMedia): OutputSpec {
  const format = input.format as Partial<StreamFormat> | undefined;
  const codec = String(format?.codec ?? "");
  if (mediaOf(codec) !== media) {
    throw new Refusal(`Cannot add an output: codec "${codec}" vs one of ${codecsOf(media).join(", ")}`);
  }
  return {
    ssrc: readSsrc(input),
    format: { codec, format: String(format?.format ?? codec) },
    bitrate: readBitrate(input),
  };
}

export function readSsrc(input: Record<string, unknown>): number {
  const ssrc = Number(input.ssrc);
  if (Number.isInteger(ssrc) && ssrc > 0 && ssrc < 2 ** 32) return ssrc;
  throw new Refusal(`Cannot find the output: SSRC ${input.ssrc} vs a number from 1 to 4294967295`);
}

export function readBitrate(input: Record<string, unknown>): BitrateWish {
  return {
    bitrateBps: positive(input.bitrateBps),
    minBitrateBps: positive(input.minBitrateBps),
    maxBitrateBps: positive(input.maxBitrateBps),
  };
}

/** Most pictures per second that are wanted; null where nothing is said. */
export function readMaxFps(input: Record<string, unknown>): number | null {
  const { maxFps } = input;
  return typeof maxFps === "number" && Number.isFinite(maxFps) && maxFps > 0 ? maxFps : null;
}

const codecsOf = (media: FrameMedia) =>
  Object.keys(programPayloads).filter((name) => mediaOf(name) === media);

/** Zero says "no limit", as Kurento's does. */
function positive(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? Math.round(value) : null;
}
