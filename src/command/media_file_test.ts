import { expect, test } from "vitest";
import { contentTypeOf, partsOf, recordedTypeOf } from "./media_file.ts";

test.each([
  ["/media/a.webm", "video/webm"],
  ["/media/A.MP4", "video/mp4"],
  ["/media/live.m3u8", "application/vnd.apple.mpegurl"],
  ["/media/unknown", "application/octet-stream"],
])("the type of %s is %s", (path, type) => {
  expect(contentTypeOf(path)).toBe(type);
});

test.each([
  ["WEBM", "clip", "video/webm"],
  ["WEBM_AUDIO_ONLY", "clip.mp4", "audio/webm"],
  ["MKV_VIDEO_ONLY", "clip.mkv", "video/matroska"],
  ["MP4_AUDIO_ONLY", "clip.m4a", "audio/mp4"],
  ["FMP4", "clip.bin", "video/mp4"],
  ["HLS", "live.txt", "application/vnd.apple.mpegurl"],
  ["JPEG_VIDEO_ONLY", "clip.mjpeg", "video/x-motion-jpeg"],
])("what was recorded by %s as %s is %s", (profile, id, type) => {
  expect(recordedTypeOf({ id, profile })).toBe(type);
});

test("a playlist is made of what it names in its own folder, each once", async () => {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/all.m3u8`;
  Deno.writeTextFileSync(
    path,
    '#EXTM3U\n#EXT-X-MAP:URI="init.mp4"\r\none%20more.m4s\r\n/etc/passwd\nhttps://store/a.ts\n..%2Fb.ts\n.hidden\ninit.mp4\n%\n',
  );
  expect(await partsOf(path, "HLS")).toEqual(["init.mp4", "one more.m4s", "%"]);
  expect(await partsOf(`${folder}/gone.m3u8`, "HLS")).toEqual([]);
  expect(await partsOf(path, "FMP4")).toEqual([]);
  Deno.removeSync(folder, { recursive: true });
});
