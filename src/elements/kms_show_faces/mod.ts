import { z } from "zod";
import { defineElement, Filter } from "../../module/mod.ts";

/** Draws frames at the places that messages tell. */
export default defineElement({
  type: "KmsShowFaces",
  module: "datachannelexample",
  extends: Filter,
  summary: "Draws frames at the places that messages tell",
  options: z.strictObject({}),
  pads: { audio: "through", video: "through", data: "through" },
});
