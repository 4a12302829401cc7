import type { Memory } from "./types.ts";

/** Zeroed bytes that the system may be pointed at. */
export function allocate(byteLength: number): Memory {
  // A view of its own ArrayBuffer never lives inside V8's moving heap, as small typed arrays may.
  const bytes = new Uint8Array(new ArrayBuffer(byteLength));
  const pointer = Deno.UnsafePointer.of(bytes);
  return { bytes, address: Number(Deno.UnsafePointer.value(pointer)) };
}

/** Writes an address (below 2^53) as the little-endian 64-bit word that C expects. */
export function writeAddress(view: DataView, offset: number, address: number): void {
  view.setUint32(offset, address % 4294967296, true);
  view.setUint32(offset + 4, address / 4294967296, true);
}
