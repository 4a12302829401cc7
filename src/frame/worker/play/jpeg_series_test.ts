import { afterEach, beforeEach, expect, test } from "vitest";
import { jpegsIn } from "./jpeg_series.ts";

let path: string;
beforeEach(() => void (path = Deno.makeTempFileSync()));
afterEach(() => Deno.removeSync(path));

const scan = [0xff, 0xda, 0, 3, 1, 0x11, 0xff, 0, 0x22, 0xff, 0xd3, 0x33];
/** A table, a scan with a restart and an escaped byte in it, and a second one. */
const picture = [0xff, 0xd8, 0xff, 0xdb, 0, 4, 9, 9, ...scan, 0xff, 0xff, 0xdb, 0, 2, ...scan, 0xff, 0xd9];
/** With previews one behind the other in a part of its own, as cameras write them. */
const previews = [...picture, ...picture];
const shot = [0xff, 0xd8, 0xff, 0xe1, 0, previews.length + 2, ...previews, ...picture.slice(2)];

test.each<[string, number[], string]>([
  ["one", picture, "one"],
  ["one behind the other", [...picture, ...picture], "several"],
  ["one of a camera", shot, "one"],
  ["two of a camera", [...shot, ...shot], "several"],
  ["a picture with a film behind it", [...picture, 0, 0, 0, 0x18, 0x66, 0x74, 0x79, 0x70], "one"],
  ["a torn one", picture.slice(0, 20), "one"],
  ["one with a part that is longer than the file", [0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff, ...picture], "one"],
  ["its first bytes alone", [0xff, 0xd8, 0xff], "one"],
  ["a PNG", [0x89, 0x50, 0x4e, 0x47], "none"],
  ["nothing", [], "none"],
])("pictures are told from a film of them: %s", async (_name, bytes, expected) => {
  Deno.writeFileSync(path, new Uint8Array(bytes));
  expect(await jpegsIn(path)).toBe(expected);
});

test("of what is not there, and of a folder, it says nothing", async () => {
  expect([await jpegsIn(`${path}.none`), await jpegsIn("/tmp")]).toEqual(["none", "none"]);
});
