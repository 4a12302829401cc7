import { expect, test } from "vitest";
import { indexPlace } from "./index_place.ts";

function box(type: string, size: number, content = Math.min(size, 64) - 8): Uint8Array {
  const bytes = new Uint8Array(8 + content);
  new DataView(bytes.buffer).setUint32(0, size);
  bytes.set(new TextEncoder().encode(type), 4);
  return bytes;
}
const file = (...boxes: Uint8Array[]) => new Uint8Array(boxes.flatMap((each) => [...each]));

test("an index before the media, or fragments, can be played as they come", () => {
  expect(indexPlace(file(box("ftyp", 24), box("moov", 4000)))).toBe("first");
  expect(indexPlace(file(box("ftyp", 24), box("free", 16), box("moov", 4000)))).toBe("first");
  expect(indexPlace(file(box("styp", 24), box("moof", 4000)))).toBe("first");
});

test("media before the index has to be there wholly", () => {
  expect(indexPlace(file(box("ftyp", 24), box("free", 8, 0), box("mdat", 100_000)))).toBe("last");
  expect(indexPlace(file(box("wide", 8, 0), box("mdat", 100_000)))).toBe("last");
  const large = box("mdat", 1, 56);
  expect(indexPlace(file(box("ftyp", 24), large))).toBe("last");
});

test("what is of another family is played as it comes", () => {
  expect(indexPlace(Uint8Array.of(0x1a, 0x45, 0xdf, 0xa3, ...new Array(20).fill(0)))).toBe("first");
  expect(indexPlace(new Uint8Array(64))).toBe("first");
  // A size that cannot be.
  expect(indexPlace(file(box("ftyp", 24), box("free", 3, 20)))).toBe("first");
});

test("too few bytes tell nothing", () => {
  expect(indexPlace(new Uint8Array())).toBeNull();
  expect(indexPlace(file(box("ftyp", 24)))).toBeNull();
  expect(indexPlace(file(box("ftyp", 24), new Uint8Array(6)))).toBeNull();
});
