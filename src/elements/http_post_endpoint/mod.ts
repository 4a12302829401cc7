import { z } from "zod";
import { defineElement } from "../../module/mod.ts";
import { HttpEndpoint } from "./http_endpoint.ts";

/** Takes media that a client sends in the body of a POST request. */
export default defineElement({
  type: "HttpPostEndpoint",
  module: "elements",
  extends: HttpEndpoint,
  summary: "Takes a media file that a client sends by HTTP POST and plays it into the pipeline",
  options: z.strictObject({
    disconnectionTimeout: z.int().min(0).default(2).describe("Seconds without data before the session ends"),
    useEncodedMedia: z.boolean().default(false).describe("Hand on what was sent without decoding it"),
  }),
  pads: { audio: "endpoint", video: "endpoint" },
  events: { EndOfStream: z.object({}).describe("The media has come to its end") },
});
