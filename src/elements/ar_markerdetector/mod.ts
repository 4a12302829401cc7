import { z } from "zod";
import { defineElement, float, OpenCVFilter, operation } from "../../module/mod.ts";

/** Finds printed markers and lays pictures or text over them. */
export default defineElement({
  type: "ArMarkerdetector",
  module: "markerdetector",
  extends: OpenCVFilter,
  summary: "Finds printed markers in the video, counts them, and lays a picture or a text over each",
  options: z.strictObject({}),
  pads: { audio: "through", video: "through" },
  operations: {
    setShowDebugLevel: operation("Sets how much of the search is drawn", {
      input: z.strictObject({ showDebugLevel: z.int() }),
    }),
    getShowDebugLevel: operation("How much of the search is drawn", { output: z.int() }),
    setOverlayImage: operation("Chooses the picture", {
      input: z.strictObject({ overlayImage: z.string() }),
    }),
    getOverlayImage: operation("The picture that is laid over markers", { output: z.string() }),
    setOverlayText: operation("Chooses the text", { input: z.strictObject({ overlayText: z.string() }) }),
    getOverlayText: operation("The text that is laid over markers", { output: z.string() }),
    setOverlayScale: operation("Sets the size of what is laid over markers", {
      input: z.strictObject({ overlayScale: float(z.number().positive()) }),
    }),
    getOverlayScale: operation("The size of what is laid over markers", { output: float(z.number()) }),
  },
  events: {
    MarkerCount: z.object({ markerId: z.int(), markerCount: z.int(), markerCountDiff: z.int() }).describe(
      "More or fewer markers of a kind are seen",
    ),
  },
});
