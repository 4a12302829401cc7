import { z } from "zod";
import { defineElement, flowOperations, MediaElement, objectOf } from "../../module/mod.ts";

/** Where elements are connected to a hub: what enters it the hub gets, what leaves it the hub gives. */
export default defineElement({
  type: "HubPort",
  module: "core",
  extends: MediaElement,
  summary: "Connects elements to a hub: what enters it the hub gets, what leaves it the hub gives",
  options: z.strictObject({ hub: objectOf("Hub").describe("The hub it belongs to and ends with") }),
  pads: { audio: "port", video: "port", data: "port" },
  create: (ctx) => ({ operations: flowOperations(ctx) }),
});
