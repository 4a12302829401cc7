import { FIT_CONTAINED, formatFit } from "../rtp/mod.ts";

/** Formats that a sink takes, the dearest first; null takes everything. */
export type TakenFormats = readonly { readonly format: string }[] | null;

/** Gives the source of the plane that feeds a sink which takes these, null while there is none. */
export type SourceFor = (taken: TakenFormats) => number | null;

/** Whether packets of this format may go to the sink as they are. */
export function takes(taken: TakenFormats, format: string): boolean {
  return taken === null || taken.some((each) => each.format === format) ||
    taken.some((each) => formatFit(format, each.format) >= FIT_CONTAINED);
}

/**
 * The format to encode for a sink: one that is encoded already, else what the sink likes best among those that can be;
 * null for none.
 */
export function chooseEncoding(
  taken: TakenFormats,
  encoded: Iterable<string>,
  encodable: readonly string[],
): string | null {
  for (const format of encoded) if (takes(taken, format)) return format;
  if (taken === null) return null;
  for (const each of taken) {
    const fitting = encodable.find((format) => takes([each], format));
    if (fitting !== undefined) return fitting;
  }
  return null;
}

/** The first of `encodable` that is of this codec and that the sink takes; null for none. */
export function formatIn(codec: string, taken: TakenFormats, encodable: readonly string[]): string | null {
  return encodable.find((format) => format.split("/")[0] === codec && takes(taken, format)) ?? null;
}

/** What remains of these where the sink is told to take one codec only; all of them when it took nothing else. */
export function onlyOf(taken: TakenFormats, codec: string | null): TakenFormats {
  if (taken === null || codec === null) return taken;
  const left = taken.filter(({ format }) => format.split("/")[0] === codec);
  return left.length > 0 ? left : taken;
}
