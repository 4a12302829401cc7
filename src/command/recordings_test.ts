import { existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { refusalOf } from "../../test/kit/house.ts";
import { openRecordedFiles, type RecordedFiles } from "../../test/kit/recorded_files.ts";
import type { Commands } from "./types.ts";

let files: RecordedFiles;
beforeEach(async () => void (files = await openRecordedFiles()));
afterEach(() => files.close());

const list = (query: Partial<Parameters<Commands["listRecordings"]>[0]> = {}) =>
  files.house.commands.listRecordings({ limit: 10, ...query });
const namesOf = async (query = {}) => (await list(query)).items.map(({ name }) => name);
const codeOf = async (work: Promise<unknown>) => (await refusalOf(work)).code;

describe("the list", () => {
  test("has what the rows and the file system say", async () => {
    files.add("shows/a.webm", "12345");
    expect((await list()).items).toEqual([{
      name: "shows/a.webm",
      state: "complete",
      profile: "WEBM",
      contentType: "video/webm",
      sizeBytes: 5,
      durationMs: 2000,
      tracks: [{ media: "video", codec: "VP8" }],
      pipelineId: "pipeline",
      elementId: "recorder",
      startedAtMs: 1000,
    }]);
    expect(await files.house.commands.getRecording("shows/a.webm")).toEqual((await list()).items[0]);
  });

  test("shows pages and is narrowed by pipeline, recorder and state", async () => {
    files.add("a.webm", "1");
    files.add("b.webm", "1", { pipelineId: "other" });
    files.add("c.webm", "1", { elementId: "second", state: "interrupted" });
    const { items, nextCursor } = await list({ limit: 2 });
    expect(items.map(({ name }) => name)).toEqual(["a.webm", "b.webm"]);
    expect(await namesOf({ limit: 2, cursor: nextCursor })).toEqual(["c.webm"]);
    expect(await namesOf({ pipelineId: "other" })).toEqual(["b.webm"]);
    expect(await namesOf({ elementId: "second" })).toEqual(["c.webm"]);
    expect(await namesOf({ state: "interrupted" })).toEqual(["c.webm"]);
  });

  test("leaves out what others removed, and what no recorder wrote", async () => {
    files.add("gone.webm", null);
    files.write("clip.mp4", "to be played");
    expect(await namesOf()).toEqual([]);
    expect(await codeOf(files.house.commands.getRecording("gone.webm"))).toBe("recording_not_found");
    expect(await codeOf(files.house.commands.getRecording("clip.mp4"))).toBe("recording_not_found");
  });

  test("calls a file interrupted whose recorder is gone, as after a crash", async () => {
    const { id: pipelineId, elements } = await files.house.commands.createPipeline({
      elements: [{ type: "RecorderEndpoint", options: { uri: "a.webm" } }],
    });
    files.add("a.webm", "1", { pipelineId, elementId: elements[0].id, state: "recording", durationMs: 5 });
    expect((await list()).items[0].state).toBe("recording");
    expect(await namesOf({ state: "recording" })).toEqual(["a.webm"]);
    await files.house.commands.releasePipeline(pipelineId);
    expect((await list()).items[0]).toMatchObject({ state: "interrupted", durationMs: 5 });
  });
});

describe("files", () => {
  test("no name and no link leads out of the media folder", async () => {
    files.add("a.webm", "1");
    for (const name of ["../a.webm", "/etc/passwd", "../../etc/passwd", "./a.webm", "a.webm/", ""]) {
      expect(await codeOf(files.house.commands.recordingFile(name)), name).toBe("recording_not_found");
    }
    symlinkSync("/etc/passwd", join(files.mediaDir, "link.webm"));
    files.add("link.webm", null);
    symlinkSync("/etc", join(files.mediaDir, "folder"));
    files.add("folder/passwd", null);
    for (const name of ["link.webm", "folder/passwd"]) {
      expect(await codeOf(files.house.commands.recordingFile(name)), name).toBe("recording_not_found");
    }
    expect(await namesOf()).toEqual(["a.webm"]);
  });

  test("a playlist opens the segments that it names, and nothing else of its folder", async () => {
    files.write("live/one.ts", "123");
    files.write("live/two.ts", "12345");
    files.write("live/other.ts", "secret");
    const playlist = "#EXTM3U\n#EXTINF:1,\none.ts\n#EXTINF:1,\ntwo.ts\n../a.webm\n";
    files.add("live/all.m3u8", playlist, { profile: "HLS" });
    const view = await files.house.commands.getRecording("live/all.m3u8");
    expect(view).toMatchObject({
      contentType: "application/vnd.apple.mpegurl",
      sizeBytes: playlist.length + 8,
    });
    const part = (name: string) => files.house.commands.recordingFile("live/all.m3u8", name);
    expect(await part("two.ts")).toMatchObject({ sizeBytes: 5, contentType: "video/mp2t" });
    for (const name of ["other.ts", "../a.webm", "all.m3u8", ""]) {
      expect(await codeOf(part(name)), name).toBe("recording_not_found");
    }
  });
});

describe("deleting", () => {
  test("removes the file and the row", async () => {
    files.add("a.webm", "1");
    await files.house.commands.deleteRecording("a.webm");
    expect(existsSync(join(files.mediaDir, "a.webm"))).toBe(false);
    expect(files.house.store.recordings()).toEqual([]);
    expect(await codeOf(files.house.commands.deleteRecording("a.webm"))).toBe("recording_not_found");
  });

  test("removes the segments that a playlist names", async () => {
    files.write("live/one.ts", "123");
    files.write("live/other.ts", "123");
    files.add("live/all.m3u8", "#EXTM3U\none.ts\n", { profile: "HLS" });
    await files.house.commands.deleteRecording("live/all.m3u8");
    expect(existsSync(join(files.mediaDir, "live/one.ts"))).toBe(false);
    expect(existsSync(join(files.mediaDir, "live/other.ts"))).toBe(true);
  });

  test("is refused while the file is being written, and forgets what is no more", async () => {
    const { id: pipelineId, elements } = await files.house.commands.createPipeline({
      elements: [{ type: "RecorderEndpoint", options: { uri: "a.webm" } }],
    });
    files.add("a.webm", "1", { pipelineId, elementId: elements[0].id, state: "recording" });
    expect(await codeOf(files.house.commands.deleteRecording("a.webm"))).toBe("recording_active");
    expect(existsSync(join(files.mediaDir, "a.webm"))).toBe(true);
    files.add("gone.webm", null);
    expect(await codeOf(files.house.commands.deleteRecording("gone.webm"))).toBe("recording_not_found");
    expect(files.house.store.recordings().map(({ id }) => id)).toEqual(["a.webm"]);
  });
});
