import type { ProgramSpec } from "../types.ts";
import { type ProgramContext, Refusal, type RunningProgram } from "./program.ts";
import { VideoTranscode } from "./transcode_video.ts";

/** The program of a specification. */
export function startProgram(spec: ProgramSpec, context: ProgramContext): RunningProgram {
  if (spec.kind === "transcode" && spec.media === "video") return new VideoTranscode(context);
  throw new Refusal(`Cannot start the program: "${spec.kind}" is not built in this worker`);
}
