import { z } from "zod";
import { eventTags, type ServerObject } from "../../graph/mod.ts";
import { checked } from "../check.ts";
import { mergedTags, mergedValues } from "../edit.ts";
import type { House } from "../house.ts";
import { type Edit, serverObjectId } from "../types.ts";

/** What a client may set on the server itself. */
export const ServerProperties = z.strictObject({
  sendTagsInEvents: z.boolean().optional().describe(
    "Whether Kurento's clients are told of the server's tags with its events; false until set",
  ),
});

/** The server as an object. What clients set of it outlives restarts, as its id does. */
export function serverObject(house: House): ServerObject {
  return house.store.serverObject() ??
    { id: serverObjectId, name: serverObjectId, tags: {}, properties: {} };
}

/** Changes name, tags and properties of the server itself. */
export function editServer(house: House, edit: Edit): ServerObject {
  const former = serverObject(house);
  const properties = edit.properties &&
    checked(ServerProperties, edit.properties, "/properties", "change the server");
  const object = {
    id: former.id,
    name: edit.name ?? former.name,
    tags: mergedTags(former.tags, edit.tags) ?? former.tags,
    properties: mergedValues(former.properties, properties) ?? former.properties,
  };
  const { id: _id, ...data } = object;
  const event = {
    type: "ServerChanged",
    timeMs: house.clock.now(),
    pipelineId: null,
    elementId: null,
    sessionId: null,
    tags: eventTags(object),
    data,
  };
  house.bus.publish(house.store.commit({ putServerObject: object, events: [event] }));
  return object;
}
