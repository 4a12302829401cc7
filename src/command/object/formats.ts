import { editElement } from "../edit_element.ts";
import type { House } from "../house.ts";
import type { FoundElement } from "./found.ts";

interface Caps {
  codec: string;
}

/** From now on the element negotiates this audio codec only, and what it gives is made into it. */
export async function setAudioFormat(house: House, { id }: FoundElement, { caps }: { caps: Caps }) {
  await editElement(house, id, { properties: { audioFormat: caps } });
  return null;
}

/** From now on the element negotiates this video codec only, and what it gives is made into it. */
export async function setVideoFormat(house: House, { id }: FoundElement, { caps }: { caps: Caps }) {
  await editElement(house, id, { properties: { videoFormat: caps } });
  return null;
}
