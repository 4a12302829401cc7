import { z } from "zod";
import { complexType, defineElement, Filter, operation } from "../../module/mod.ts";

const WindowParam = complexType(
  "chroma",
  "WindowParam",
  z.strictObject({
    topRightCornerX: z.int().min(0),
    topRightCornerY: z.int().min(0),
    width: z.int().min(0),
    height: z.int().min(0),
  }).describe("A rectangle of the picture, in pixels"),
);

/** Puts a background in place of a colour. */
export default defineElement({
  type: "ChromaFilter",
  module: "chroma",
  extends: Filter,
  summary: "Puts a picture where the video has the colour of a window that was shown to it",
  options: z.strictObject({
    window: WindowParam.describe("Where the colour is learnt"),
    backgroundImage: z.string().default("").describe("URI of the picture, empty for none"),
  }),
  pads: { audio: "through", video: "through" },
  operations: {
    setBackground: operation("Chooses the picture", { input: z.strictObject({ uri: z.string().min(1) }) }),
    unsetBackground: operation("Shows the video as it is"),
  },
});
