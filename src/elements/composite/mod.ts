import { z } from "zod";
import { defineElement, Hub } from "../../module/mod.ts";

/** Shows the video of its ports side by side, and lets each port hear the others. */
export default defineElement({
  type: "Composite",
  module: "elements",
  extends: Hub,
  summary: "Mixes its ports: video in a grid, audio of all others to each",
  options: z.strictObject({
    width: z.int().min(2).max(4096).default(800).describe("Width of the picture in pixels"),
    height: z.int().min(2).max(4096).default(600).describe("Height of the picture in pixels"),
    framerate: z.int().min(1).max(120).default(15).describe("Pictures per second"),
  }),
});
