import { AppError } from "../../base/mod.ts";
import { editElement } from "../edit_element.ts";
import { editPipeline } from "../edit_pipeline.ts";
import type { House } from "../house.ts";
import type { Edit } from "../types.ts";
import type { FoundObject } from "./found.ts";
import { editServer, serverObject } from "./server_object.ts";

/** Sets a tag, also one that is there already. */
export async function addTag(house: House, object: FoundObject, tag: { key: string; value: string }) {
  await edit(house, object, { tags: { [tag.key]: tag.value } });
  return null;
}

/** Removes a tag; one that is not there is no error. */
export async function removeTag(house: House, object: FoundObject, { key }: { key: string }) {
  if (Object.hasOwn(tagsOf(house, object), key)) await edit(house, object, { tags: { [key]: null } });
  return null;
}

export function getTag(house: House, object: FoundObject, { key }: { key: string }): string {
  const tags = tagsOf(house, object);
  if (Object.hasOwn(tags, key)) return tags[key];
  const known = Object.keys(tags).join(", ") || "none";
  throw new AppError("tag_not_found", `Cannot find tag "${key}": the tags of "${object.id}" are ${known}`);
}

/** All tags in the order of their keys. */
export function getTags(house: House, object: FoundObject): { key: string; value: string }[] {
  return Object.entries(tagsOf(house, object)).map(([key, value]) => ({ key, value }))
    .sort((one, other) => one.key < other.key ? -1 : 1);
}

function tagsOf(house: House, object: FoundObject): Readonly<Record<string, string>> {
  if (object.place === "server") return serverObject(house).tags;
  return object.place === "pipeline" ? object.pipeline.graph.pipeline.tags : object.element.tags;
}

async function edit(house: House, object: FoundObject, change: Edit): Promise<void> {
  if (object.place === "server") editServer(house, change);
  else if (object.place === "pipeline") await editPipeline(house, object.id, change);
  else await editElement(house, object.id, change);
}
