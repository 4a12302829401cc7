import type { ProgramSpec } from "../types.ts";
import type { ProgramContext, RunningProgram } from "./program.ts";
import { bodyRules } from "./play/body_access.ts";
import { openMediaAccess } from "./play/media_access.ts";
import { Play } from "./play/play.ts";
import { Leftover } from "./record/leftover.ts";
import { Recorder } from "./record/recorder.ts";
import { AudioTranscode } from "./transcode_audio.ts";
import { VideoTranscode } from "./transcode_video.ts";

/** The program of a specification. */
export function startProgram(spec: ProgramSpec, context: ProgramContext): RunningProgram {
  if (spec.kind === "transcode") {
    return spec.media === "video" ? new VideoTranscode(context) : new AudioTranscode(context);
  }
  if (spec.kind === "play") {
    return new Play({
      ...spec,
      openAccess: () => openMediaAccess(spec, context.clock),
    }, context);
  }
  if (spec.kind === "receive") return new Play(bodyRules(spec, context), context);
  if (spec.kind === "deliver") return new Leftover(spec, context);
  return new Recorder(spec, context);
}
