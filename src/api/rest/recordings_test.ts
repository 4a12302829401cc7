import { readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openRecordedFiles, type RecordedFiles } from "../../../test/kit/recorded_files.ts";
import { askerOf } from "../../../test/kit/rest_door.ts";
import { createRestApp } from "./mod.ts";

let files: RecordedFiles;
let ask: ReturnType<typeof askerOf>;
beforeEach(async () => {
  files = await openRecordedFiles();
  const { house, mediaDir } = files;
  const settings = { apiToken: null, corsOrigins: [], ready: () => true, clock: house.clock };
  ask = askerOf(createRestApp(house.commands, settings));
  files.add("shows/a b.webm", "0123456789");
  utimesSync(join(mediaDir, "shows/a b.webm"), 1_790_000_000, 1_790_000_000);
});
afterEach(() => files.close());

const path = "/v1/recordings/shows%2Fa%20b.webm";
const get = (headers: Record<string, string> = {}) => ask("GET", `${path}/file`, { headers });
const changedAt = "Mon, 21 Sep 2026 14:13:20 GMT";
const changedBefore = "Mon, 21 Sep 2026 14:13:19 GMT";

test("a recording is listed and shown by its name, with slashes escaped", async () => {
  const recording = {
    name: "shows/a b.webm",
    state: "complete",
    profile: "WEBM",
    contentType: "video/webm",
    sizeBytes: 10,
    durationMs: 2000,
    tracks: [{ media: "video", codec: "VP8" }],
    pipelineId: "pipeline",
    elementId: "recorder",
    startedAt: "1970-01-01T00:00:01.000Z",
  };
  expect(await (await ask("GET", "/v1/recordings")).json()).toEqual({ items: [recording], nextCursor: null });
  expect(await (await ask("GET", path)).json()).toEqual(recording);
  files.add("b.webm", "1");
  const page = await ask("GET", "/v1/recordings?limit=1&pipeline=pipeline");
  expect(page.headers.get("Link")).toMatch(
    /^<\/v1\/recordings\?limit=1&pipeline=pipeline&cursor=.*>; rel="next"$/,
  );
});

test("what is not there, and what leads elsewhere, is not found", async () => {
  const names = [
    "x.webm",
    "..%2F..%2Fetc%2Fpasswd",
    "%2Fetc%2Fpasswd",
    "shows",
    "shows%2F..%2Fshows%2Fa%20b.webm",
  ];
  for (const name of names) {
    for (const tail of ["", "/file", "/a%20b.webm"]) {
      const response = await ask("GET", `/v1/recordings/${name}${tail}`);
      expect([name, response.status, (await response.json()).code]).toEqual([
        name,
        404,
        "recording_not_found",
      ]);
    }
  }
});

test("a recording is deleted once", async () => {
  expect((await ask("DELETE", path)).status).toBe(204);
  expect((await ask("DELETE", path)).status).toBe(404);
  expect((await get()).status).toBe(404);
});

describe("the file", () => {
  test("comes whole", async () => {
    const response = await get();
    expect([response.status, await response.text()]).toEqual([200, "0123456789"]);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "accept-ranges": "bytes",
      "content-length": "10",
      "content-type": "video/webm",
      "content-disposition": "inline; filename*=UTF-8''a%20b.webm",
      "last-modified": changedAt,
      "x-content-type-options": "nosniff",
    });
    expect(response.headers.get("ETag")).toMatch(/^"[0-9a-f]+-[0-9a-f]+"$/);
  });

  test("comes by ranges", async () => {
    const of = async (range: string) => {
      const response = await get({ Range: range });
      return [response.status, response.headers.get("Content-Range"), await response.text()];
    };
    expect(await of("bytes=2-4")).toEqual([206, "bytes 2-4/10", "234"]);
    expect(await of("bytes=7-")).toEqual([206, "bytes 7-9/10", "789"]);
    expect(await of("bytes=-2")).toEqual([206, "bytes 8-9/10", "89"]);
    expect(await of("bytes=0-1,4-5")).toEqual([200, null, "0123456789"]);
    const refused = await get({ Range: "bytes=10-" });
    expect([refused.status, refused.headers.get("Content-Range"), (await refused.json()).code]).toEqual([
      416,
      "bytes */10",
      "range_unsatisfiable",
    ]);
  });

  test("is not sent to who has it, and not in part to who has a part of another", async () => {
    const tag = (await get()).headers.get("ETag")!;
    const statusOf = async (headers: Record<string, string>) => (await get(headers)).status;
    expect(await statusOf({ "If-None-Match": tag })).toBe(304);
    expect(await statusOf({ "If-None-Match": `"x", W/${tag}` })).toBe(304);
    expect(await statusOf({ "If-None-Match": '"x"', "If-Modified-Since": changedAt })).toBe(200);
    expect(await statusOf({ "If-Modified-Since": changedAt })).toBe(304);
    expect(await statusOf({ "If-Modified-Since": changedBefore })).toBe(200);
    expect(await statusOf({ "If-Modified-Since": "yesterday" })).toBe(200);
    expect(await statusOf({ "If-Match": '"x"' })).toBe(412);
    expect(await statusOf({ "If-Match": tag, "If-Unmodified-Since": changedBefore })).toBe(200);
    expect(await statusOf({ "If-Unmodified-Since": changedBefore })).toBe(412);
    const Range = "bytes=0-1";
    expect(await statusOf({ Range, "If-Range": tag })).toBe(206);
    expect(await statusOf({ Range, "If-Range": '"x"' })).toBe(200);
    expect(await statusOf({ Range, "If-Range": changedAt })).toBe(206);
    expect(await statusOf({ Range, "If-Range": changedBefore })).toBe(200);
  });

  test("has another tag once it has grown", async () => {
    const before = (await get()).headers.get("ETag");
    files.write("shows/a b.webm", "0123456789a");
    expect((await get()).headers.get("ETag")).not.toBe(before);
  });

  test("may be empty", async () => {
    files.add("empty.webm", "");
    const response = await ask("GET", "/v1/recordings/empty.webm/file");
    expect([response.status, response.headers.get("Content-Length"), await response.text()]).toEqual([
      200,
      "0",
      "",
    ]);
  });

  test("HEAD tells its length, of a range too", async () => {
    const whole = await ask("HEAD", `${path}/file`);
    expect([whole.status, whole.headers.get("Content-Length"), await whole.text()]).toEqual([200, "10", ""]);
    const part = await ask("HEAD", `${path}/file`, { headers: { Range: "bytes=0-3" } });
    expect([part.status, part.headers.get("Content-Length")]).toEqual([206, "4"]);
  });

  test("is closed when nobody reads on", async () => {
    files.add("long.webm", new Uint8Array(8 << 20));
    const open = () => readdirSync("/proc/self/fd").filter((fd) => linkOf(fd).endsWith("/long.webm")).length;
    for (let round = 0; round < 5; round++) {
      const response = await ask("GET", "/v1/recordings/long.webm/file");
      const reader = response.body!.getReader();
      await reader.read();
      expect(open()).toBeGreaterThan(0);
      await reader.cancel();
    }
    await expect.poll(open, { timeout: 5000 }).toBe(0);
  });
});

test("segments are found beside their playlist", async () => {
  files.write("live/one.ts", "123");
  files.add("live/all.m3u8", "#EXTM3U\none.ts\n", { profile: "HLS" });
  const playlist = "/v1/recordings/live%2Fall.m3u8/file";
  const segment = new URL("one.ts", `http://localhost${playlist}`).pathname;
  const response = await ask("GET", segment);
  expect([response.status, response.headers.get("Content-Type"), await response.text()]).toEqual([
    200,
    "video/mp2t",
    "123",
  ]);
  expect((await ask("GET", segment.replace("one", "two"))).status).toBe(404);
  expect((await ask("POST", playlist, { body: {} })).status).toBe(405);
});

function linkOf(fd: string): string {
  try {
    return Deno.readLinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return "";
  }
}
