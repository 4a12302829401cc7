import type { JsonSchema } from "../schema/json_schema.ts";
import { pathParametersOf } from "./operation.ts";
import { parameterRef, problemResponses } from "./shared.ts";

const path = "/post/{elementId}";
const media = { schema: { type: "string", contentMediaType: "application/octet-stream" } };
const form = {
  schema: {
    type: "object",
    properties: { file: { type: "string", contentMediaType: "application/octet-stream" } },
    required: ["file"],
  },
};

/** The paths of the door of HttpPostEndpoint. */
export function postPaths(): Record<string, JsonSchema> {
  return {
    [path]: {
      parameters: [...pathParametersOf(path), parameterRef("RequestId")],
      post: operation(
        "postMedia",
        "Plays the body into the pipeline; the URL is that of the operation getUrl",
      ),
      put: operation("putMedia", "The same, for clients that upload by PUT"),
    },
  };
}

function operation(operationId: string, summary: string): JsonSchema {
  return {
    tags: ["Posts"],
    operationId,
    summary,
    description:
      "Media in any container that FFmpeg reads as it comes, or the first file of a form that may be it: " +
      "files without a name or without bytes, and those of type text/* or application/json, are passed over. It is " +
      "played at its own pace; what comes faster is held back. Whoever knows the path may send.",
    security: [{}],
    requestBody: {
      required: true,
      content: { "*/*": media, "multipart/form-data": form },
    },
    responses: {
      204: { description: "The body was read to its end; its last seconds may still be on their way" },
      ...problemResponses([
        "element_not_found",
        "media_invalid",
        "body_in_flight",
        "body_malformed",
        "body_stalled",
        "media_type_unsupported",
        "limit_reached",
        "unavailable",
        "not_built",
        "internal",
      ]),
    },
  };
}
