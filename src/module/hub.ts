import { defineElement } from "./define.ts";
import { drawOperations } from "./draw_operations.ts";
import { MediaObject } from "./media_object.ts";

/** Gives to its ports what comes from its ports, by rules of its own; has no pads itself. */
export const Hub = defineElement({
  type: "Hub",
  module: "core",
  extends: MediaObject,
  abstract: true,
  summary: "Routes or mixes media between its ports; what it is connected to are HubPorts",
  operations: drawOperations,
});
