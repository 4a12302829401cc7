import { Buffer } from "node:buffer";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { ffmpegCommandIsThere, makeClipFile } from "../kit/clip_file.ts";
import { encodeAudioClip, encodeVideoClip } from "../kit/ffmpeg.ts";
import { freeUdpPort } from "../kit/free_port.ts";
import { publish, watch } from "../kit/libdatachannel.ts";
import { restClient } from "../kit/rest_client.ts";
import { parametersByFfmpeg, type RtpTarget, sendByFfmpeg, watchByFfmpeg } from "../kit/rtp_by_ffmpeg.ts";
import { openByKurento, openByRest } from "../kit/rtp_endpoint_doors.ts";
import { answered, type OfferedRtp, rtpOffer } from "../kit/rtp_offer.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { decodeClip } from "./received_clip.ts";

// Each is a small picture in real time, and two or three processes that wait for it.
vi.setConfig({ maxConcurrency: 4 });

const size = { width: 320, height: 180 };
const clip = { ...size, fps: 25, keyframeInterval: 25, bitrateBps: 500_000 };
const frameCount = 125;
/** The decoder of the command line keeps some pictures back at the end, and an encoder some more. */
const lastCounter = frameCount - 30;
const key = Buffer.from(Uint8Array.from({ length: 30 }, (_, i) => i * 7)).toString("base64");
const otherKey = Buffer.from(Uint8Array.from({ length: 30 }, (_, i) => 200 - i)).toString("base64");

let server: TestServer;
let folder: string;
let vp8: string;
let h264: string;
const units = {
  video: encodeVideoClip({ ...clip, frameCount }),
  audio: encodeAudioClip(2 * frameCount),
};
beforeAll(async () => {
  folder = await Deno.makeTempDir();
  const audio = ["-c:a", "libopus"];
  const realtime = ["-deadline", "realtime", "-cpu-used", "8", "-lag-in-frames", "0", "-auto-alt-ref", "0"];
  if (ffmpegCommandIsThere()) {
    const video = ["-c:v", "libvpx", ...realtime, "-g", "25", "-b:v", "500k"];
    vp8 = await makeClipFile(`${folder}/vp8.mkv`, { ...clip, frameCount, video, audio });
    const baseline = ["-preset", "veryfast", "-tune", "zerolatency", "-profile:v", "baseline"];
    const plain = ["-c:v", "libx264", ...baseline, "-g", "25", "-b:v", "500k", "-pix_fmt", "yuv420p"];
    h264 = await makeClipFile(`${folder}/h264.mkv`, { ...clip, frameCount, video: plain, audio });
  }
  server = await startServer({ env: { KASKADO_RTP_PORTS: "10000-11999", KASKADO_BIND: "" } });
});
afterAll(async () => {
  await server?.stop();
  await Deno.remove(folder, { recursive: true });
});

const sent = (codec: string, more: Partial<OfferedRtp> = {}): OfferedRtp => ({
  kind: codec === "OPUS" ? "audio" : "video",
  port: codec === "OPUS" ? 41_000 : 41_002,
  payloadType: codec === "OPUS" ? 111 : 96,
  codec,
  direction: "sendonly",
  ...more,
});

/** An even port whose neighbour is most likely free too. */
const evenPort = async () => await freeUdpPort() & ~1;

describe.skipIf(!ffmpegCommandIsThere())("RtpEndpoint and the ffmpeg command", () => {
  test.concurrent("VP8 and Opus of ffmpeg arrive whole at a WebRTC viewer", async ({ expect }) => {
    const door = await openByRest(server.baseUrl, "plain");
    await door.create("publisher");
    const answer = await door.processOffer("publisher", rtpOffer([sent("OPUS"), sent("VP8")]));
    const sender = sendByFfmpeg(vp8, {
      audio: { port: answered(answer, "audio").port, payloadType: 111 },
      video: { port: answered(answer, "video").port, payloadType: 96 },
    });
    await expect.poll(() => watchable("plain"), { timeout: 5000 }).toBe(true);
    const viewer = await watch({ whepUrl: `${server.baseUrl}/whep/plain`, codec: "VP8" });
    await sender.ended;
    const received = decodeClip(viewer.video, viewer.audio, "VP8");
    expectInOrder(received.counters);
    expect(received.worstPsnr).toBeGreaterThan(30);
    expect(received.counters.at(-1)).toBe(frameCount - 1);
    expect(received.counters.length).toBeGreaterThan(60);
    // A beep of 100 ms in each second.
    expect(received.audioEnergies.filter((energy) => energy > 10).length).toBeGreaterThan(10);
    await viewer.close();
    await door.close();
  });

  /** Media flows out of the publisher: before that WHEP refuses viewers. */
  async function watchable(stream: string): Promise<boolean> {
    const rest = restClient(server.baseUrl);
    const { body } = await rest.get("/v1/pipelines");
    const { id } = body.items.find((each: { name: string }) => each.name === stream);
    const { elements } = (await rest.get(`/v1/pipelines/${id}`)).body;
    return elements[0].properties.mediaState === "CONNECTED";
  }

  test.concurrent("H264 and Opus of a WebRTC publisher are decoded by ffmpeg", async ({ expect }) => {
    const publisher = await publish({ whipUrl: `${server.baseUrl}/whip/out`, ...units });
    const rest = restClient(server.baseUrl);
    const { body } = await rest.get("/v1/pipelines");
    const { id } = body.items.find((each: { name: string }) => each.name === "out");
    const source = (await rest.get(`/v1/pipelines/${id}`)).body.elements[0].id;
    const sink = (await rest.post(`/v1/pipelines/${id}/elements`, { type: "RtpEndpoint" })).body.id;
    await rest.post(`/v1/elements/${source}/connections`, { sink });
    const [videoPort, audioPort] = [await evenPort(), await evenPort()];
    const offer = rtpOffer([
      sent("OPUS", { port: audioPort, direction: "recvonly" }),
      sent("H264", { port: videoPort, direction: "recvonly" }),
    ]);
    const audioFile = `${folder}/out.s16`;
    const viewer = await watchByFfmpeg(offer, size, audioFile);
    await rest.post(`/v1/elements/${sink}/processOffer`, { offer });
    await publisher.finished;
    await expect.poll(() => viewer.counters.at(-1), { timeout: 5000 }).toBeGreaterThan(lastCounter);
    await viewer.stop();
    expectInOrder(viewer.counters);
    const samples = new Int16Array((await Deno.readFile(audioFile)).buffer);
    expect(samples.length).toBeGreaterThan(48_000 * 2 * 3);
    expect(Math.max(...samples.subarray(96_000, 192_000))).toBeGreaterThan(4000);
    await publisher.close();
  });

  interface Variant {
    /** What is sent; VP8 when absent. */
    codec?: string;
    /** What is wanted, when it is something else. */
    out?: string;
    host?: string;
    mux?: boolean;
    /** Suite in SDP, and as Kurento calls it. */
    suite?: string;
    kurento?: string;
  }

  const variants: [string, Variant][] = [
    ["plain H264, its parameter sets in ffmpeg's description alone", { codec: "H264" }],
    ["IPv6", { host: "::1" }],
    ["VP8 sent, H264 wanted", { out: "H264" }],
    ["RTCP on the port of the media", { mux: true }],
    ["AES_CM_128_HMAC_SHA1_80", { suite: "AES_CM_128_HMAC_SHA1_80", kurento: "AES_128_CM_HMAC_SHA1_80" }],
    ["AES_CM_128_HMAC_SHA1_32", { suite: "AES_CM_128_HMAC_SHA1_32", kurento: "AES_128_CM_HMAC_SHA1_32" }],
  ];

  test.concurrent.for(variants)(
    "from ffmpeg to ffmpeg, by Kurento's client: %s",
    async ([_, variant], { expect }) => {
      const { codec = "VP8", out = codec, host = "127.0.0.1", mux = false, suite, kurento } = variant;
      const door = await openByKurento(server.baseUrl);
      const crypto = kurento ? { crypto: { __type__: "SDES", keyBase64: otherKey, crypto: kurento } } : {};
      const ipv6 = host === "::1" ? { useIpv6: true } : {};
      await door.create("in", { ...crypto, ...ipv6 });
      await door.create("out", { ...crypto, ...ipv6 });
      await door.connect("in", "out");
      const common = { protocol: suite ? "RTP/SAVP" : "RTP/AVP" };
      const lines = (ours: string) => [
        ...(mux ? ["a=rtcp-mux"] : []),
        ...(suite ? [`a=crypto:1 ${suite} inline:${ours}`] : []),
      ];
      const port = await evenPort();
      const wanted = (ours: string) =>
        rtpOffer([sent(out, { ...common, port, direction: "recvonly", lines: lines(ours) })], host)
          // What is written by hand often names the codec and says no more of it.
          .replace(/a=fmtp.*\r\n/, "");
      const ours = answered(await door.processOffer("out", wanted(key)), "video");
      expect(ours.key).toBe(suite ? otherKey : "");
      const viewer = await watchByFfmpeg(wanted(ours.key), size);
      const told = codec === "H264" ? [await parametersByFfmpeg(h264)] : [];
      const offer = rtpOffer([sent(codec, { ...common, lines: [...lines(key), ...told] })], host);
      const target = answered(await door.processOffer("in", offer), "video");
      const video: RtpTarget = { host, port: target.port, payloadType: 96 };
      if (mux) video.rtcpPort = target.port;
      if (suite) video.srtp = { suite, key };
      const sender = sendByFfmpeg(codec === "H264" ? h264 : vp8, { video });
      await sender.ended;
      await expect.poll(() => viewer.counters.at(-1), { timeout: 5000 }).toBeGreaterThan(lastCounter);
      await viewer.stop();
      if (out === codec) expectInOrder(viewer.counters);
      else expectGrowing(viewer.counters);
      await door.close();
    },
  );
});

/** Every picture from the first one to the last, one after the other; ffmpeg may lose those before its first keyframe. */
function expectInOrder(counters: (number | null)[]): void {
  const first = counters[0]!;
  expect(first).toBeLessThanOrEqual(50);
  expect(counters).toEqual(counters.map((_, i) => first + i));
}

/** Pictures in order; an encoder on a busy machine leaves some out. */
function expectGrowing(counters: (number | null)[]): void {
  expect(counters.length).toBeGreaterThan(20);
  expect(counters.every((counter, i) => counter !== null && (i === 0 || counter > counters[i - 1]!))).toBe(
    true,
  );
}
