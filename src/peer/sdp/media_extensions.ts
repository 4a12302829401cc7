import { extensionUris } from "../../rtp/mod.ts";
import type { NegotiatedMedia } from "../types.ts";

type ExtensionName = keyof NegotiatedMedia["extensions"];

/** The URI of each known header extension, as pairs. */
export const knownExtensions = Object.entries(extensionUris) as [ExtensionName, string][];

/** Names that mean something only to a receiver of simulcast layers. */
const receiverOnly: ExtensionName[] = ["rid", "repairedRid"];

/**
 * The header extensions both sides know, under the ids of the remote side. Only ids 1–14 are taken: all extensions of
 * this server travel in the one-byte form (RFC 8285 section 4.2).
 */
export function sharedExtensions(
  offered: { id: number; uri: string }[],
  receives: boolean,
): NegotiatedMedia["extensions"] {
  const extensions: NegotiatedMedia["extensions"] = {};
  for (const [name, uri] of knownExtensions) {
    if (!receives && receiverOnly.includes(name)) continue;
    const id = offered.find((e) => e.uri === uri)?.id ?? 0;
    if (id >= 1 && id <= 14) extensions[name] = id;
  }
  return extensions;
}
