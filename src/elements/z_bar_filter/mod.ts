import { z } from "zod";
import { defineElement, Filter } from "../../module/mod.ts";

/** Reads bar codes and QR codes. */
export default defineElement({
  type: "ZBarFilter",
  module: "filters",
  extends: Filter,
  summary: "Reads bar codes and QR codes in the video",
  options: z.strictObject({}),
  pads: { audio: "through", video: "through" },
  events: { CodeFound: z.object({ codeType: z.string(), value: z.string() }).describe("A code was read") },
});
