import { type ErrorCode, errorCodes } from "../../../base/mod.ts";
import { statusOf } from "../../http/mod.ts";
import type { JsonSchema } from "../schema/json_schema.ts";

const text = { type: "string" };

/** RFC 9457 with the members of this server. */
export const problemSchema: JsonSchema = {
  type: "object",
  description: "An error (RFC 9457). `code` is contract: match on it, not on the text.",
  required: ["type", "title", "status", "detail", "instance", "code"],
  properties: {
    type: { type: "string", format: "uri-reference" },
    title: text,
    status: { type: "integer", minimum: 400, maximum: 599 },
    detail: { type: "string", description: "What was asked, what was found, what to do" },
    instance: { type: "string", format: "uri", description: "Names the request in the server's log" },
    code: { enum: Object.keys(errorCodes) },
    errors: {
      type: "array",
      description: "Every invalid field",
      items: {
        type: "object",
        required: ["pointer", "detail"],
        properties: {
          pointer: { type: "string", description: "JSON pointer (RFC 6901) into the body, or `?parameter`" },
          detail: text,
        },
      },
    },
  },
};

/** Headers of requests, as components. */
export const parameters: Record<string, JsonSchema> = {
  RequestId: header(
    "X-Request-Id",
    "The client's own name for the request; comes back, and stands in the log",
    {
      type: "string",
      pattern: "^[A-Za-z0-9._:-]{1,128}$",
    },
  ),
  IdempotencyKey: header(
    "Idempotency-Key",
    "Makes repeating safe: the same request with the same key has one effect and one answer, for 24 hours",
    { type: "string", pattern: "^[\\x21-\\x7e]{1,255}$" },
  ),
  IfMatch: header(
    "If-Match",
    "ETag of the version to change, or `*`; another version is refused with 412",
    text,
  ),
  Range: header(
    "Range",
    "One range of bytes; several are answered with the whole",
    { type: "string", examples: ["bytes=0-1023"] },
  ),
  IfRange: header(
    "If-Range",
    "ETag or date of what the client has a part of; the whole when it changed",
    text,
  ),
  IfNoneMatch: header("If-None-Match", "ETag of what the client has; 304 when it is still the same", text),
};

/** Headers of responses, as components. */
export const headers: Record<string, JsonSchema> = {
  RequestId: { description: "Names the request in the server's log", schema: text },
  ETag: {
    description: "Strong entity tag of this representation; its version is what If-Match is about",
    schema: text,
  },
  ContentRange: { description: "Which bytes these are, and of how many", schema: text },
  AcceptRanges: { description: "`bytes`", schema: { const: "bytes" } },
  LastModified: { description: "When the file was written last", schema: text },
  Location: { description: "Path of what was made", schema: { type: "string", format: "uri-reference" } },
  Link: { description: 'The next page, `rel="next"`; absent on the last one (RFC 8288)', schema: text },
  IdempotentReplayed: { description: "`true` when this answer was given before", schema: { enum: ["true"] } },
  RetryAfter: { description: "Seconds after which to try again", schema: { type: "integer", minimum: 0 } },
  Allow: { description: "Methods of the resource", schema: text },
  WwwAuthenticate: { description: "`Bearer`", schema: text },
};

export function headerRef(name: keyof typeof headers): JsonSchema {
  return { $ref: `#/components/headers/${name}` };
}

export function parameterRef(name: keyof typeof parameters): JsonSchema {
  return { $ref: `#/components/parameters/${name}` };
}

/** The error responses of one operation: one per status, described by the codes that it can carry there. */
export function problemResponses(codes: readonly ErrorCode[]): Record<string, JsonSchema> {
  return Object.fromEntries(
    byStatus(new Set(codes)).map(([status, its]) => [
      status,
      { $ref: `#/components/responses/Problem${status}`, description: describe(its) },
    ]),
  );
}

/** One response per status that any error has, as components. */
export function problemComponents(): Record<string, JsonSchema> {
  const all = byStatus(Object.keys(errorCodes) as ErrorCode[]);
  return Object.fromEntries(
    all.map(([status, codes]) => [`Problem${status}`, problemResponse(status, codes)]),
  );
}

function byStatus(codes: Iterable<ErrorCode>): [number, ErrorCode[]][] {
  return [...Map.groupBy(codes, statusOf)].sort(([one], [other]) => one - other);
}

function describe(codes: readonly ErrorCode[]): string {
  return codes.map((code) => `\`${code}\`: ${errorCodes[code]}`).join("; ");
}

function problemResponse(status: number, codes: readonly ErrorCode[]): JsonSchema {
  const schema = {
    allOf: [{ $ref: "#/components/schemas/Problem" }, { properties: { code: { enum: codes } } }],
  };
  return {
    description: describe(codes),
    headers: {
      "X-Request-Id": headerRef("RequestId"),
      ...(status === 401 && { "WWW-Authenticate": headerRef("WwwAuthenticate") }),
      ...(status === 405 && { Allow: headerRef("Allow") }),
      ...(status === 416 && { "Content-Range": headerRef("ContentRange") }),
      ...([409, 429, 503].includes(status) && { "Retry-After": headerRef("RetryAfter") }),
    },
    content: { "application/problem+json": { schema } },
  };
}

function header(name: string, description: string, schema: JsonSchema): JsonSchema {
  return { name, in: "header", description, schema };
}
