import { expect, test } from "vitest";
import type { ProgramEvent } from "../frame/mod.ts";
import { absoluteUri, namedBelow } from "./media_paths.ts";

test.each([
  ["rtsp://camera/live", "rtsp://camera/live"],
  ["file:///tmp/clip.webm", "file:///tmp/clip.webm"],
  ["file:/tmp/clip.webm", "file:///tmp/clip.webm"],
  ["FILE:clip.webm", "file:///my%20media/clip.webm"],
  ["/tmp/clip.webm", "file:///tmp/clip.webm"],
  ["clip.webm", "file:///my%20media/clip.webm"],
  ["./shows/a:b.webm", "file:///my%20media/shows/a:b.webm"],
  [".//shows/././a.webm", "file:///my%20media/shows/a.webm"],
  ["file:///tmp//clip.webm", "file:///tmp/clip.webm"],
  ["file:////tmp/./clip.webm", "file:///tmp/clip.webm"],
  ["/tmp/../clip.webm", "file:///tmp/../clip.webm"],
  ["/tmp/a./clip.webm", "file:///tmp/a./clip.webm"],
  ["file://server/clip.webm", "file://server/clip.webm"],
  ["http://server//a/./b.webm", "http://server//a/./b.webm"],
])("the URI %s means %s", (given, meant) => {
  expect(absoluteUri(given, "/my media")).toBe(meant);
});

test("files of the media folder are named by their path in it, uploads by their URL", () => {
  const named = (path: string) => {
    const event: ProgramEvent = { type: "segment", path, durationMs: 1, bytes: 1, tracks: [] };
    return (namedBelow(event, "/media/") as { path: string }).path;
  };
  expect(named("/media/a/b.webm")).toBe("a/b.webm");
  expect(named("https://store/a.webm")).toBe("https://store/a.webm");
  expect(named("/mediator/a.webm")).toBe("/mediator/a.webm");
  const other: ProgramEvent = { type: "endOfStream" };
  expect(namedBelow(other, "/media")).toBe(other);
});
