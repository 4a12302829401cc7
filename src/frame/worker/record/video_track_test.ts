import { expect, test } from "vitest";
import { encodeVideoClip } from "../../../../test/kit/ffmpeg.ts";
import { VirtualClock } from "../../../../test/kit/virtual_clock.ts";
import { Hardware } from "../hardware.ts";
import { OwnThread } from "../own_thread.ts";
import type { ProgramContext } from "../program.ts";
import { profilePlans } from "./profile.ts";
import type { TrackPacket } from "./track_packet.ts";
import { VideoTrack } from "./video_track.ts";

const units = encodeVideoClip({
  width: 192,
  height: 96,
  fps: 10,
  frameCount: 320,
  keyframeInterval: 10,
  bitrateBps: 200_000,
  codec: "VP8",
});
const frames = units.map(({ bytes, keyframe, ptsMs }) => ({
  codec: "VP8",
  bytes,
  keyframe,
  turn: 0,
  atMs: ptsMs,
}));

function open() {
  const packets: TrackPacket[] = [];
  const asked: boolean[] = [];
  const context = {
    clock: new VirtualClock(),
    hardware: new Hardware(false),
    ownThread: new OwnThread(),
    guarded: <T>(step: Promise<T>) => step,
  } as unknown as ProgramContext;
  const track = new VideoTrack(profilePlans.MP4.kinds.video!, true, context, {
    header: () => {},
    packet: (packet) => packets.push(packet),
    keyframeNeeded: (isBlind) => asked.push(isBlind),
    failed: () => {},
    converts: () => {},
    bitrate: () => ({ bitrateBps: null, minBitrateBps: null, maxBitrateBps: null }),
  });
  return { track, packets, asked };
}

test("an encoder that comes late leaves pictures out, and catches up", async () => {
  const { track, packets, asked } = open();
  for (const frame of frames.slice(0, 250)) track.take(frame);
  await track.settled();
  expect(asked).toEqual([]);
  expect(track.counters.dropped).toBeGreaterThan(100);
  expect(packets.length + track.counters.dropped).toBe(250);
  expect(packets.slice(-100).map(({ atMs }) => atMs)).toEqual(frames.slice(150, 250).map(({ atMs }) => atMs));
  await track.close();
});

test("one that stands still loses what waits, and goes on with a keyframe that it asks for", async () => {
  const { track, packets, asked } = open();
  for (const frame of frames.slice(0, 302)) track.take(frame);
  expect(asked).toEqual([true]);
  expect(track.counters.dropped).toBe(300);
  for (const frame of frames.slice(310)) track.take(frame);
  await track.settled();
  expect(packets.at(-1)!.atMs).toBe(frames.at(-1)!.atMs);
  await track.close();
});

test("a keyframe that is none costs what relies on it, and nothing of what waits behind the next one", async () => {
  const { track, packets, asked } = open();
  const broken = { ...frames[0], bytes: frames[0].bytes.map((byte, at) => at < 10 ? byte : 0x5a ^ at) };
  for (const frame of [broken, ...frames.slice(1, 30)]) track.take(frame);
  await track.settled();
  expect(packets.map(({ atMs }) => atMs)).toEqual(frames.slice(10, 30).map(({ atMs }) => atMs));
  expect(asked).toEqual([]);
  await track.close();
});

test("where no keyframe waits another one is asked for", async () => {
  const { track, packets, asked } = open();
  const broken = { ...frames[0], bytes: frames[0].bytes.map((byte, at) => at < 10 ? byte : 0x5a ^ at) };
  for (const frame of [broken, ...frames.slice(1, 9)]) track.take(frame);
  await track.settled();
  expect([packets, asked]).toEqual([[], [true]]);
  await track.close();
});
