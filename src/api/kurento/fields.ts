import { isObject } from "./envelope.ts";
import { rpcCodes, RpcError } from "./rpc_error.ts";

/** Parameters of a method of the protocol. */
export type Params = Readonly<Record<string, unknown>>;

/** A field that has to be there; throws RpcError -32000 with Kurento's words. */
export function stringField(params: Params, name: string): string {
  const value = params[name];
  if (value === undefined) throw required(name);
  if (typeof value !== "string") throw mistyped(name, "a string");
  return value;
}

/** Undefined when absent. */
export function optionalString(params: Params, name: string): string | undefined {
  return isAbsent(params[name]) ? undefined : stringField(params, name);
}

/** False when absent. */
export function booleanField(params: Params, name: string): boolean {
  const value = params[name];
  if (isAbsent(value)) return false;
  if (typeof value !== "boolean") throw mistyped(name, "a boolean");
  return value;
}

export function arrayField(params: Params, name: string): unknown[] {
  const value = params[name];
  if (value === undefined) throw required(name);
  if (!Array.isArray(value)) throw mistyped(name, "an array");
  return value;
}

/** The parameters of a request: undefined when there are none, refused when they are no object. */
export function paramsOf(value: unknown): Params | undefined {
  if (value === undefined || isObject(value)) return value;
  const found = Array.isArray(value) ? "an array" : `a ${typeof value}`;
  throw new RpcError(
    rpcCodes.internalError,
    `Unexpected error while processing method: 'params' is ${found}, and should be an object`,
  );
}

const isAbsent = (value: unknown) => value === undefined || value === null;
const required = (name: string) => new RpcError(rpcCodes.serverError, `'${name}' parameter is required`);
const mistyped = (name: string, wanted: string) =>
  new RpcError(rpcCodes.serverError, `'${name}' parameter should be ${wanted}`);
