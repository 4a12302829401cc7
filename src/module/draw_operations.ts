import { z } from "zod";
import { operation } from "./define.ts";
import { GstreamerDotDetails } from "./media_types.ts";

const input = z.strictObject({
  details: GstreamerDotDetails.optional().describe("How much it tells; absent: everything"),
});

/** What pipelines, hubs and elements can be asked alike: a drawing of what is inside of them. */
export const drawOperations = {
  getGstreamerDot: operation("A drawing of the object's inside, as GraphViz text", {
    input,
    output: z.string(),
  }),
  dumpGstreamerDot: operation("Writes the drawing into the server's folder for drawings", { input }),
};
