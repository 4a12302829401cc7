import { AppError } from "../base/mod.ts";
import { type LiveElement, passedThrough } from "../engine/mod.ts";
import { allOf, type Definition, type Values } from "../graph/mod.ts";

const mediaOf = { audioFormat: "audio", videoFormat: "video" } as const;
type FormatProperty = keyof typeof mediaOf;

/**
 * Throws not_built for a format among `values` that elements of this type cannot have. With `live` it counts too whether
 * this server can make what flows at the element into something else. `at` points to the element in the body.
 */
export function refuseConversion(definition: Definition, values: Values, live?: LiveElement, at = ""): void {
  for (const name of Object.keys(mediaOf) as FormatProperty[]) {
    const codec = (values[name] as { codec: string } | null | undefined)?.codec;
    const why = codec && obstacleTo(definition, mediaOf[name], codec, live);
    if (!why) continue;
    throw new AppError(
      "not_built",
      `Cannot set ${name} to ${codec}: ${why}`,
      { fields: [{ pointer: `${at}/properties/${name}`, detail: why }] },
    );
  }
}

/** A format can be agreed on with a peer; media that is there in another one, or passes, has to be converted. */
function obstacleTo(
  definition: Definition,
  media: "audio" | "video",
  codec: string,
  live: LiveElement | undefined,
): string | null {
  const passed = passedThrough[media];
  const role = allOf(definition, "pads")[media];
  if (!role) return `a ${definition.type} has no pads of ${media}`;
  if (!passed.includes(codec)) return `only ${passed.join(", ")} can leave an element`;
  if (!live || live.transcodes) return null;
  if (role !== "endpoint") {
    return `a ${definition.type} negotiates nothing and this server runs without frame workers, set the format at ` +
      "the endpoint that the media comes from";
  }
  const found = live.sending(media)?.codec ?? live.feeding(media)?.codec ?? codec;
  return found === codec
    ? null
    : `${found} flows there now and this server runs without frame workers, set the format before media flows`;
}
