import { z } from "zod";
import { defineElement, MediaElement } from "../../module/mod.ts";

/** Shows the messages that enter it as text in the video. */
export default defineElement({
  type: "KmsShowData",
  module: "datachannelexample",
  extends: MediaElement,
  summary: "Shows the messages that enter it as text in the video",
  options: z.strictObject({}),
  pads: { audio: "through", video: "through", data: "through" },
});
