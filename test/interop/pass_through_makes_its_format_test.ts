import { afterAll, beforeAll, expect, test } from "vitest";
import { encodeAudioClip, encodeVideoClip } from "../kit/ffmpeg.ts";
import { type KurentoClient, openKurentoClient } from "../kit/kurento_client.ts";
import { type KurentoPeer, publishTo, watchEitherFrom } from "../kit/kurento_peer.ts";
import { publish, watchEither } from "../kit/libdatachannel.ts";
import { restClient } from "../kit/rest_client.ts";
import { RtpCollector } from "../kit/rtp_collector.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { continueUntil } from "../kit/until.ts";
import { decodeClip } from "./received_clip.ts";

const clip = {
  video: encodeVideoClip({
    width: 320,
    height: 180,
    fps: 25,
    frameCount: 750,
    keyframeInterval: 25,
    bitrateBps: 400_000,
  }),
  audio: encodeAudioClip(1500),
};
const format = (codec: string, fps = 30) => ({ codec, framerate: { numerator: fps, denominator: 1 } });

let server: TestServer;
let client: KurentoClient;
beforeAll(async () => {
  server = await startServer();
  client = await openKurentoClient(`${server.baseUrl.replace("http", "ws")}/kurento`);
});
afterAll(async () => {
  await client?.kill();
  await server?.stop();
});

const pictures = (video: RtpCollector) => video.accessUnits().length;
const untilMore = (what: string, video: RtpCollector, count = 25) => {
  const before = pictures(video);
  return continueUntil(what, () => pictures(video) >= before + count, 15_000);
};

/** Pictures that the decoder makes of it are those that were drawn, in their order. */
function expectSound(video: RtpCollector, codec: "H264" | "VP8") {
  const { counters, worstPsnr } = decodeClip(video, new RtpCollector("OPUS"), codec);
  expect(worstPsnr).toBeGreaterThan(28);
  expect(counters.length).toBeGreaterThan(20);
  expect(counters).not.toContain(null);
  expect(counters).toEqual((counters as number[]).toSorted((a, b) => a - b));
}

test("a program tells a PassThrough what to give: its sinks get that, and it hears where media is transcoded", async () => {
  const caps = (codec: string) => ({
    __type__: "VideoCaps",
    codec,
    framerate: { __type__: "Fraction", numerator: 30, denominator: 1 },
  });
  await client.create("pipeline", "MediaPipeline");
  const passId = await client.create("pass", "PassThrough", { mediaPipeline: "@pipeline" });
  for (const name of ["source", "direct", "one", "two"]) {
    await client.create(name, "WebRtcEndpoint", { mediaPipeline: "@pipeline" });
  }
  for (const [source, sink] of [["source", "direct"], ["source", "pass"], ["pass", "one"], ["pass", "two"]]) {
    await client.call(source, "connect", `@${sink}`);
  }
  for (const name of ["source", "pass"]) await client.on(name, "MediaTranscodingStateChanged");
  const told = (name: string) =>
    client.events.filter(({ object, event, data }) =>
      object === name && event === "MediaTranscodingStateChanged" && data.mediaType === "VIDEO"
    ).map(({ data }) => data.state);
  await client.call("pass", "setVideoFormat", caps("VP8"));

  const publisher = await publishTo(client, "source", clip);
  const viewers = await Promise.all(["direct", "one", "two"].map((name) => watchEitherFrom(client, name)));
  const [direct, one, two] = viewers;
  const { data } = await client.event(
    "pass",
    "MediaTranscodingStateChanged",
    (each) => each.state === "TRANSCODING",
  );
  expect(data).toMatchObject({ binName: "default", mediaType: "VIDEO" });
  await Promise.all([one, two].map(({ vp8 }) => untilMore("pictures in VP8", vp8)));
  await untilMore("pictures as they were published", direct.h264);
  expectSound(one.vp8, "VP8");
  expectSound(direct.h264, "H264");
  expect(direct.vp8.packetCount).toBe(0);
  expect(await client.call("pass", "isMediaTranscoding", "VIDEO")).toBe(true);
  expect(await client.call("source", "isMediaTranscoding", "VIDEO")).toBe(false);
  const rest = restClient(server.baseUrl);
  const { body: stats } = await rest.get(`/v1/elements/${passId.split("/").at(-1)!.slice(0, 36)}/stats`);
  expect(Object.values(stats)).toMatchObject([{ type: "encoder", codec: "VP8", sinkCount: 2 }]);

  await client.call("pass", "setVideoFormat", caps("H264"));
  await client.event("pass", "MediaTranscodingStateChanged", (each) => each.state === "NOT_TRANSCODING");
  await Promise.all([one, two].map(({ h264 }) => untilMore("pictures in H264", h264)));
  expect(told("pass")).toEqual(["TRANSCODING", "NOT_TRANSCODING"]);
  expect(told("source")).toEqual(["NOT_TRANSCODING"]);
  await expect(client.call("pass", "setVideoFormat", caps("MJPEG"))).rejects.toThrow();
  for (const peer of [publisher, ...viewers] as KurentoPeer[]) peer.close();
  await client.call("pipeline", "release");
});

test("what a stream's PassThrough is to give is a property that outlives kill -9, for viewers and files, and can be taken back", async () => {
  const rest = restClient(server.baseUrl);
  const { status, body } = await rest.post("/v1/pipelines", {
    name: "shaped",
    elements: [
      { type: "WebRtcEndpoint", name: "in" },
      {
        type: "PassThrough",
        name: "output",
        properties: { videoFormat: format("VP8"), audioFormat: { codec: "PCMU", bitrate: 0 } },
      },
      { type: "RecorderEndpoint", name: "file", options: { uri: "shaped.mkv", mediaProfile: "MKV" } },
    ],
    connections: [{ source: "in", sink: "output" }, { source: "output", sink: "file" }],
  });
  expect(status).toBe(201);
  const [input, output, file] = body.elements.map(({ id }: { id: string }) => id);
  await server.kill();
  await server.restart();
  expect((await rest.get(`/v1/elements/${output}`)).body.properties.videoFormat).toEqual(format("VP8"));

  const publisher = await publish({ whipUrl: `${server.baseUrl}/v1/elements/${input}/whip`, ...clip });
  const viewer = await watchEither(`${server.baseUrl}/whep/shaped`);
  expect((await rest.post(`/v1/elements/${file}/record`, {})).status).toBe(200);
  await untilMore("pictures in VP8", viewer.vp8);
  expect((await rest.post(`/v1/elements/${file}/stopAndWait`, {})).status).toBe(200);
  const { body: { items: [recording] } } = await rest.get("/v1/recordings");
  expect(recording.tracks.map(({ codec }: { codec: string }) => codec).sort()).toEqual(["PCMU", "VP8"]);
  expectSound(viewer.vp8, "VP8");
  const slower = { properties: { videoFormat: format("VP8", 10) } };
  expect((await rest.patch(`/v1/elements/${output}`, slower)).status).toBe(200);
  await untilMore("pictures at another rate", viewer.vp8, 20);
  const stamps = viewer.vp8.accessUnits().map(({ timestamp }) => timestamp).slice(-11);
  const fps = 10 * 90_000 / (stamps[10] - stamps[0] >>> 0);
  expect(fps).toBeGreaterThan(8);
  expect(fps).toBeLessThan(12);
  expectSound(viewer.vp8, "VP8");
  const edit = { properties: { videoFormat: null } };
  expect((await rest.patch(`/v1/elements/${output}`, edit)).status).toBe(200);
  await untilMore("pictures in H264", viewer.h264);
  const inVp8 = viewer.vp8.packetCount;
  await untilMore("more of them", viewer.h264);
  expect(viewer.vp8.packetCount).toBe(inVp8);
  await viewer.close();
  await publisher.close();
});
