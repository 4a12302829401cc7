import { z } from "zod";
import type { RecordingView } from "../../../command/mod.ts";
import { Id, Time, timeText } from "./values.ts";

export const RecordingState = z.enum(["recording", "complete", "interrupted"]);

export const RecordingSchema = z.object({
  name: z.string().describe("Path below the media folder; in URLs with %2F for its slashes"),
  state: RecordingState.describe(
    "interrupted: not closed in good order, by a crash or a full disk; it plays to about its last second",
  ),
  profile: z.string().describe("What it was recorded by: a mediaProfile, or a container"),
  contentType: z.string(),
  sizeBytes: z.int().min(0).describe("Of all its files, where it is a playlist with segments"),
  durationMs: z.number().min(0).describe(
    "While it is written, and where it was interrupted, up to a second less than there is",
  ),
  tracks: z.array(z.object({
    media: z.enum(["audio", "video"]),
    codec: z.string().describe("Encoding name in upper case"),
  })),
  pipelineId: Id.describe("Where it was recorded; the pipeline may be gone"),
  elementId: Id.describe("The recorder, which may be gone"),
  startedAt: Time,
}).meta({ id: "Recording" });

export function showRecording({ startedAtMs, ...recording }: RecordingView) {
  return { ...recording, startedAt: timeText(startedAtMs) };
}
