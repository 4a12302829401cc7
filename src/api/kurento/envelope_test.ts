import { expect, test } from "vitest";
import { failure, readRequest, success } from "./envelope.ts";
import { RpcError } from "./rpc_error.ts";

const refusalOf = (text: string) => {
  try {
    readRequest(text);
  } catch (error) {
    return error as RpcError;
  }
  throw new Error("it was read");
};

test("a request is read with its id as it came", () => {
  const request = (id: unknown) => readRequest(JSON.stringify({ jsonrpc: "2.0", id, method: "ping" }));
  expect(request("7")).toEqual({ id: "7", method: "ping", params: undefined });
  expect(request(7).id).toBe(7);
  expect(request(undefined).id).toBeNull();
  expect(request(null).id).toBeNull();
});

test.each(["9007199254740993", "-12345678901234567890", "1e400"])("id %s comes back digit by digit", (id) => {
  const request = readRequest(`{"jsonrpc":"2.0","params":{"id":1},"id":${id},"method":"ping"}`);
  expect(String(request.id)).toBe(id);
  expect(JSON.stringify(success(request.id, null))).toBe(`{"id":${id},"jsonrpc":"2.0","result":null}`);
});

test.each([
  ["nothing", ""],
  ["half an object", '{"jsonrpc":'],
  ["a word", "hello"],
])("%s is a parse error", (_what, text) => {
  expect(refusalOf(text)).toMatchObject({ code: -32700, message: "Parse error." });
});

test.each([
  ["an array, because batches are not known", '[{"jsonrpc":"2.0","id":1,"method":"ping"}]'],
  ["a number", "5"],
  ["null", "null"],
  ["no version", '{"id":1,"method":"ping"}'],
  ["another version", '{"jsonrpc":"1.0","id":1,"method":"ping"}'],
  ["an id that is an array", '{"jsonrpc":"2.0","id":[1],"method":"ping"}'],
  ["an id that is an object", '{"jsonrpc":"2.0","id":{},"method":"ping"}'],
  ["no method", '{"jsonrpc":"2.0","id":1}'],
  ["a method that is a number", '{"jsonrpc":"2.0","id":1,"method":5}'],
])("%s is an invalid request without data", (_what, text) => {
  const error = refusalOf(text);
  expect(error).toMatchObject({ code: -32600, message: "Invalid JSON-RPC request." });
  expect(error.data).toBeUndefined();
});

test("a response has exactly one of result and error", () => {
  expect(JSON.stringify(success(1, undefined))).toBe('{"id":1,"jsonrpc":"2.0","result":null}');
  expect(JSON.stringify(failure("a", new RpcError(5, "no")))).toBe(
    '{"error":{"code":5,"message":"no"},"id":"a","jsonrpc":"2.0"}',
  );
});
