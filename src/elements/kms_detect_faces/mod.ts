import { z } from "zod";
import { defineElement, Filter } from "../../module/mod.ts";

/** Sends the places of the faces that it sees as messages. */
export default defineElement({
  type: "KmsDetectFaces",
  module: "datachannelexample",
  extends: Filter,
  summary: "Sends the places of the faces that it sees as messages",
  options: z.strictObject({}),
  pads: { audio: "through", video: "through", data: "through" },
});
