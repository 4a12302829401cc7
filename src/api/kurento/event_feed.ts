import { type Commands, serverObjectId } from "../../command/mod.ts";
import type { EventCursor, EventEnvelope } from "../../event/mod.ts";
import type { Bindings } from "./bindings.ts";
import { eventMessage, sourceOf } from "./event_message.ts";
import type { ObjectIds } from "./object_ids.ts";
import type { Sessions } from "./sessions.ts";
import type { Subscriptions } from "./subscriptions.ts";

const BATCH_EVENTS = 256;

interface Parts {
  readonly commands: Commands;
  readonly ids: ObjectIds;
  readonly sessions: Sessions;
  readonly subscriptions: Subscriptions;
  readonly bindings: Bindings;
}

/** The one reader of events of this door. It tells listeners, and takes what died out of the door's books. */
export class EventFeed {
  readonly #parts: Parts;
  readonly #cursor: EventCursor;
  readonly #stop: () => void;
  #scheduled = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#cursor = parts.commands.openCursor({}, null);
    this.#stop = parts.commands.onEvents(() => this.#readSoon());
  }

  /** Tells of all that was committed until now. */
  read(): void {
    while (this.#cursor.behind) this.#cursor.read(BATCH_EVENTS).events.forEach((event) => this.#take(event));
  }

  stop(): void {
    this.#stop();
  }

  /** Not inside of the commit, which others wait for. */
  #readSoon(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.read();
    });
  }

  #take(event: EventEnvelope): void {
    const { ids, sessions, subscriptions } = this.#parts;
    if (event.type === "ObjectCreated" && subscriptions.watches(serverObjectId)) {
      ids.idOf(String(event.data.object));
    }
    this.#tell(event);
    if (event.type !== "ObjectDestroyed") return;
    const objectId = String(event.data.objectId);
    sessions.forget(objectId);
    subscriptions.forgetObject(objectId);
    ids.forget(objectId);
  }

  #tell(event: EventEnvelope): void {
    const { ids, subscriptions, bindings } = this.#parts;
    const source = sourceOf(event);
    if (source === null || !subscriptions.watches(source)) return;
    for (const listener of subscriptions.listeners(source, event.type)) {
      // Events of a session without a connection are lost, as clients of Kurento know it.
      bindings.of(listener.sessionId)?.send(eventMessage(event, listener, (objectId) => ids.idOf(objectId)));
    }
  }
}
