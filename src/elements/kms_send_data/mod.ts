import { z } from "zod";
import { defineElement, MediaElement } from "../../module/mod.ts";

/** Sends a message about the video that enters it at regular times. */
export default defineElement({
  type: "KmsSendData",
  module: "datachannelexample",
  extends: MediaElement,
  summary: "Sends a message about the video that enters it at regular times",
  options: z.strictObject({}),
  pads: { audio: "through", video: "through", data: "through" },
});
