import { serverObjectId } from "../../command/mod.ts";
import type { EventEnvelope } from "../../event/mod.ts";
import { encodeFields, type IdOf } from "./encode.ts";
import { currentEvent, withOldFields } from "./old_names.ts";
import type { Listener } from "./subscriptions.ts";

/** Events that have no `type` of their own in their data. */
const withoutType = new Set(["ObjectCreated", "ObjectDestroyed", "Error"]);
/** Events of the server as an object; all others are of the element or pipeline that they name. */
const ofServer = new Set(["ObjectCreated", "ObjectDestroyed"]);

/** The objects that raise an event: the one it is of; and what goes wrong in an element is its pipeline's trouble too. */
export function sourcesOf({ type, elementId, pipelineId }: EventEnvelope): string[] {
  if (ofServer.has(type)) return [serverObjectId];
  const own = elementId ?? pipelineId;
  return [own, type === "Error" && own !== pipelineId ? pipelineId : null].filter((id) => id !== null);
}

/** The notification of an event of the object `sourceId` as JSON text, as its listener asked for it. */
export function eventMessage(
  event: EventEnvelope,
  sourceId: string,
  { name, fields }: Listener,
  idOf: IdOf,
): string {
  const source = idOf(sourceId);
  const payload = encodeFields(fields, event.data, idOf);
  // A string in interface descriptions, because the object is no more; but an id all the same.
  if (event.type === "ObjectDestroyed") payload.objectId = idOf(String(event.data.objectId));
  const data = {
    ...(name === currentEvent(name) ? payload : withOldFields(payload)),
    source,
    tags: event.tags.map((tag) => ({ __module__: "kurento", __type__: "Tag", ...tag })),
    // Seconds, which Kurento 6 had.
    timestamp: String(Math.floor(event.timeMs / 1000)),
    timestampMillis: String(Math.floor(event.timeMs)),
    ...(!withoutType.has(event.type) && { type: name }),
  };
  const value = { data, object: source, type: name };
  return JSON.stringify({ jsonrpc: "2.0", method: "onEvent", params: { value } });
}
