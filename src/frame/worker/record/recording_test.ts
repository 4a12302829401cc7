import { expect, test } from "vitest";
import { VirtualClock } from "../../../../test/kit/virtual_clock.ts";
import { profilePlans } from "./profile.ts";
import { Recording } from "./recording.ts";

const MEGABYTE = 1 << 20;

test("a disk that takes nothing costs frames, not memory, and the file goes on when it does", async () => {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/pipe.mkv`;
  // Opening it for writing waits for somebody who reads.
  expect(new Deno.Command("mkfifo", { args: [path] }).outputSync().success).toBe(true);
  const clock = new VirtualClock();
  let [congestions, asked] = [0, 0];
  const recording = new Recording({
    clock,
    plan: profilePlans.MKV,
    destination: { mainPath: path, partPath: () => path, upload: () => null, close: () => Promise.resolve() },
    segmentMs: null,
    segmentBytes: null,
    media: ["video"],
    isBusy: () => false,
    keyframeNeeded: () => asked++,
    grown: () => {},
    finished: () => Promise.resolve(),
    playlistChanged: () => Promise.resolve(),
    failed: () => {},
    congested: () => congestions++,
  });
  recording.header({
    media: "video",
    codec: "VP8",
    width: 320,
    height: 240,
    sampleRate: 0,
    channels: 0,
    extradata: new Uint8Array(),
  });
  const bytes = new Uint8Array(MEGABYTE);
  for (let index = 0; index < 100; index++) {
    clock.advance(40);
    recording.add({
      media: "video",
      codec: "VP8",
      bytes,
      atMs: index * 40,
      durationMs: 40,
      keyframe: index % 25 === 0,
    });
  }
  expect(congestions).toBe(1);
  const dropped = recording.droppedCount;
  expect(dropped).toBeGreaterThan(20);
  const reader = Deno.open(path).then(async (file) => {
    let count = 0;
    for await (const chunk of file.readable) count += chunk.length;
    return count;
  });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  for (let index = 100; index < 126; index++) {
    clock.advance(40);
    recording.add({
      media: "video",
      codec: "VP8",
      bytes,
      atMs: index * 40,
      durationMs: 40,
      keyframe: index % 25 === 0,
    });
  }
  expect(recording.droppedCount).toBe(dropped);
  expect(asked).toBe(0);
  await recording.finish();
  // A pipe has no positions: what would be put right at the end is refused, and everything else has come.
  expect(await reader).toBeGreaterThan(80 * MEGABYTE);
  Deno.removeSync(folder, { recursive: true });
});
