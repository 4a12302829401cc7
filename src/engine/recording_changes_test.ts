import { expect, test } from "vitest";
import type { RecordedFile } from "../module/mod.ts";
import { RecordingChanges } from "./recording_changes.ts";

const file = (state: RecordedFile["state"], path = "a.webm"): RecordedFile => ({
  path,
  profile: "WEBM",
  state,
  durationMs: 0,
  tracks: [{ media: "video", codec: "VP8" }],
  startedAtMs: 1000,
});

test("a turn in which nothing was recorded has nothing to write", () => {
  expect(new RecordingChanges("pipeline").rows()).toBeNull();
});

test("each file becomes one row, as it was told last", () => {
  const changes = new RecordingChanges("pipeline");
  changes.put("recorder", file("recording"));
  changes.put("recorder", file("recording", "b.webm"));
  changes.put("recorder", { ...file("complete"), durationMs: 2000 });
  const row = {
    pipelineId: "pipeline",
    elementId: "recorder",
    profile: "WEBM",
    tracks: [{ media: "video", codec: "VP8" }],
    createdAtMs: 1000,
  };
  expect(changes.rows()).toEqual({
    putRecordings: [
      { id: "a.webm", state: "complete", durationMs: 2000, ...row },
      { id: "b.webm", state: "recording", durationMs: 0, ...row },
    ],
  });
});
