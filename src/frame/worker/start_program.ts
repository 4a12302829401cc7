import type { ProgramSpec } from "../types.ts";
import { type ProgramContext, Refusal, type RunningProgram } from "./program.ts";
import { Play } from "./play.ts";
import { AudioTranscode } from "./transcode_audio.ts";
import { VideoTranscode } from "./transcode_video.ts";

/** The program of a specification. */
export function startProgram(spec: ProgramSpec, context: ProgramContext): RunningProgram {
  if (spec.kind === "transcode") {
    return spec.media === "video" ? new VideoTranscode(context) : new AudioTranscode(context);
  }
  if (spec.kind === "play") return new Play(spec, context);
  throw new Refusal(`Cannot start the program: "${spec.kind}" is not built in this worker`);
}
