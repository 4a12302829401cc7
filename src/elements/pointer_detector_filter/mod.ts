import { z } from "zod";
import { complexType, defineElement, Filter, float, operation } from "../../module/mod.ts";

const WindowParam = complexType(
  "pointerdetector",
  "WindowParam",
  z.strictObject({
    topRightCornerX: z.int().min(0),
    topRightCornerY: z.int().min(0),
    width: z.int().min(0),
    height: z.int().min(0),
  }).describe("A rectangle of the picture, in pixels"),
);

const PointerDetectorWindowMediaParam = complexType(
  "pointerdetector",
  "PointerDetectorWindowMediaParam",
  z.strictObject({
    id: z.string().min(1).describe("Name of the window in events"),
    height: z.int().min(0),
    width: z.int().min(0),
    upperRightX: z.int().min(0),
    upperRightY: z.int().min(0),
    activeImage: z.string().optional().describe("URI of what is shown while the pointer is inside"),
    imageTransparency: float(z.number().min(0).max(1)).optional(),
    image: z.string().optional().describe("URI of what is shown while it is outside"),
  }).describe("A rectangle that can be pointed at, and what is shown there"),
);

const named = z.object({ windowId: z.string() });

/** Follows a thing of one colour and tells which windows it points at. */
export default defineElement({
  type: "PointerDetectorFilter",
  module: "pointerdetector",
  extends: Filter,
  summary: "Follows a thing of one colour and tells which windows of the picture it enters and leaves",
  options: z.strictObject({
    calibrationRegion: WindowParam.describe("Where the colour is learnt"),
    windows: z.array(PointerDetectorWindowMediaParam).default([]),
  }),
  pads: { audio: "through", video: "through" },
  operations: {
    addWindow: operation("Adds a window", {
      input: z.strictObject({ window: PointerDetectorWindowMediaParam }),
    }),
    clearWindows: operation("Takes all windows away"),
    trackColorFromCalibrationRegion: operation("Learns the colour from what the region shows now"),
    removeWindow: operation("Takes a window away", { input: z.strictObject({ windowId: z.string() }) }),
  },
  events: {
    WindowIn: named.describe("The pointer entered a window"),
    WindowOut: named.describe("The pointer left a window"),
  },
});
