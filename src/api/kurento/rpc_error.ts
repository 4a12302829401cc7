/** A refusal as Kurento's protocol tells it: the members of JSON-RPC's error object. */
export class RpcError extends Error {
  override name = "RpcError";
  readonly code: number;
  /** Left out of the answer when undefined. */
  readonly data?: unknown;

  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** Codes of JSON-RPC 2.0 (section 5.1); the last one is the start of those a server may define. */
export const rpcCodes = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  serverError: -32000,
} as const;

/** A refusal with a code of Kurento's own and the name of that code. */
export function kurentoError(code: number, type: string, message: string): RpcError {
  return new RpcError(code, message, { type });
}

export const invalidSession = () => kurentoError(40007, "INVALID_SESSION", "Invalid session");
export const marshalError = (message: string) => kurentoError(40001, "MARSHALL_ERROR", message);
export const malformedTransaction = (message: string) =>
  kurentoError(40008, "MALFORMED_TRANSACTION", message);
export const objectNotFound = (id: string) =>
  kurentoError(40101, "MEDIA_OBJECT_NOT_FOUND", `Object '${id}' not found`);
export const factoryNotFound = (type: string) =>
  kurentoError(40108, "MEDIA_OBJECT_NOT_AVAILABLE", `Factory '${type}' not found`);
