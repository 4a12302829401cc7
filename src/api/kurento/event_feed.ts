import { createLog } from "../../base/mod.ts";
import { type Commands, serverObjectId } from "../../command/mod.ts";
import type { EventCursor, EventEnvelope } from "../../event/mod.ts";
import { eventTags } from "../../graph/mod.ts";
import type { Bindings } from "./bindings.ts";
import { eventMessage, sourcesOf } from "./event_message.ts";
import type { ObjectIds } from "./object_ids.ts";
import type { Sessions } from "./sessions.ts";
import type { Subscriptions } from "./subscriptions.ts";

const log = createLog("kurento");
const BATCH_EVENTS = 256;

interface Parts {
  readonly commands: Commands;
  readonly ids: ObjectIds;
  readonly sessions: Sessions;
  readonly subscriptions: Subscriptions;
  readonly bindings: Bindings;
  /** The last object is gone. */
  emptied(): void;
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
    const { commands, ids, sessions, subscriptions } = this.#parts;
    if (event.type === "ObjectCreated" && subscriptions.watches(serverObjectId)) {
      ids.idOf(String(event.data.object));
    }
    try {
      for (const source of sourcesOf(event)) this.#tell(event, source);
    } catch (error) {
      // An element may emit what its definition does not say; that is nobody else's trouble.
      log.error("an event could not be told", { type: event.type, element: event.elementId, error });
    }
    if (event.type !== "ObjectDestroyed") return;
    const objectId = String(event.data.objectId);
    sessions.forget(objectId);
    subscriptions.forgetObject(objectId);
    ids.forget(objectId);
    if (event.elementId === null && commands.pipelineIds().length === 0) this.#parts.emptied();
  }

  #tell(event: EventEnvelope, source: string): void {
    const { ids, subscriptions, bindings } = this.#parts;
    if (!subscriptions.watches(source)) return;
    const tags = this.#tagsOf(event, source);
    for (const listener of subscriptions.listeners(source, event.type)) {
      // Events of a session without a connection are lost, as clients of Kurento know it.
      bindings.of(listener.sessionId)?.send(
        eventMessage({ ...event, tags }, source, listener, (objectId) => ids.idOf(objectId)),
      );
    }
  }
  /** The house gives an event the tags of the object that it tells of; here they are those of its source. */
  #tagsOf(event: EventEnvelope, source: string): EventEnvelope["tags"] {
    const { commands, ids } = this.#parts;
    if (source === serverObjectId) return eventTags(commands.serverObject());
    if (source === (event.elementId ?? event.pipelineId)) return event.tags;
    return ids.look(source) ? eventTags(commands.getPipeline(source)) : [];
  }
}
