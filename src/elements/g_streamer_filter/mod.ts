import { z } from "zod";
import { computed, defineElement, Filter, FilterType, operation } from "../../module/mod.ts";

/** One element of GStreamer, described as on its command line. */
export default defineElement({
  type: "GStreamerFilter",
  module: "filters",
  extends: Filter,
  summary: "Runs the media through one element that is described in GStreamer's launch syntax",
  options: z.strictObject({
    command: z.string().min(1).describe("One element in launch syntax"),
    filterType: FilterType.default("AUTODETECT").describe("The kind of media it works on"),
  }),
  pads: { audio: "through", video: "through" },
  properties: { command: computed("What it was made with", z.string()) },
  operations: {
    setElementProperty: operation("Sets a property of the element inside", {
      input: z.strictObject({ propertyName: z.string().min(1), propertyValue: z.string() }),
    }),
  },
});
