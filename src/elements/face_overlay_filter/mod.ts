import { z } from "zod";
import { defineElement, Filter, float, operation } from "../../module/mod.ts";

/** Lays a picture over the faces that it sees. */
export default defineElement({
  type: "FaceOverlayFilter",
  module: "filters",
  extends: Filter,
  summary: "Finds faces and lays a picture over each",
  options: z.strictObject({}),
  pads: { audio: "through", video: "through" },
  operations: {
    unsetOverlayedImage: operation("Shows faces as they are"),
    setOverlayedImage: operation("Chooses the picture; offsets and sizes are fractions of the face", {
      input: z.strictObject({
        uri: z.string().min(1),
        offsetXPercent: float(z.number()),
        offsetYPercent: float(z.number()),
        widthPercent: float(z.number().min(0)),
        heightPercent: float(z.number().min(0)),
      }),
    }),
  },
});
