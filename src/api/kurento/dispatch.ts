import { newId } from "../../base/mod.ts";
import type { Books } from "./books.ts";
import type { Connection } from "./connection.ts";
import {
  failure,
  isObject,
  readRequest,
  type Request,
  type RequestId,
  requestOf,
  type Response,
  success,
} from "./envelope.ts";
import { rpcErrorOf } from "./error_table.ts";
import { optionalString, type Params, paramsOf } from "./fields.ts";
import type { Method } from "./method.ts";
import { methods } from "./methods/table.ts";
import type { Answer, RequestCache } from "./request_cache.ts";
import { rpcCodes, RpcError } from "./rpc_error.ts";

/** Answers one message of a connection. Never throws. */
export async function answerMessage(
  books: Books,
  cache: RequestCache | null,
  connection: Connection,
  text: string,
): Promise<void> {
  const answer = await answerText(books, cache, connection.sessionId, text);
  if (answer.sessionId !== null) books.bindings.bind(answer.sessionId, connection);
  connection.send(answer.text);
}

async function answerText(
  books: Books,
  cache: RequestCache | null,
  bound: string | null,
  text: string,
): Promise<Answer> {
  let id: RequestId = null;
  try {
    const request = readRequest(text);
    id = request.id;
    const run = async () => answerOf(request, await perform(books, request, bound));
    const named = isObject(request.params) ? request.params.sessionId : undefined;
    const sessionId = typeof named === "string" ? named : bound;
    if (!cache || sessionId === null || id === null) return await run();
    return await cache.once(sessionId, String(id), run);
  } catch (error) {
    // What cannot be read has no id; what cannot be written, such as a bigint of somebody's element, has one.
    return { text: JSON.stringify(failure(id, unexpected(error))), sessionId: null };
  }
}

/** The text of a response. A notification is answered too where it has a result: that is how Kurento is known. */
function answerOf({ id }: Request, response: Response): Answer {
  if ("error" in response) return { text: JSON.stringify(response), sessionId: null };
  const { result } = response;
  const sessionId = isObject(result) && typeof result.sessionId === "string" ? result.sessionId : null;
  if (id !== null) return { text: JSON.stringify(response), sessionId };
  if (result === null) return { text: "", sessionId };
  const ignored = new RpcError(
    rpcCodes.serverError,
    "Ignoring response because of a notification request",
    result,
  );
  return { text: JSON.stringify(failure(null, ignored)), sessionId };
}

/** Runs one request, of a message or of a transaction; `bound` is the session of the connection. Never throws. */
async function perform(books: Books, request: Request, bound: string | null): Promise<Response> {
  try {
    const method = Object.hasOwn(methods, request.method) ? methods[request.method] : undefined;
    if (!method) throw new RpcError(rpcCodes.methodNotFound, "Method not found.");
    const params = paramsOf(request.params);
    if (!params && !method.bare && bound === null) {
      throw new RpcError(rpcCodes.invalidParams, "'params' is required", { type: "INVALID_PARAMS" });
    }
    return success(
      request.id,
      await method.run({ books, ...sessionFor(method, params ?? {}, bound), runInside }),
    );
  } catch (error) {
    return failure(request.id, unexpected(error));
  }

  async function runInside(operation: Record<string, unknown>): Promise<Response> {
    try {
      return await perform(books, requestOf(operation), null);
    } catch (error) {
      return failure(null, unexpected(error));
    }
  }
}

function sessionFor(method: Method, params: Params, bound: string | null) {
  const named = optionalString(params, "sessionId");
  const sessionId = named ?? bound;
  if (sessionId === null && method.session === "needed") {
    throw new RpcError(rpcCodes.serverError, "'sessionId' parameter is required");
  }
  return {
    params,
    named: named !== undefined,
    sessionId: sessionId ?? (method.session === "made" ? newId() : ""),
  };
}

/** What nobody foresaw, such as a value nested too deep for the stack, is told without its cause. */
function unexpected(error: unknown): RpcError {
  if (!(error instanceof RangeError)) return rpcErrorOf(error);
  return new RpcError(rpcCodes.internalError, "Unexpected error while processing method");
}
