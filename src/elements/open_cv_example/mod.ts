import { z } from "zod";
import { defineElement, OpenCVFilter, operation } from "../../module/mod.ts";

/** An example of a filter that finds edges with OpenCV. */
export default defineElement({
  type: "OpenCVExample",
  module: "opencvexample",
  extends: OpenCVFilter,
  summary: "An example of a filter that finds edges with OpenCV",
  options: z.strictObject({}),
  pads: { audio: "through", video: "through" },
  operations: {
    setFilterType: operation("Chooses what is shown", {
      input: z.strictObject({ filterType: z.int().describe("0 for edges, 1 for grey, 2 for as it is") }),
    }),
    setEdgeThreshold: operation("Sets how steep an edge must be", {
      input: z.strictObject({ edgeValue: z.int() }),
    }),
  },
});
