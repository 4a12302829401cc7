import { newId } from "../../../base/mod.ts";
import { serverObjectId } from "../../../command/mod.ts";
import { allOf } from "../../../graph/mod.ts";
import { touch } from "../books.ts";
import { stringField } from "../fields.ts";
import type { Method } from "../method.ts";
import { currentEvent } from "../old_names.ts";
import { kurentoError } from "../rpc_error.ts";

/** Has the session told of events of one type of one object. */
export const subscribe: Method = {
  session: "made",
  run({ books, params, sessionId }) {
    const view = books.ids.find(stringField(params, "object"));
    const name = stringField(params, "type");
    const type = currentEvent(name);
    const events = allOf(view.definition, "events");
    if (!Object.hasOwn(events, type)) {
      throw kurentoError(40106, "MEDIA_OBJECT_EVENT_NOT_SUPPORTED", `Event '${name}' not supported`);
    }
    touch(books, sessionId, view);
    if (view.id === serverObjectId) books.ids.learnAll();
    // Those that came before are not for this listener.
    books.feed.read();
    const id = newId();
    books.subscriptions.add({ id, sessionId, objectId: view.id, type, name, fields: events[type].shape });
    return { sessionId, value: id };
  },
};

/** Ends a subscription; one that is not there is no error. */
export const unsubscribe: Method = {
  session: "needed",
  run({ books, params, sessionId }) {
    stringField(params, "object");
    books.subscriptions.remove(sessionId, stringField(params, "subscription"));
    books.sessions.use(sessionId);
    return { sessionId };
  },
};
