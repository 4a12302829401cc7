import { z } from "zod";
import { defineElement, gives, Hub, MediaElement, objectOf, operation } from "../../src/module/mod.ts";

/** A hub that routes nothing: what tests of rows and names need of one. */
export const PatchBay = defineElement({
  type: "PatchBay",
  module: "test",
  extends: Hub,
  summary: "A hub without routes",
  operations: {
    connect: operation("Tells its input back", {
      input: z.strictObject({ source: objectOf("Jack") }),
      output: z.string(),
    }),
  },
  create: () => ({
    operations: { connect: ({ source }: { source: string }) => gives(`plugged ${source}`) },
    route: () => null,
  }),
});

/** A port of a PatchBay. */
export const Jack = defineElement({
  type: "Jack",
  module: "test",
  extends: MediaElement,
  summary: "A port of a hub without routes",
  options: z.strictObject({ hub: objectOf("Hub") }),
  pads: { audio: "port", video: "port" },
  create: () => ({}),
});
