import { afterAll, beforeAll, expect, test } from "vitest";
import { makeClipFile } from "../kit/clip_file.ts";
import { watch } from "../kit/libdatachannel.ts";
import { type MediaServer, startMediaServer } from "../kit/media_server.ts";
import { continueUntil } from "../kit/until.ts";

// deno-lint-ignore no-explicit-any
type Json = any;

const nanosecondsPerMs = 1e6;
let media: MediaServer;
beforeAll(async () => {
  media = await startMediaServer();
  // What no browser takes: the player decodes it and encodes H264, which is encoded again for who takes VP8.
  await makeClipFile(`${media.mediaDir}/clip.mkv`, {
    width: 640,
    height: 384,
    fps: 25,
    frameCount: 750,
    video: ["-c:v", "mpeg4", "-q:v", "3"],
    audio: ["-c:a", "libmp3lame"],
  });
});
afterAll(() => media?.stop());

test("latencies of players, decoders, encoders and recorders on the way are measured, where the pipeline wants them", async () => {
  const { pipeline, player, tap, recorder } = await media.make([
    { type: "PlayerEndpoint", name: "player", options: { uri: "clip.mkv" } },
    { type: "PassThrough", name: "tap" },
    { type: "RecorderEndpoint", name: "recorder", options: { uri: "out.webm" } },
  ], [{ source: "player", sink: "tap" }, { source: "tap", sink: "recorder" }]);
  const whep = (id: string) => `${media.server.baseUrl}/v1/elements/${id}/whep`;
  const plain = await watch({ whepUrl: whep(player) });
  const other = await watch({ whepUrl: whep(player), codec: "VP8", audioCodec: "PCMU" });
  await media.call(recorder, "record");
  await media.call(player, "play");
  const pictures = (viewer: typeof plain) => viewer.video.accessUnits().length;
  await continueUntil(
    "pictures at both viewers",
    () => Math.min(pictures(plain), pictures(other)) > 50,
    20_000,
  );
  const { items } = (await media.rest.get("/v1/elements?type=WebRtcEndpoint")).body;
  const [first, second] = items.map(({ id }: Json) => id);
  expect(await media.call(first, "getStats")).not.toHaveProperty(first);
  await media.rest.patch(`/v1/pipelines/${pipeline}`, { properties: { latencyStats: true } });

  const latencies = async (id: string) => {
    const { body } = await media.rest.get(`/v1/elements/${id}/stats`);
    return { audio: body[`latency-audio-${id}`], video: body[`latency-video-${id}`] };
  };
  const [untouched, transcoded, recorded, tapped] = await Promise.all(
    [first, second, recorder, tap].map(latencies),
  );
  for (const { audio, video } of [untouched, transcoded, recorded, tapped]) {
    // Decoding and encoding MPEG-4 takes a while, MP3 comes in frames of 24 ms and leaves in frames of 20.
    expect(video.inputMs).toBeGreaterThan(1);
    expect(audio.inputMs).toBeGreaterThan(0.1);
    for (const each of [audio, video]) expect(each.inputMs).toBeLessThan(500);
  }
  expect(untouched.video.endToEndMs).toBe(untouched.video.inputMs);
  expect(transcoded.video.endToEndMs).toBeGreaterThan(transcoded.video.inputMs + 1);
  expect(transcoded.audio.endToEndMs).toBeGreaterThan(transcoded.audio.inputMs);
  expect(recorded.video.endToEndMs).toBeGreaterThan(recorded.video.inputMs + 1);

  const stats: Json = await media.call(second, "getStats");
  expect(stats[second].type).toBe("endpoint");
  const average = (list: Json[], type: string) =>
    list.find((each) => each.type === type).avg / nanosecondsPerMs;
  for (const kind of ["AUDIO", "VIDEO"]) {
    const { inputLatency, E2ELatency } = stats[second];
    expect(average(inputLatency, kind)).toBeGreaterThan(0.1);
    expect(average(E2ELatency, kind)).toBeGreaterThan(average(inputLatency, kind));
    expect(average(E2ELatency, kind)).toBeLessThan(1000);
  }
  expect(await media.call(tap, "getStats", { mediaType: "VIDEO" })).toMatchObject({
    [tap]: { type: "element", inputLatency: [{ name: "sink_video_default", type: "VIDEO" }] },
  });
  await Promise.all([plain.close(), other.close()]);
});

test("flow is told at every pad on the way, within two to four seconds of its end, and how much was recorded", async () => {
  const { player, tap, recorder } = await media.make([
    { type: "PlayerEndpoint", name: "player", options: { uri: "clip.mkv" } },
    { type: "PassThrough", name: "tap" },
    { type: "RecorderEndpoint", name: "recorder", options: { uri: "flow.webm" } },
  ], [{ source: "player", sink: "tap" }, { source: "tap", sink: "recorder" }]);
  const pads = [[player, "Out"], [tap, "In"], [tap, "Out"], [recorder, "In"]];
  const told = (state: string, mediaType: string) =>
    Promise.all(pads.map(([id, direction]) =>
      media.event(
        id,
        `MediaFlow${direction}StateChanged`,
        (data) => data.state === state && data.mediaType === mediaType,
      )
    ));
  await media.call(recorder, "record");
  await media.call(player, "play");
  await Promise.all([told("FLOWING", "AUDIO"), told("FLOWING", "VIDEO")]);
  expect(await media.call(recorder, "isMediaFlowingIn", { mediaType: "VIDEO" })).toBe(true);
  const { durationMs, bytes } = await media.event(recorder, "RecordingProgress");
  expect(durationMs).toBeGreaterThan(3000);
  expect(durationMs).toBeLessThan(8000);
  expect(bytes).toBeGreaterThan(10_000);
  const stoppedMs = performance.now();
  await media.call(player, "stop");
  await Promise.all([told("NOT_FLOWING", "AUDIO"), told("NOT_FLOWING", "VIDEO")]);
  const tookMs = performance.now() - stoppedMs;
  expect(tookMs).toBeGreaterThan(1800);
  expect(tookMs).toBeLessThan(4500);
  expect(await media.call(recorder, "isMediaFlowingIn", { mediaType: "VIDEO" })).toBe(false);
  for (const [id, direction] of pads) {
    expect(media.heard(id, `MediaFlow${direction}StateChanged`)).toHaveLength(4);
  }
});
