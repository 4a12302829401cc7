import { destroy } from "../destroy.ts";
import { stringField } from "../fields.ts";
import type { Method } from "../method.ts";
import { RpcError } from "../rpc_error.ts";

/** Ends an object for all sessions, whoever made it. What is not there is released already. */
export const release: Method = {
  session: "made",
  async run({ books, params, sessionId }) {
    const objectId = objectOf(stringField(params, "object"));
    books.sessions.use(sessionId);
    if (objectId !== null) await destroy(books, [objectId]);
    return { sessionId };

    function objectOf(id: string): string | null {
      try {
        return books.ids.find(id).id;
      } catch (error) {
        if (error instanceof RpcError) return null;
        throw error;
      }
    }
  },
};
