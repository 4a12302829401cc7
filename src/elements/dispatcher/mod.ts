import { z } from "zod";
import { defineElement, Hub, objectOf, operation } from "../../module/mod.ts";
import { createDispatcher } from "./dispatcher.ts";

/** Routes audio and video from port to port: one may feed many, itself too, and each is fed by one at most. */
export default defineElement({
  type: "Dispatcher",
  module: "elements",
  extends: Hub,
  summary: "Gives to each port what enters one other, as it is told",
  options: z.strictObject({}),
  operations: {
    connect: operation(
      "Gives what enters the port `source` to the port `sink`, in place of what it got before",
      {
        input: z.strictObject({ source: objectOf("HubPort"), sink: objectOf("HubPort") }),
      },
    ),
  },
  create: createDispatcher,
});
