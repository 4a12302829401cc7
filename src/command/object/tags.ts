import { AppError } from "../../base/mod.ts";
import { editElement } from "../edit_element.ts";
import { editPipeline } from "../edit_pipeline.ts";
import type { House } from "../house.ts";
import type { Edit } from "../types.ts";
import type { FoundElement, FoundPipeline } from "./found.ts";

type Tagged = FoundElement | FoundPipeline;

/** Sets a tag, also one that is there already. */
export async function addTag(house: House, object: Tagged, tag: { key: string; value: string }) {
  await edit(house, object, { tags: { [tag.key]: tag.value } });
  return null;
}

/** Removes a tag; one that is not there is no error. */
export async function removeTag(house: House, object: Tagged, { key }: { key: string }) {
  if (Object.hasOwn(tagsOf(object), key)) await edit(house, object, { tags: { [key]: null } });
  return null;
}

export function getTag(_house: House, object: Tagged, { key }: { key: string }): string {
  const tags = tagsOf(object);
  if (Object.hasOwn(tags, key)) return tags[key];
  const known = Object.keys(tags).join(", ") || "none";
  throw new AppError("tag_not_found", `Cannot find tag "${key}": the tags of "${object.id}" are ${known}`);
}

/** All tags in the order of their keys. */
export function getTags(_house: House, object: Tagged): { key: string; value: string }[] {
  return Object.entries(tagsOf(object)).map(([key, value]) => ({ key, value }))
    .sort((one, other) => one.key < other.key ? -1 : 1);
}

function tagsOf(object: Tagged): Readonly<Record<string, string>> {
  return object.place === "pipeline" ? object.pipeline.graph.pipeline.tags : object.element.tags;
}

async function edit(house: House, object: Tagged, change: Edit): Promise<void> {
  if (object.place === "pipeline") await editPipeline(house, object.id, change);
  else await editElement(house, object.id, change);
}
