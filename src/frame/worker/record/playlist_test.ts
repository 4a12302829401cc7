import { expect, test } from "vitest";
import { playlistText } from "./playlist.ts";

test("a playlist names its segments, and its target is no shorter than the longest", () => {
  const text = playlistText(
    [{ name: "a-00001.ts", durationMs: 2000 }, { name: "b c.ts", durationMs: 3501 }],
    2000,
    false,
  );
  expect(text.split("\n")).toEqual(
    expect.arrayContaining(["#EXTM3U", "#EXT-X-TARGETDURATION:4", "#EXTINF:3.50100,", "b%20c.ts"]),
  );
  expect(text).not.toContain("ENDLIST");
  expect(playlistText([], 300, true)).toMatch(/TARGETDURATION:1\n[^]*#EXT-X-ENDLIST\n$/);
});
