import { expect, test } from "vitest";
import { contentTypeOf, partsOf } from "./media_file.ts";

test.each([
  ["/media/a.webm", "video/webm"],
  ["/media/A.MP4", "video/mp4"],
  ["/media/live.m3u8", "application/vnd.apple.mpegurl"],
  ["/media/unknown", "application/octet-stream"],
])("the type of %s is %s", (path, type) => {
  expect(contentTypeOf(path)).toBe(type);
});

test("a playlist is made of what it names in its own folder, each once", async () => {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/all.m3u8`;
  Deno.writeTextFileSync(
    path,
    '#EXTM3U\n#EXT-X-MAP:URI="init.mp4"\r\none%20more.m4s\r\n/etc/passwd\nhttps://store/a.ts\n..%2Fb.ts\n.hidden\ninit.mp4\n%\n',
  );
  expect(await partsOf(path)).toEqual(["init.mp4", "one more.m4s", "%"]);
  expect(await partsOf(`${folder}/gone.m3u8`)).toEqual([]);
  expect(await partsOf(`${folder}/clip.webm`)).toEqual([]);
  Deno.removeSync(folder, { recursive: true });
});
