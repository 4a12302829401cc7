import { isObject, type Response } from "../envelope.ts";
import { arrayField } from "../fields.ts";
import type { Method } from "../method.ts";
import { malformedTransaction } from "../rpc_error.ts";

/** Runs operations in their order until one fails; `newref:N` in one stands for the object that number N made. */
export const transaction: Method = {
  session: "made",
  async run({ params, sessionId, runInside }) {
    const operations = arrayField(params, "operations");
    operations.forEach(requireId);
    const value: Response[] = [];
    for (const operation of operations as Record<string, unknown>[]) {
      const given = withoutRefs(operation.params ?? {}, value);
      const params = isObject(given) ? { ...given, sessionId } : given;
      const response = await runInside({ ...operation, params });
      value.push(response);
      if ("error" in response) break;
    }
    return { sessionId, value };
  },
};

/** The id of an operation is its place; a client that counts otherwise would mean other objects by its references. */
function requireId(operation: unknown, index: number): void {
  const id = isObject(operation) ? operation.id : undefined;
  if (String(id) !== String(index)) {
    throw malformedTransaction(`Id of request '${typeof id === "object" ? index : id}' should be '${index}'`);
  }
}

/** A copy with every reference replaced by what it stands for. */
function withoutRefs(value: unknown, done: readonly Response[]): unknown {
  if (typeof value === "string" && value.startsWith("newref:")) return resolve(value, done);
  if (Array.isArray(value)) return value.map((each) => withoutRefs(each, done));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutRefs(each, done)]));
}

function resolve(ref: string, done: readonly Response[]): unknown {
  const index = /^newref:(\d+)$/.exec(ref)?.[1];
  const response = done[Number(index)];
  if (index === undefined || !response) throw malformedTransaction(`Invalid index of newref '${ref}'`);
  const result = "result" in response ? response.result : null;
  if (isObject(result) && result.value !== undefined && result.value !== null) return result.value;
  throw malformedTransaction(`Result not found on request ${index}`);
}
