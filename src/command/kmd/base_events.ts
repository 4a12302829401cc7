import { z } from "zod";
import { objectOf } from "../../graph/mod.ts";
import { Tag } from "../../module/mod.ts";

const RaiseBase = z.object({
  source: objectOf("MediaObject").describe("The object that it happened to"),
  timestampMillis: z.string().describe("Milliseconds since 1970, as digits"),
  tags: z.array(Tag).describe("Labels of the object, when it has them sent"),
}).describe("What every event has beside its own fields");

const Media = z.object({ type: z.string().describe("Name of the event") }).describe(
  "What most events have besides",
);

/** Events that others extend; no definition declares them, and they belong to the core. */
export const baseEvents: Readonly<Record<string, z.ZodObject>> = { RaiseBase, Media };

/** The event that an event extends, or null. */
export function baseOf(event: string): string | null {
  if (event === "RaiseBase") return null;
  return bare.has(event) ? "RaiseBase" : "Media";
}

const bare = new Set(["Media", "Error", "ObjectCreated", "ObjectDestroyed"]);
