import { z } from "zod";
import { defineElement, float, Hub, objectOf, operation } from "../../module/mod.ts";

const share = () => float(z.number().min(0).max(1));

/** Lays the video of its ports over that of one of them. */
export default defineElement({
  type: "AlphaBlending",
  module: "elements",
  extends: Hub,
  summary: "Lays the video of its ports over the video of a master port",
  options: z.strictObject({}),
  operations: {
    setMaster: operation("Takes the size of the picture from this port", {
      input: z.strictObject({
        source: objectOf("HubPort"),
        zOrder: z.int().describe("Higher ones cover lower ones"),
      }),
    }),
    setPortProperties: operation(
      "Places the video of a port; places and sizes are fractions of the picture",
      {
        input: z.strictObject({
          relativeX: share().describe("Left edge"),
          relativeY: share().describe("Upper edge"),
          zOrder: z.int().describe("Higher ones cover lower ones"),
          relativeWidth: share(),
          relativeHeight: share(),
          port: objectOf("HubPort"),
        }),
      },
    ),
  },
});
