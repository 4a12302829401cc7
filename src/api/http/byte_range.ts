import { AppError } from "../../base/mod.ts";

/** Bytes from `first` to `last`, both included. */
export interface ByteRange {
  first: number;
  last: number;
}

/** range_unsatisfiable with the size that the file has; RFC 9110 section 15.5.17 wants it in `Content-Range`. */
export class RangeRefusal extends AppError {
  readonly sizeBytes: number;

  constructor(given: string, sizeBytes: number) {
    super(
      "range_unsatisfiable",
      `Cannot give ${given}: the file has ${sizeBytes} bytes, ask for some of those`,
    );
    this.sizeBytes = sizeBytes;
  }
}

/**
 * The one range that a `Range` header asks for of `sizeBytes` bytes (RFC 9110 section 14.2); null where the whole is to
 * be sent: without a header, for another unit, for what cannot be read, and for several ranges. Throws RangeRefusal.
 */
export function readByteRange(header: string | null, sizeBytes: number): ByteRange | null {
  const [, from, to] = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header ?? "") ?? [];
  if (from === undefined || (from === "" && to === "")) return null;
  const range = from === ""
    ? { first: Math.max(0, sizeBytes - Number(to)), last: sizeBytes - 1 }
    : { first: Number(from), last: Math.min(to === "" ? Infinity : Number(to), sizeBytes - 1) };
  // A range that ends before it begins is no range at all.
  if (from !== "" && to !== "" && Number(to) < Number(from)) return null;
  if (range.first > range.last) throw new RangeRefusal(header!.trim(), sizeBytes);
  return range;
}
