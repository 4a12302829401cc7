import type { Tags, Values } from "../graph/mod.ts";

/** Tags after a merge patch (RFC 7396): null removes, absent stays. */
export function mergedTags(tags: Tags, patch: Record<string, string | null> | undefined): Tags | undefined {
  if (patch === undefined) return undefined;
  const merged = new Map(Object.entries(tags));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, value);
  }
  return Object.fromEntries(merged);
}

export function mergedValues(values: Values, patch: Values | undefined): Values | undefined {
  return patch === undefined ? undefined : { ...values, ...patch };
}
