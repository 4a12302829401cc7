import { z } from "zod";
import { defineElement, operation, SessionEndpoint } from "../../module/mod.ts";

/** An endpoint that clients reach by a URL of its own. */
export const HttpEndpoint = defineElement({
  type: "HttpEndpoint",
  module: "elements",
  extends: SessionEndpoint,
  abstract: true,
  summary: "A session endpoint that clients reach by a URL",
  operations: { getUrl: operation("The URL for clients", { output: z.string() }) },
});
