import { AppError } from "../base/mod.ts";
import type { Tags, Values } from "../graph/mod.ts";

/** Each change of an object's tags is an event with all of them: so many that nobody minds. */
const MAX_TAGS = 256;

/** Tags after a merge patch (RFC 7396): null removes, absent stays. Throws value_unacceptable where they are too many. */
export function mergedTags(tags: Tags, patch: Record<string, string | null> | undefined): Tags | undefined {
  if (patch === undefined) return undefined;
  const merged = new Map(Object.entries(tags));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, value);
  }
  if (merged.size > MAX_TAGS) throw tooMany(merged.size);
  return Object.fromEntries(merged);
}

export function mergedValues(values: Values, patch: Values | undefined): Values | undefined {
  return patch === undefined ? undefined : { ...values, ...patch };
}

function tooMany(count: number): AppError {
  return new AppError(
    "value_unacceptable",
    `Cannot set the tags: there would be ${count} vs ${MAX_TAGS} allowed for one object, remove some`,
  );
}
