import { AppError } from "../../base/mod.ts";
import type { MediaKind } from "../../graph/mod.ts";
import { flowOperations } from "../../module/mod.ts";
import type { House } from "../house.ts";
import type { FoundElement } from "./found.ts";

/** True while packets enter the sink pad; for elements that do not answer it themselves. */
export function isMediaFlowingIn(_house: House, object: FoundElement, input: never): Promise<unknown> {
  return askFlow(object, "isMediaFlowingIn", input);
}

/** True while packets leave the source pad; for elements that do not answer it themselves. */
export function isMediaFlowingOut(_house: House, object: FoundElement, input: never): Promise<unknown> {
  return askFlow(object, "isMediaFlowingOut", input);
}

/** True while the element decodes and encodes what enters it, or what leaves its source pad for somebody whom it feeds. */
export function isMediaTranscoding(
  _house: House,
  { pipeline, id }: FoundElement,
  { mediaType, binName }: { mediaType: Uppercase<MediaKind>; binName: string },
): boolean {
  // Every element has one place where it transcodes, of the name "default".
  if (mediaType !== "DATA") {
    const media = mediaType === "AUDIO" ? "audio" : "video";
    const isInside = () => pipeline.live(id)?.instance.transcodes?.(media) ?? false;
    return binName === "default" && (pipeline.isTranscoding(id, media) || isInside());
  }
  // In Kurento's words, because its clients know them.
  throw new AppError("value_unacceptable", "Media type DATA is not supported for MediaTranscoding");
}

async function askFlow({ pipeline, id }: FoundElement, question: string, input: never): Promise<unknown> {
  const live = pipeline.live(id);
  return live ? (await flowOperations(live)[question](input)).result : false;
}
