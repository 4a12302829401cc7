import { z } from "zod";
import { defineElement, Filter, float, operation } from "../../module/mod.ts";

/** Lays pictures over the video. */
export default defineElement({
  type: "ImageOverlayFilter",
  module: "filters",
  extends: Filter,
  summary: "Lays pictures over the video",
  options: z.strictObject({}),
  pads: { audio: "through", video: "through" },
  operations: {
    removeImage: operation("Takes a picture away", { input: z.strictObject({ id: z.string() }) }),
    addImage: operation("Adds a picture; offsets and sizes are fractions of the video", {
      input: z.strictObject({
        id: z.string().min(1).describe("Name for removeImage"),
        uri: z.string().min(1),
        offsetXPercent: float(z.number()),
        offsetYPercent: float(z.number()),
        widthPercent: float(z.number().min(0)),
        heightPercent: float(z.number().min(0)),
        keepAspectRatio: z.boolean(),
        center: z.boolean().describe("Where the ratio is kept: put it in the middle of its place"),
      }),
    }),
  },
});
