import { z } from "zod";
import { defineElement, Filter, float, operation } from "../../module/mod.ts";

/** Reads the number plates of cars. */
export default defineElement({
  type: "PlateDetectorFilter",
  module: "platedetector",
  extends: Filter,
  summary: "Reads number plates of cars in the video",
  options: z.strictObject({}),
  pads: { audio: "through", video: "through" },
  operations: {
    setPlateWidthPercentage: operation("Sets how wide a plate is in the picture", {
      input: z.strictObject({ plateWidthPercentage: float(z.number().min(0).max(1)) }),
    }),
  },
  events: { PlateDetected: z.object({ plate: z.string() }).describe("A number plate was read") },
});
