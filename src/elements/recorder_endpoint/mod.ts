import { z } from "zod";
import { defineElement, operation, UriEndpoint } from "../../module/mod.ts";
import { options } from "./options.ts";
import { createRecorder } from "./recorder.ts";

/** Writes the media that enters it into files. */
export default defineElement({
  type: "RecorderEndpoint",
  module: "elements",
  extends: UriEndpoint,
  summary: "Writes the media that enters it into a file, here or by HTTP",
  options,
  pads: { audio: "endpoint", video: "endpoint" },
  operations: {
    record: operation("Starts to write, or goes on after pause"),
    stopAndWait: operation("Stops, and answers when the file is complete"),
  },
  events: {
    Recording: z.object({}).describe("It writes: the first media has come"),
    Paused: z.object({}).describe("It holds"),
    Stopped: z.object({}).describe("The file is complete"),
    FileCompleted: z.object({
      name: z.string().describe(
        "Name among the recordings: path below the media folder; of an upload its URL",
      ),
      durationMs: z.int().min(0),
      bytes: z.int().min(0),
    }).meta({ "x-extension": true }).describe("A file is closed; others may follow where they are cut"),
    RecordingProgress: z.object({
      durationMs: z.int().min(0),
      bytes: z.int().min(0),
    }).meta({ "x-extension": true }).describe(
      "How much has been written so far, over all files; every five seconds or so while it grows",
    ),
    UploadProgress: z.object({
      name: z.string().describe("URL that the file goes to"),
      doneBytes: z.int().min(0),
      totalBytes: z.int().min(0),
    }).meta({ "x-extension": true }).describe("How much of a file has been uploaded"),
  },
  create: createRecorder,
});
