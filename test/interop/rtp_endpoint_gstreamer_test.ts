import { Buffer } from "node:buffer";
import { afterAll, beforeAll, describe, test } from "vitest";
import { makeClipFile } from "../kit/clip_file.ts";
import { freeUdpPort } from "../kit/free_port.ts";
import { restClient } from "../kit/rest_client.ts";
import {
  gstreamerIsThere,
  type GstreamerSrtp,
  sendByGstreamer,
  watchByGstreamer,
} from "../kit/rtp_by_gstreamer.ts";
import { openByRest } from "../kit/rtp_endpoint_doors.ts";
import { answered, type OfferedRtp, rtpOffer } from "../kit/rtp_offer.ts";
import { startServer, type TestServer } from "../kit/server.ts";

const size = { width: 640, height: 360 };
const frameCount = 125;

let server: TestServer;
let folder: string;
let file: string;
beforeAll(async () => {
  folder = await Deno.makeTempDir();
  const realtime = ["-deadline", "realtime", "-cpu-used", "8", "-lag-in-frames", "0", "-auto-alt-ref", "0"];
  const video = ["-c:v", "libvpx", ...realtime, "-g", "25", "-b:v", "1M"];
  if (gstreamerIsThere()) {
    file = await makeClipFile(`${folder}/vp8.mkv`, { ...size, fps: 25, frameCount, video, audio: null });
  }
  server = await startServer({ env: { KASKADO_RTP_PORTS: "12000-13999", KASKADO_BIND: "" } });
});
afterAll(async () => {
  await server?.stop();
  await Deno.remove(folder, { recursive: true });
});

const keyOf = (length: number, from: number) =>
  Buffer.from(Uint8Array.from({ length }, (_, i) => from + i * 5));
const aes256 = { cipher: "aes-256-icm", bytes: 46 } as const;
type Suite = { cipher: GstreamerSrtp["cipher"]; auth: GstreamerSrtp["auth"]; bytes: number };
const suites: [string, Suite | null][] = [
  ["RTP/AVP", null],
  ["AES_256_CM_HMAC_SHA1_80", { ...aes256, auth: "hmac-sha1-80" }],
  ["AES_256_CM_HMAC_SHA1_32", { ...aes256, auth: "hmac-sha1-32" }],
  ["AES_CM_128_HMAC_SHA1_32", { cipher: "aes-128-icm", auth: "hmac-sha1-32", bytes: 30 }],
  ["AEAD_AES_128_GCM", { cipher: "aes-128-gcm", auth: "null", bytes: 28 }],
  ["AEAD_AES_256_GCM", { cipher: "aes-256-gcm", auth: "null", bytes: 44 }],
];

describe.skipIf(!gstreamerIsThere())("RtpEndpoint and GStreamer", () => {
  test.concurrent.for(suites)("media and reports go both ways: %s", async ([name, suite], { expect }) => {
    const door = await openByRest(server.baseUrl);
    const options = suite ? { srtpSuite: name } : {};
    await door.create("in", options);
    await door.create("out", options);
    await door.connect("in", "out");
    const theirs = keyOf(suite?.bytes ?? 0, 11);
    const section = (more: Partial<OfferedRtp>): OfferedRtp => ({
      kind: "video",
      codec: "VP8",
      payloadType: 96,
      port: 41_002,
      direction: "sendonly",
      protocol: suite ? "RTP/SAVP" : "RTP/AVP",
      lines: suite ? [`a=crypto:3 ${name} inline:${theirs.toString("base64")}`] : [],
      ...more,
    });
    const srtp = (key: string) => suite ? { cipher: suite.cipher, auth: suite.auth, key } : undefined;
    const port = await freeUdpPort() & ~1;
    const told = answered(
      await door.processOffer("out", rtpOffer([section({ port, direction: "recvonly" })])),
      "video",
    );
    const ours = Buffer.from(told.key, "base64").toString("hex");
    expect(ours.length).toBe(2 * (suite?.bytes ?? 0));
    const viewer = watchByGstreamer({
      port,
      ssrc: Number(told.lines.join("\n").match(/a=ssrc:(\d+)/)?.[1]),
      rtcpTarget: told.port + 1,
      srtp: srtp(ours),
      ownKey: theirs.toString("hex"),
    }, size);
    const target = answered(await door.processOffer("in", rtpOffer([section({})])), "video").port;
    const sender = sendByGstreamer(file, target, srtp(theirs.toString("hex")));
    await expect.poll(() => viewer.counters.length, { timeout: 15_000 }).toBeGreaterThan(60);
    // A round trip is measured from reports of both sides: ours was read there, theirs here.
    await expect.poll(async () => (await outbound(door.idOf("out"))).roundTripTime, { timeout: 8000 })
      .toBeGreaterThan(0);
    await Promise.all([viewer.stop(), sender.stop()]);
    const first = viewer.counters[0]!;
    expect(viewer.counters, viewer.log()).toEqual(viewer.counters.map((_, i) => first + i));
    await door.close();
  });

  async function outbound(id: string): Promise<{ roundTripTime: number }> {
    const { body } = await restClient(server.baseUrl).get(`/v1/elements/${id}/stats`);
    return Object.values<{ type: string; roundTripTime: number }>(body).find(({ type }) =>
      type === "outbound-rtp"
    )!;
  }
});
