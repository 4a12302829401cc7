import { z } from "zod";
import { defineElement, Hub, MediaType, objectOf, operation } from "../../module/mod.ts";

const route = z.strictObject({ media: MediaType, source: objectOf("HubPort"), sink: objectOf("HubPort") });

/** Gives to each port the audio of several others and the video of one. */
export default defineElement({
  type: "Mixer",
  module: "elements",
  extends: Hub,
  summary: "Routes between its ports; a port hears several others at once and sees one",
  options: z.strictObject({}),
  operations: {
    connect: operation("Adds a port's audio to what another hears, or makes its video what the other sees", {
      input: route,
    }),
    disconnect: operation("Takes a port's audio out of what another hears", { input: route }),
  },
});
