import type { Method } from "../method.ts";
import { invalidSession } from "../rpc_error.ts";

/** Begins a session, or comes back to one. One that has touched nothing yet is not known by its name. */
export const connect: Method = {
  session: "made",
  bare: true,
  run({ books, sessionId, named }) {
    if (!books.sessions.use(sessionId) && named) throw invalidSession();
    return { serverId: books.serverId, sessionId };
  },
};
