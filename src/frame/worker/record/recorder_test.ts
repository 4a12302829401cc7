import { afterEach, expect, test, vi } from "vitest";
import { readFrameCounter } from "../../../../test/kit/clip.ts";
import { ffmpegCommandIsThere, runFfmpeg } from "../../../../test/kit/clip_file.ts";
import { type EncodableCodec, type EncodedUnit, encodeVideoClip } from "../../../../test/kit/ffmpeg.ts";
import { beepsOf, readRecording } from "../../../../test/kit/recorded_file.ts";
import { encodeBeeps } from "../../../../test/kit/recorder_rig.ts";
import { RtpSource } from "../../../../test/kit/rtp_source.ts";
import { type Arrival, VirtualRecorder } from "../../../../test/kit/virtual_recorder.ts";

const NTP_MS = 1_700_000_000_000;
const size = { width: 192, height: 96 };
const fps = 10;
let open: VirtualRecorder;
afterEach(() => open?.close());

function clip(seconds: number, codec: EncodableCodec = "VP8", rate = fps, shape = size): EncodedUnit[] {
  const frameCount = seconds * rate;
  return encodeVideoClip({
    ...shape,
    fps: rate,
    frameCount,
    keyframeInterval: 5,
    bitrateBps: 300_000,
    codec,
  });
}

/** One second of beeps over and over. */
function beepsFor(seconds: number): EncodedUnit[] {
  const second = encodeBeeps(100).slice(50);
  return Array.from({ length: seconds * 50 }, (_, index) => ({ ...second[index % 50], ptsMs: index * 20 }));
}

/** What a source sends, as it arrives: `delayMs` of each packet on the way, null for one that is lost. */
function arrivals(
  source: RtpSource,
  units: EncodedUnit[],
  { fromMs = 0, delayMs = () => 5 as number | null, clockFactor = 1, reports = true } = {},
): Arrival[] {
  const packets = units.flatMap((unit) =>
    source.packets(unit.bytes, unit.ptsMs * clockFactor).flatMap((bytes) => {
      const delay = delayMs();
      return delay === null ? [] : [{ atMs: fromMs + unit.ptsMs + delay, bytes }];
    })
  );
  const endMs = units.at(-1)!.ptsMs;
  const times = reports
    ? Array.from({ length: Math.ceil(endMs / 1000) + 1 }, (_, index) => index * 1000)
    : [];
  const reported = times.map((atMs) => ({
    atMs: fromMs + atMs + 10,
    bytes: source.report(atMs * clockFactor, NTP_MS + fromMs + atMs),
  }));
  return [...packets, ...reported];
}

/** Numbers that look like chance and are the same every time. */
function chance(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

const playing = async (
  name: string,
  ...options: ConstructorParameters<typeof VirtualRecorder> extends [string, ...infer R] ? R : never
) => {
  open = new VirtualRecorder(name, ...options);
  await open.recorder.call("record", {});
  return open;
};

const errors = () => open.events.filter(({ type }) => type === "error");
const segments = () => open.events.filter((event) => event.type === "segment");
const counters = (file: { pictures: { counter: number | null }[] }) =>
  file.pictures.map(({ counter }) => counter);
const upTo = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index);

/** Sound and pictures of the same moments, as a browser sends them. */
function call(seconds: number, { fromMs = 0, codec = "VP8" as EncodableCodec } = {}): Arrival[] {
  return [
    ...arrivals(new RtpSource(codec, 1), clip(seconds, codec), { fromMs }),
    ...arrivals(new RtpSource("OPUS", 2, 55), encodeBeeps(seconds * 50), { fromMs }),
  ];
}

test.each([["MKV", 600, 1.0002], ["MP4", 120, 1.001]] as const)(
  "%s: after %d seconds of losses, jitter and a sound card of its own speed, sound and pictures are in step",
  async (profile, seconds, clockFactor) => {
    const rate = 4;
    const { recorder } = await playing(`long.${profile.toLowerCase()}`, profile);
    const random = chance(7);
    const lossy = (extraMs: number) => () => random() < 0.02 ? null : extraMs + random() * 90;
    await open.run([
      ...arrivals(new RtpSource("H264", 1), clip(seconds, "H264", rate), { delayMs: lossy(10) }),
      // The sound comes 150 ms later, and its clock gains 120 ms until the end.
      ...arrivals(new RtpSource("OPUS", 2, 55), beepsFor(seconds), { delayMs: lossy(160), clockFactor }),
    ]);
    await recorder.call("stopAndWait", {});
    const file = await readRecording(open.path(`long.${profile.toLowerCase()}`));
    const firstMs = file.pictures[0].atMs - file.pictures[0].counter! * 1000 / rate;
    for (const { atMs, counter } of file.pictures) {
      expect(Math.abs(atMs - firstMs - counter! * 1000 / rate)).toBeLessThan(3);
    }
    expect(Math.abs(file.durationMs - seconds * 1000)).toBeLessThan(1000 / rate);
    // A beep whose beginning was lost begins a frame later.
    const offsets = beepsOf(file).map((at) => (at - firstMs + 500) % 1000 - 500);
    expect(offsets.length).toBeGreaterThan(seconds * 0.9);
    for (const part of [offsets.slice(0, 25), offsets.slice(-25)]) {
      expect(Math.abs(part.toSorted((a, b) => a - b)[12])).toBeLessThan(15);
    }
    expect(errors()).toEqual([]);
  },
  60_000,
);

test("without any report the streams are tied by their arrivals", async () => {
  await playing("tied.webm", "WEBM");
  const none = { reports: false };
  await open.run([
    ...arrivals(new RtpSource("VP8", 1), clip(6), none),
    ...arrivals(new RtpSource("OPUS", 2, 55), encodeBeeps(300), none),
  ]);
  await open.stop();
  const file = await readRecording(open.path("tied.webm"));
  expect(counters(file)).toEqual(upTo(60));
  for (const at of beepsOf(file)) expect(Math.abs((at + 500) % 1000 - 500)).toBeLessThan(30);
});

test("a paused stretch is cut out, and the file goes on with a keyframe that was asked for", async () => {
  const { recorder } = await playing("paused.mp4", "MP4");
  const requestsBefore = () => open.keyframeRequests.length;
  let atPause = 0;
  await open.run([
    ...call(8, { codec: "H264" }),
    { atMs: 3010, act: () => recorder.call("pause", {}) },
    { atMs: 5110, act: () => (atPause = requestsBefore(), recorder.call("record", {})) },
  ]);
  await open.stop();
  expect(open.keyframeRequests.length).toBeGreaterThan(atPause);
  const file = await readRecording(open.path("paused.mp4"));
  // Keyframes are pictures 0, 5, 10 …
  expect(counters(file)).toEqual([...upTo(31), ...upTo(25, 55)]);
  for (const [index, { atMs }] of file.pictures.entries()) {
    expect(Math.abs(atMs - index * 100)).toBeLessThan(25);
  }
  expect(Math.abs(file.durationMs - 5600)).toBeLessThan(60);
  // Seconds 1, 2 and the beginning of 3, and 6 and 7, which lie 2.4 s earlier now.
  const beeps = beepsOf(file);
  expect(beeps.map((at) => Math.round(at / 100) * 100)).toEqual([1000, 2000, 3000, 3600, 4600]);
  expect(open.events.map((event) => event.type === "state" ? event.state : "").filter(Boolean)).toEqual([
    "recording",
    "paused",
    "recording",
    "stopped",
  ]);
});

test.each(["WEBM", "MP4"] as const)(
  "%s: segments by time begin with keyframes, lose nothing and keep sound and pictures together",
  async (profile) => {
    await playing("parts", profile, { segmentMs: 2000 });
    await open.run(call(7, { codec: profile === "MP4" ? "H264" : "VP8" }));
    await open.stop();
    expect(segments().map(({ path }) => path.slice(path.lastIndexOf("/") + 1))).toEqual(
      upTo(4, 1).map((number) => `parts-0000${number}.${profile.toLowerCase()}`),
    );
    const files = await Promise.all(segments().map(({ path }) => readRecording(path)));
    expect(files.flatMap(counters)).toEqual(upTo(70));
    expect(files.map(({ pictures }) => pictures[0].counter)).toEqual([0, 20, 40, 60]);
    for (const file of files) {
      expect(file.packets.find(({ media }) => media === "video")!.keyframe).toBe(true);
    }
    for (const file of files) expect(Math.abs(file.pictures[0].atMs)).toBeLessThan(25);
    // Second 3 lies 1 s into the second file.
    for (const file of files.slice(0, 3)) {
      expect(beepsOf(file).some((at) => Math.abs(at - 1006) < 25)).toBe(true);
    }
    for (const { durationMs } of segments().slice(0, 3)) expect(Math.abs(durationMs - 2000)).toBeLessThan(50);
  },
);

test("segments by size end soon after they have it", async () => {
  await playing("sized.mkv", "MKV", { segmentBytes: 30_000 });
  await open.run(call(8));
  await open.stop();
  expect(segments().length).toBeGreaterThan(2);
  for (const { bytes } of segments().slice(0, -1)) expect(bytes).toBeGreaterThan(30_000);
  for (const { bytes } of segments()) expect(bytes).toBeLessThan(75_000);
  const files = await Promise.all(segments().map(({ path }) => readRecording(path)));
  expect(files.flatMap(counters)).toEqual(upTo(80));
});

test("a recorder for both that gets one kind records it, from its first frame on", async () => {
  await playing("sound.webm", "WEBM", { graceMs: 3000 });
  await open.run(arrivals(new RtpSource("OPUS", 2), encodeBeeps(250)));
  await open.stop();
  const file = await readRecording(open.path("sound.webm"));
  expect(file.videoCodec).toBeNull();
  expect(beepsOf(file).map((at) => Math.round(at / 100) * 100)).toEqual([1000, 2000, 3000, 4000]);
  expect(file.durationMs).toBeGreaterThan(4950);
});

test("a kind that comes after the grace is in a second file with the other", async () => {
  await playing("late.webm", "WEBM", { graceMs: 1000 });
  await open.run([
    ...arrivals(new RtpSource("OPUS", 2, 55), encodeBeeps(300)),
    ...arrivals(new RtpSource("VP8", 1), clip(3), { fromMs: 3000 }),
  ]);
  await open.stop();
  expect(segments().map(({ path }) => path)).toEqual([open.path("late.webm"), open.path("late-00002.webm")]);
  const [first, second] = await Promise.all(segments().map(({ path }) => readRecording(path)));
  expect([first.videoCodec, first.audioCodec]).toEqual([null, expect.stringContaining("opus")]);
  expect(counters(second)).toEqual(upTo(30));
  expect(Math.abs(first.durationMs - 3000)).toBeLessThan(300);
  expect(beepsOf(second).some((at) => Math.abs(at - 1000) < 30)).toBe(true);
});

test("sound that comes after the grace is in a second file with the pictures", async () => {
  await playing("late.webm", "WEBM", { graceMs: 1000 });
  await open.run([
    ...arrivals(new RtpSource("VP8", 1), clip(6)),
    ...arrivals(new RtpSource("OPUS", 2, 55), encodeBeeps(150), { fromMs: 3000 }),
  ]);
  await open.stop();
  expect(segments().map(({ path }) => path)).toEqual([open.path("late.webm"), open.path("late-00002.webm")]);
  const [first, second] = await Promise.all(segments().map(({ path }) => readRecording(path)));
  expect([first.audioCodec, second.audioCodec]).toEqual([null, expect.stringContaining("opus")]);
  expect([...counters(first), ...counters(second)]).toEqual(upTo(60));
  // One for the cut at most: keyframes come by themselves.
  expect(open.keyframeRequests.length).toBeLessThan(3);
  const secondBeginsMs = counters(first).length * 100;
  expect(secondBeginsMs).toBeLessThan(4000);
  expect(beepsOf(second).map((at) => Math.round((at + secondBeginsMs) / 100) * 100)).toEqual([4000, 5000]);
});

test("WEBM: another picture size goes into the file as it comes", async () => {
  await playing("sizes.webm", "WEBM");
  const source = new RtpSource("VP8", 1);
  const larger = { width: 384, height: 192 };
  await open.run([
    ...arrivals(source, clip(2)),
    ...arrivals(source, clip(2, "VP8", fps, larger).map((unit) => ({ ...unit, ptsMs: unit.ptsMs + 2000 }))),
  ]);
  await open.stop();
  const file = await readRecording(open.path("sizes.webm"));
  expect(counters(file)).toEqual([...upTo(20), ...upTo(20)]);
  expect(file.pictures.map(({ width }) => width)).toEqual([
    ...upTo(20).map(() => 192),
    ...upTo(20).map(() => 384),
  ]);
});

test("MP4: pictures of another size are fitted into the one that the file began with, and copied again when it returns", async () => {
  const { recorder } = await playing("sizes.mp4", "MP4");
  const source = new RtpSource("H264", 1);
  const shapes = [size, { width: 384, height: 192 }, { width: 96, height: 192 }, size];
  await open.run(
    shapes.flatMap((shape, index) =>
      arrivals(
        source,
        clip(2, "H264", fps, shape).map((unit) => ({ ...unit, ptsMs: unit.ptsMs + index * 2000 })),
      )
    ),
  );
  await open.stop();
  const file = await readRecording(open.path("sizes.mp4"));
  expect(file.decodeErrors).toBe(0);
  expect(new Set(file.pictures.map(({ width, height }) => `${width}x${height}`))).toEqual(
    new Set(["192x96"]),
  );
  expect(counters(file).slice(0, 40)).toEqual([...upTo(20), ...upTo(20)]);
  // The upright one stands between black bars, too small for its number.
  expect(counters(file).slice(60)).toEqual(upTo(20));
  expect(file.pictures).toHaveLength(80);
  const stats = await recorder.call("stats", {}) as { video: { copied: number; converted: number } };
  expect([stats.video.copied, stats.video.converted]).toEqual([40, 40]);
  expect(open.events.filter(({ type }) => type === "transcoding")).toEqual(
    [false, true, false].map((isOn) => ({ type: "transcoding", media: "video", isOn })),
  );
});

/** Of a camera that lies so that `turn` clockwise quarter turns make its pictures upright, and says so. */
function turned(codec: EncodableCodec, seconds: number, turn: number, source = new RtpSource(codec, 1)) {
  const keyframeInterval = 5;
  const frameCount = seconds * fps;
  source.orientation = turn;
  const options = { ...size, fps, frameCount, keyframeInterval, bitrateBps: 300_000, codec, turn };
  return arrivals(source, encodeVideoClip(options));
}

/** As players show them: FFmpeg's command turns pictures as files say. */
async function shown(path: string): Promise<(number | null)[]> {
  const raw = `${path}.yuv`;
  await runFfmpeg(["-i", path, "-fps_mode", "passthrough", "-pix_fmt", "yuv420p", "-f", "rawvideo", raw]);
  const bytes = Deno.readFileSync(raw);
  const pictureBytes = size.width * size.height * 3 / 2;
  return Array.from(
    { length: bytes.length / pictureBytes },
    (_, index) => readFrameCounter(bytes.subarray(index * pictureBytes, (index + 1) * pictureBytes), size),
  );
}

test.runIf(ffmpegCommandIsThere()).each(
  [["turned.webm", "WEBM", "VP8", 1], ["turned.mkv", "MKV", "H264", 3], [
    "turned.mp4",
    "MP4",
    "H264",
    2,
  ]] as const,
)(
  "%s says how players are to turn the pictures of a camera, which are copied",
  async (name, profile, codec, turn) => {
    const { recorder } = await playing(name, profile);
    await open.run(turned(codec, 2, turn));
    await open.stop();
    expect(await shown(open.path(name))).toEqual(upTo(20));
    expect(await recorder.call("stats", {})).toMatchObject({ video: { copied: 20, converted: 0 } });
  },
);

test.each([["turned.flv", "FLV", "flv"], ["turned.jpg", "JPEG_VIDEO_ONLY", "mjpeg"]] as const)(
  "%s, which cannot say it, has upright pictures",
  async (name, profile, format) => {
    await playing(name, profile);
    await open.run(turned("H264", 2, 1));
    await open.stop();
    const file = await readRecording(open.path(name), format);
    expect(file.pictures.map(({ width, height }) => `${width}x${height}`)).toEqual(
      upTo(20).map(() => "192x96"),
    );
    expect(counters(file)).toEqual(upTo(20));
  },
);

test.runIf(ffmpegCommandIsThere())(
  "a camera that is turned while it is recorded stays upright for players",
  async () => {
    const { recorder } = await playing("turning.mp4", "MP4");
    const source = new RtpSource("H264", 1);
    await open.run(
      [0, 2, 0].flatMap((turn, index) =>
        turned("H264", 2, turn, source).map((arrival) => ({ ...arrival, atMs: arrival.atMs + index * 2000 }))
      ),
    );
    await open.stop();
    expect(await shown(open.path("turning.mp4"))).toEqual([...upTo(20), ...upTo(20), ...upTo(20)]);
    expect(await recorder.call("stats", {})).toMatchObject({ video: { copied: 40, converted: 20 } });
  },
);

test("a publisher that comes back with another codec and another SSRC is recorded on", async () => {
  await playing("codecs.webm", "WEBM");
  await open.run([
    ...arrivals(new RtpSource("VP8", 1), clip(2)),
    ...arrivals(new RtpSource("H264", 9, 123), clip(2, "H264"), { fromMs: 2500 }),
  ]);
  await open.stop();
  const file = await readRecording(open.path("codecs.webm"));
  expect(counters(file)).toEqual([...upTo(20), ...upTo(20)]);
  // The half second in between is a gap.
  expect(Math.abs(file.pictures[20].atMs - 2500)).toBeLessThan(30);
});

test("what it encodes keeps to the limits that were set, before and while it records", async () => {
  const units = clip(8, "H264", fps, { width: 640, height: 320 });
  const none = { bitrateBps: null, minBitrateBps: null, maxBitrateBps: null };
  // Under this clock frames come faster than they are encoded.
  const encoded = (count: number) =>
    vi.waitFor(async () => {
      const { video } = await open.recorder.call("stats", {}) as { video: { converted: number } };
      expect(video.converted).toBeGreaterThanOrEqual(count);
    }, 5000);
  await playing("limits.webm", "WEBM", { bitrate: { ...none, maxBitrateBps: 60_000 } });
  await open.run([
    ...arrivals(new RtpSource("H264", 1), units),
    { atMs: 4050, act: () => encoded(40) },
    { atMs: 4051, act: () => open.recorder.call("setBitrate", { ...none, bitrateBps: 1_500_000 }) },
  ]);
  await open.stop();
  const file = await readRecording(open.path("limits.webm"));
  const bps = (fromMs: number, toMs: number) =>
    file.packets.filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
      .reduce((sum, { bytes }) => sum + bytes, 0) * 8000 / (toMs - fromMs);
  expect(bps(1000, 3500)).toBeLessThan(150_000);
  expect(bps(4500, 7000)).toBeGreaterThan(400_000);
  expect(file.pictures).toHaveLength(80);
  expect(file.decodeErrors).toBe(0);
});

/** G.711 frames of 20 ms: the loudest square wave for 100 ms at every second but the first moment. */
function g711(seconds: number): EncodedUnit[] {
  return upTo(seconds * 50).map((index) => {
    const isLoud = index >= 50 && index % 50 < 5;
    const bytes = Uint8Array.from(upTo(160), (at) => isLoud ? (at & 4 ? 0x80 : 0x00) : 0xff);
    return { ptsMs: index * 20, keyframe: true, bytes };
  });
}

test.each([["MKV", /pcm_mulaw/], ["WEBM", /opus/], ["MP4", /aac/]] as const)(
  "%s: G.711 is copied or converted, in step",
  async (profile, codec) => {
    const name = `g711.${profile.toLowerCase()}`;
    await playing(name, profile);
    await open.run([
      ...arrivals(new RtpSource("VP8", 1), clip(4)),
      ...arrivals(new RtpSource("PCMU", 2, 55), g711(4)),
    ]);
    await open.stop();
    const file = await readRecording(open.path(name));
    expect(file.audioCodec).toMatch(codec);
    expect(counters(file)).toEqual(upTo(40));
    const beeps = beepsOf(file);
    expect(beeps).toHaveLength(3);
    for (const at of beeps) expect(Math.abs((at + 500) % 1000 - 500)).toBeLessThan(10);
    expect(errors()).toEqual([]);
  },
);

test("sound that changes its codec goes on in that of the file", async () => {
  await playing("sound.webm", "WEBM");
  const g711Sound = g711(3).map((unit) => ({ ...unit, ptsMs: unit.ptsMs + 3000 }));
  await open.run([
    ...arrivals(new RtpSource("VP8", 1), clip(6)),
    ...arrivals(new RtpSource("OPUS", 2, 55), encodeBeeps(150)),
    ...arrivals(new RtpSource("PCMU", 3, 99), g711Sound),
  ]);
  await open.stop();
  const file = await readRecording(open.path("sound.webm"));
  expect(file.audioCodec).toMatch(/opus/);
  expect(beepsOf(file).map((at) => Math.round(at / 100) * 100)).toEqual([1000, 2000, 4000, 5000]);
  const sound = open.events.filter((event) => event.type === "transcoding" && event.media === "audio");
  expect(sound).toMatchObject([{ isOn: false }, { isOn: true }]);
});

test("a damaged frame is left out, a keyframe is asked for, and the file goes on", async () => {
  await playing("damaged.mkv", "MKV");
  const units = clip(4, "H264");
  const asked: number[] = [];
  const junk = {
    ...units[12],
    bytes: Uint8Array.from(units[12].bytes, (byte, at) => at > 8 ? byte ^ 0x5a : byte),
  };
  await open.run(arrivals(new RtpSource("H264", 1), units.map((unit, index) => index === 12 ? junk : unit)));
  asked.push(...open.keyframeRequests);
  await open.stop();
  expect((await readRecording(open.path("damaged.mkv"))).pictures.length).toBeGreaterThan(30);
});

test("frames of random bytes make complaints at a bounded rate and no file of them", async () => {
  await playing("noise.mp4", "MP4");
  const random = chance(3);
  const noise = upTo(200).map((index) => ({
    ptsMs: index * 20,
    keyframe: index % 5 === 0,
    bytes: Uint8Array.from([
      0,
      0,
      0,
      1,
      index % 5 === 0 ? 0x65 : 0x41,
      ...upTo(200).map(() => random() * 256),
    ]),
  }));
  await open.run(arrivals(new RtpSource("H264", 1), noise));
  await open.stop();
  expect(errors().length).toBeGreaterThan(0);
  expect(errors().length).toBeLessThan(4);
  expect(segments()).toEqual([]);
});

test("stop before anything was recorded changes nothing, and there is no way back from a real one", async () => {
  open = new VirtualRecorder("none.webm", "WEBM");
  await open.recorder.call("stop", {});
  expect(open.events).toEqual([]);
  await open.recorder.call("record", {});
  await open.recorder.call("record", {});
  await open.stop();
  await open.recorder.call("stop", {});
  expect(open.events).toEqual([{ type: "state", state: "recording" }, { type: "state", state: "stopped" }]);
  await expect(open.recorder.call("record", {})).rejects.toThrow(/has ended/);
  await expect(open.recorder.call("rewind", {})).rejects.toThrow(/not an operation/);
  expect([...Deno.readDirSync(open.mediaDir)]).toEqual([]);
});

test("a file is of the recorder that was told first to record to it, whichever has media first, and then free", async () => {
  await playing("one.mkv", "MKV");
  const same = { uri: `file://${open.mediaDir}/one.mkv`, mediaDir: open.mediaDir };
  const [second, third] = [0, 1].map(() => new VirtualRecorder("none", "MKV", same));
  await second.recorder.call("record", {});
  await second.run(call(1));
  await second.stop();
  expect(second.events.slice(-2)).toMatchObject([
    { type: "error", kind: "RESOURCE_ERROR_OPEN" },
    { type: "state", state: "stopped" },
  ]);
  await open.run(call(2));
  const stopping = open.stop();
  await third.recorder.call("record", {});
  await stopping;
  expect(counters(await readRecording(open.path("one.mkv")))).toEqual(upTo(20));
  await third.run(call(1));
  await third.stop();
  expect([errors(), third.events.filter(({ type }) => type === "error")]).toEqual([[], []]);
  expect(counters(await readRecording(open.path("one.mkv")))).toEqual(upTo(10));
  for (const recorder of [second, third]) await recorder.close();
});

test("a recorder that goes on after its worker died writes to another file", async () => {
  open = new VirtualRecorder("kept.webm", "WEBM");
  Deno.writeTextFileSync(open.path("kept.webm"), "what the last worker wrote");
  await open.recorder.call("record", { continued: true });
  await open.run(call(2));
  await open.stop();
  expect(Deno.readTextFileSync(open.path("kept.webm"))).toBe("what the last worker wrote");
  expect(segments()[0].path).toMatch(/kept-\d{8}T\d{9}Z\.webm$/);
  expect(counters(await readRecording(segments()[0].path))).toEqual(upTo(20));
});
