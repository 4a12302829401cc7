import { z } from "zod";
import { defineElement, Filter, operation } from "../../module/mod.ts";

/** An example of a filter that finds edges with GStreamer. */
export default defineElement({
  type: "GStreamerExample",
  module: "gstreamerexample",
  extends: Filter,
  summary: "An example of a filter that finds edges with GStreamer",
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
