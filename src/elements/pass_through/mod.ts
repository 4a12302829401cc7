import { z } from "zod";
import { defineElement, flowOperations, MediaElement } from "../../module/mod.ts";

/** Hands on what it gets: a fixed point to watch while what feeds it is exchanged. */
export default defineElement({
  type: "PassThrough",
  module: "core",
  extends: MediaElement,
  summary: "Hands on what it gets: a fixed point to connect to while what feeds it changes",
  options: z.strictObject({}),
  pads: { audio: "through", video: "through", data: "through" },
  create: (ctx) => ({ operations: flowOperations(ctx) }),
});
