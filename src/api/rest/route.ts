import type { z } from "zod";
import type { ErrorCode, FieldError } from "../../base/mod.ts";
import type { Commands, Precondition, RecordingFile } from "../../command/mod.ts";
import type { Method } from "../http/mod.ts";
import type { RestSettings } from "./settings.ts";

/** What routes work on. */
export interface Backing {
  commands: Commands;
  settings: RestSettings;
  /** The OpenAPI document, as text. */
  document: string;
}

/** A request after it was read and found to fit the route. */
export interface Call<Query, Body> {
  /** Path parameters, decoded. */
  params: Record<string, string>;
  query: Query;
  body: Body;
  /** The `Accept` header, "" when there is none. */
  accept: string;
  /** What `If-Match` asks for; `current` reads the version that the resource has. */
  precondition(current: () => number): Precondition;
}

/** What a route answers; at most one of `json`, `text` and `file`. */
export interface Reply {
  status: number;
  json?: unknown;
  text?: { type: string; content: string };
  /** The bytes of a file, with ranges and conditions as the request has them. */
  file?: RecordingFile;
  headers?: Record<string, string>;
  /** Version of the resource shown: becomes the ETag. */
  version?: number;
}

export interface ReplySpec {
  description: string;
  /** Schema of a JSON body. */
  schema?: z.ZodType;
  /** Media types of other bodies. */
  text?: readonly string[];
  /** True where the body is the bytes of a file of any type. */
  bytes?: boolean;
  headers?: readonly ("Location" | "ETag" | "Link" | "ContentRange" | "AcceptRanges" | "LastModified")[];
}

/** One method of one path: what serves it and what the document says of it. */
export interface RouteSpec<Query extends z.ZodObject, Body extends z.ZodType> {
  method: Method;
  /** In OpenAPI form: /v1/pipelines/{pipelineId}. */
  path: string;
  /** Group in the document. */
  tag: string;
  /** Name of the call in generated clients. */
  operationId: string;
  summary: string;
  description?: string;
  query?: Query;
  body?: Body;
  /** What else is wrong with a body whose shape is: everything is told at once. */
  review?(body: unknown, commands: Commands): FieldError[];
  /** Name of a component to show instead of the schema of `body`, where the registry knows more. */
  bodyComponent?: string;
  /** Whether the body has to be there, where only the registry knows. */
  bodyRequired?: boolean;
  /** True where the body is a merge patch (RFC 7396). */
  mergePatch?: boolean;
  /** True where `If-Match` is heeded. */
  conditional?: boolean;
  /** True where `Range` and `If-Range` are heeded (RFC 9110 section 14). */
  ranged?: boolean;
  /** True where no access is needed. */
  open?: boolean;
  replies: Readonly<Record<number, ReplySpec>>;
  /** Codes beside those that every route of its kind has. */
  errors: readonly ErrorCode[];
  run(call: Call<z.output<Query>, z.output<Body>>, backing: Backing): Reply | Promise<Reply>;
}

/** A route whose types are checked where it is written, and forgotten where it is served. */
export type Route = Omit<RouteSpec<z.ZodObject, z.ZodType>, "run"> & {
  run(call: Call<unknown, unknown>, backing: Backing): Reply | Promise<Reply>;
};

/** Writes down a route. */
export function route<Query extends z.ZodObject = z.ZodObject, Body extends z.ZodType = z.ZodType>(
  spec: RouteSpec<Query, Body>,
): Route {
  return spec as unknown as Route;
}
