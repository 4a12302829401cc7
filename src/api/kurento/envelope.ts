import { ExactId, exactIdOf } from "./exact_id.ts";
import { rpcCodes, RpcError } from "./rpc_error.ts";

/** The id of a request, given back as it came; null for a notification. */
export type RequestId = string | number | boolean | ExactId | null;

export interface Request {
  id: RequestId;
  method: string;
  /** Undefined when absent; not looked at yet. */
  params: unknown;
}

/** A response object of JSON-RPC 2.0, with exactly one of `result` and `error`. */
export type Response =
  | { id: RequestId; jsonrpc: "2.0"; result: unknown }
  | { id: RequestId; jsonrpc: "2.0"; error: { code: number; data?: unknown; message: string } };

/** The request in a text frame; throws RpcError with what is wrong with it. */
export function readRequest(text: string): Request {
  const request = requestOf(parseJson(text));
  const { id } = request;
  // Clients may draw ids of 64 bits: another number in the answer, or one answer for two of them, would be wrong.
  const isInexact = typeof id === "number" && Math.abs(id) > Number.MAX_SAFE_INTEGER;
  return isInexact ? { ...request, id: exactIdOf(text) } : request;
}

/** The request that a parsed value is. Arrays fall here too: batches are not part of Kurento's protocol. */
export function requestOf(value: unknown): Request {
  if (!isObject(value) || value.jsonrpc !== "2.0") throw invalidRequest();
  const { id = null, method, params } = value;
  if (typeof id === "object" && id !== null || typeof method !== "string") throw invalidRequest();
  return { id: id as RequestId, method, params: params ?? undefined };
}

export function success(id: RequestId, result: unknown): Response {
  return { id, jsonrpc: "2.0", result: result ?? null };
}

export function failure(id: RequestId, { code, data, message }: RpcError): Response {
  return { error: { code, ...(data !== undefined && { data }), message }, id, jsonrpc: "2.0" };
}

/** A JSON object: neither null nor an array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RpcError(rpcCodes.parseError, "Parse error.");
  }
}

function invalidRequest(): RpcError {
  return new RpcError(rpcCodes.invalidRequest, "Invalid JSON-RPC request.");
}
