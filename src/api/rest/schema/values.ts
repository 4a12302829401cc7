import { z } from "zod";

/** A moment, RFC 3339 in UTC with milliseconds. */
export const Time = z.iso.datetime().describe("RFC 3339, UTC");

/** The text of a moment given in milliseconds since the epoch. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString();
}

export const Id = z.string().describe("UUID");
export const Name = z.string().min(1).max(256);
export const TagKey = z.string().min(1).max(128);
export const TagValue = z.string().max(4096);
export const Tags = z.record(TagKey, TagValue).describe("Free labels");
export const Values = z.record(z.string(), z.unknown());
export const Media = z.enum(["audio", "video", "data"]);
export const Version = z.int().min(1).describe("Grows with every change; the ETag names it");

export const Tag = z.object({ key: TagKey, value: TagValue }).meta({ id: "Tag" });
export const TagList = z.object({ items: z.array(Tag) }).meta({ id: "TagList" });
export const NewTagValue = z.strictObject({ value: TagValue }).meta({ id: "NewTagValue" });

/** Figures by id; entries are typed by `type`, in the words of W3C webrtc-stats. */
export const Stats = z.record(
  z.string(),
  z.looseObject({ id: z.string(), type: z.string(), timestampMs: z.number() }),
).meta({ id: "Stats", description: "Figures by an id that is stable while the stream lasts" });
