import { z } from "zod";
import { defineElement } from "../../module/mod.ts";
import { HttpEndpoint } from "./http_endpoint.ts";
import { createPostEndpoint } from "./post_endpoint.ts";

const options = z.strictObject({
  disconnectionTimeout: z.int().min(0).default(2).describe(
    "Seconds without a request before the session ends, counted from the end of its media",
  ),
  useEncodedMedia: z.boolean().default(false).describe("Hand on what was sent without decoding it"),
});

export type PostOptions = z.output<typeof options>;

/** Takes media that a client sends in the body of a POST request. */
export default defineElement({
  type: "HttpPostEndpoint",
  module: "elements",
  extends: HttpEndpoint,
  summary:
    "Takes media that a client sends by HTTP POST, live or from a file, and plays it into the pipeline",
  options,
  pads: { audio: "endpoint", video: "endpoint" },
  events: { EndOfStream: z.object({}).describe("The media has come to its end") },
  create: createPostEndpoint,
});
