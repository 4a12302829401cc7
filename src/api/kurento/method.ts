import type { Books } from "./books.ts";
import type { Response } from "./envelope.ts";
import type { Params } from "./fields.ts";

/** A call of one method, once its session is known. */
export interface Call {
  books: Books;
  params: Params;
  /** Given, or that of the connection, or new; "" where there is none and none is needed. */
  sessionId: string;
  /** The client named the session itself. */
  named: boolean;
  /** Runs a request that stands inside of this one. Never throws. */
  runInside(request: Record<string, unknown>): Promise<Response>;
}

/** One method of the protocol. */
export interface Method {
  /** "made": a call without a session gets a new one. "needed": it is refused. "none": it goes without. */
  session: "made" | "needed" | "none";
  /** May be called without params. */
  bare?: true;
  /** Gives the result; throws RpcError, or AppError of a command. */
  run(call: Call): unknown;
}
