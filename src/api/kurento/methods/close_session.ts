import { destroy, endSession } from "../destroy.ts";
import { booleanField } from "../fields.ts";
import type { Method } from "../method.ts";

/** Ends a session; `release` ends what it holds, whoever else holds it, as long as this door made it. */
export const closeSession: Method = {
  session: "needed",
  async run({ books, params, sessionId }) {
    const held = booleanField(params, "release") ? books.sessions.madeAndHeld(sessionId) : [];
    await endSession(books, sessionId);
    await destroy(books, held);
    const connection = books.bindings.of(sessionId);
    if (connection) books.bindings.release(connection);
    return null;
  },
};
