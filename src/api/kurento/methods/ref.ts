import { touch } from "../books.ts";
import { destroy } from "../destroy.ts";
import { stringField } from "../fields.ts";
import type { Method } from "../method.ts";

/** Has the session hold an object. */
export const ref: Method = {
  session: "needed",
  run({ books, params, sessionId }) {
    touch(books, sessionId, books.ids.find(stringField(params, "object")));
    return { sessionId };
  },
};

/** Ends the session's hold on an object, and the object if nobody else holds it. */
export const unref: Method = {
  session: "needed",
  async run({ books, params, sessionId }) {
    const { id } = books.ids.find(stringField(params, "object"));
    await destroy(books, books.sessions.letGo(sessionId, id));
    return { sessionId };
  },
};
