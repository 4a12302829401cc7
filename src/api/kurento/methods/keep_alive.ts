import type { Method } from "../method.ts";
import { invalidSession } from "../rpc_error.ts";

/** Keeps a session over the next pass of the collector, as any request does. */
export const keepAlive: Method = {
  session: "needed",
  run({ books, sessionId }) {
    if (!books.sessions.use(sessionId)) throw invalidSession();
    return { sessionId };
  },
};
