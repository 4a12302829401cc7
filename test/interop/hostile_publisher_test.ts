import { Buffer } from "node:buffer";
import { createSocket } from "node:dgram";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { damagedUnit } from "../kit/damaged_h264.ts";
import { readFrameCounter } from "../kit/clip.ts";
import { continuityOf, unbroken } from "../kit/continuity.ts";
import { decodeVideo, type EncodedUnit, encodeVideoClip } from "../kit/ffmpeg.ts";
import { type LibdatachannelViewer, publish, watch, type WatchedCodec } from "../kit/libdatachannel.ts";
import { type MediaServer, startMediaServer } from "../kit/media_server.ts";
import { readRecording } from "../kit/recorded_file.ts";
import { answered, rtpOffer } from "../kit/rtp_offer.ts";
import { RtpSource } from "../kit/rtp_source.ts";
import { seeded } from "../kit/seeded.ts";
import { continueUntil } from "../kit/until.ts";
import { decodeClip } from "./received_clip.ts";

const MIB = 2 ** 20;
const fps = 20;
const clip = { width: 320, height: 192, fps, keyframeInterval: fps, bitrateBps: 300_000 };
const source = { type: "WebRtcEndpoint", name: "source" };

let media: MediaServer;
const toEnd: (() => Promise<unknown>)[] = [];
beforeAll(async () => void (media = await startMediaServer()));
afterAll(() => media?.stop());
afterEach(async () => {
  for (const end of toEnd.splice(0).reverse()) await end();
});

const url = (id: string, way: string) => `${media.server.baseUrl}/v1/elements/${id}/${way}`;

async function watchElement(id: string, codec: WatchedCodec): Promise<LibdatachannelViewer> {
  const viewer = await watch({ whepUrl: url(id, "whep"), codec });
  toEnd.push(() => viewer.close());
  return viewer;
}

async function publishInto(id: string, video: EncodedUnit[]) {
  const publisher = await publish({ whipUrl: url(id, "whip"), video, audio: [] });
  toEnd.push(() => publisher.close());
  return publisher;
}

/** A pipeline of somebody else: what it is sent is watched as it comes, and by somebody who needs another codec. */
async function bystander(seconds: number) {
  const { source: id } = await media.make([source]);
  const publisher = await publishInto(id, encodeVideoClip({ ...clip, frameCount: seconds * fps }));
  const [direct, transcoded] = [await watchElement(id, "H264"), await watchElement(id, "VP8")];
  return {
    /** After all that was sent: no picture is missing at one, and the other went on to the end. */
    expectUnharmed: async () => {
      await publisher.finished;
      const last = seconds * fps - 1;
      const countersOf = (viewer: LibdatachannelViewer, codec: "H264" | "VP8") =>
        decodeClip(viewer.video, viewer.audio, codec).counters as number[];
      await expect.poll(() => countersOf(direct, "H264").at(-1), { timeout: 3000 }).toBe(last);
      const seen = countersOf(direct, "H264");
      expect(seen).toEqual(seen.map((_, index) => seen[0] + index));
      expect(continuityOf(direct.video)).toEqual(unbroken);
      await expect.poll(() => countersOf(transcoded, "VP8").at(-1), { timeout: 3000 }).toBeGreaterThan(
        last - 5,
      );
      expect(media.heard(id, "Error")).toEqual([]);
    },
  };
}

/** The most memory that the server, and the largest of its workers, have had while it watched. */
function watchMemory() {
  const most = { server: 0, worker: 0 };
  const look = () => {
    most.server = Math.max(most.server, media.server.rssBytes());
    most.worker = Math.max(most.worker, ...workersOf(media.server.pid).map(rssOf));
  };
  look();
  const begin = most.server;
  const timer = setInterval(look, 100);
  toEnd.push(() => Promise.resolve(clearInterval(timer)));
  return { most, begin };
}

test(
  "H264 whose slices, parameter sets and units are damaged costs nobody else a picture, and is seen again when it is sound",
  async () => {
    const [goodSeconds, badSeconds, againSeconds] = [1, 4, 3];
    const seconds = goodSeconds + badSeconds + againSeconds;
    const recorders = (["MKV", "WEBM"] as const).map((mediaProfile) => ({
      type: "RecorderEndpoint",
      name: mediaProfile,
      options: { uri: `hostile.${mediaProfile.toLowerCase()}`, mediaProfile },
    }));
    const ids = await media.make(
      [source, ...recorders],
      recorders.map(({ name }) => ({ source: "source", sink: name })),
    );
    const units = encodeVideoClip({ ...clip, frameCount: seconds * fps });
    const random = seeded(11);
    const isBad = ({ ptsMs }: EncodedUnit) =>
      ptsMs >= goodSeconds * 1000 && ptsMs < (goodSeconds + badSeconds) * 1000;
    const sent = units.map((unit, index) =>
      isBad(unit) ? { ...unit, bytes: damagedUnit(unit.bytes, index, random) } : unit
    );
    const others = await bystander(seconds);
    for (const { name } of recorders) await media.call(ids[name], "record");
    const memory = watchMemory();
    const publisher = await publishInto(ids.source, sent);
    const [same, other] = [await watchElement(ids.source, "H264"), await watchElement(ids.source, "VP8")];
    await publisher.finished;

    // Whoever needs it decoded sees the last second again, whole.
    const countersOf = (viewer: LibdatachannelViewer, codec: "H264" | "VP8") =>
      decodeClip(viewer.video, viewer.audio, codec).counters;
    const last = units.length - 1;
    await expect.poll(() => countersOf(other, "VP8").at(-1), { timeout: 5000 }).toBeGreaterThan(last - 5);
    // What the viewer of the same codec was sent is what was published.
    const lastSecond = () =>
      decodeVideo(same.video.accessUnits().slice(-fps).map(({ bytes }) => bytes), "H264");
    const lastCounters = Array.from({ length: fps }, (_, index) => last - fps + 1 + index);
    await expect.poll(() => lastSecond().map((picture) => readFrameCounter(picture.pixels, picture)), {
      timeout: 5000,
    })
      .toEqual(lastCounters);
    const again = countersOf(other, "VP8").filter((counter) => counter! > last - 2 * fps);
    expect(again.length).toBeGreaterThan(1.5 * fps);
    expect(again).toEqual(again.toSorted((a, b) => a! - b!));
    for (const { name } of recorders) {
      await media.call(ids[name], "stopAndWait");
      const { pictures } = await readRecording(`${media.mediaDir}/hostile.${name.toLowerCase()}`);
      expect([name, pictures.map(({ counter }) => counter).slice(-fps)]).toEqual([name, lastCounters]);
    }

    // It is told of where it is, and not with every picture.
    const errors = [ids.source, ids.MKV, ids.WEBM].map((id) => media.heard(id, "Error"));
    expect(errors[0].length).toBeGreaterThan(0);
    expect(errors[1].length + errors[2].length).toBeGreaterThan(0);
    for (const told of errors) {
      expect(told.length).toBeLessThanOrEqual(badSeconds);
      for (const { type } of told) expect(type).toMatch(/^STREAM_ERROR/);
    }
    await others.expectUnharmed();
    expect(memory.most.server - memory.begin).toBeLessThan(150 * MIB);
    expect(memory.most.worker).toBeLessThan(700 * MIB);
  },
  60_000,
);

test("plain RTP with payloads of chance is borne likewise, and seen again when it is sound", async () => {
  const { rtp, recorder } = await media.make([
    { type: "RtpEndpoint", name: "rtp" },
    { type: "RecorderEndpoint", name: "recorder", options: { uri: "chance.mkv", mediaProfile: "MKV" } },
  ], [{ source: "rtp", sink: "recorder" }]);
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  toEnd.push(() => Promise.resolve(socket.close()));
  const offer = rtpOffer([
    { kind: "video", port: socket.address().port, payloadType: 96, codec: "VP8", direction: "sendonly" },
  ]);
  const { port } = answered(await media.call(rtp, "processOffer", { offer }), "video");
  const others = await bystander(6);
  const viewer = await watchElement(rtp, "H264");
  await media.call(recorder, "record");
  const memory = watchMemory();

  const random = seeded(5);
  const stream = new RtpSource("VP8", 4711);
  const units = encodeVideoClip({ ...clip, codec: "VP8", frameCount: 2 * fps });
  const startedMs = performance.now();
  const send = async (frame: Uint8Array, atMs: number, spoil: (packet: Uint8Array) => Uint8Array) => {
    for (const packet of stream.packets(frame, atMs)) {
      socket.send(Buffer.from(spoil(packet)), port, "127.0.0.1");
    }
    await continueUntil("the next picture", () => performance.now() - startedMs >= atMs);
  };
  /** The header stays, and a few bytes of what describes the payload at times. */
  const spoilt = (packet: Uint8Array) => {
    const kept = 12 + Math.floor(random() * 12);
    const length = random() < 0.3 ? kept + Math.floor(random() * (packet.length - 12)) : packet.length;
    return packet.slice(0, Math.max(13, length)).map((byte, at) => at < kept ? byte : random() * 256);
  };
  for (const [index, { bytes }] of units.entries()) await send(bytes, index * 50, spoilt);
  for (const [index, { bytes }] of units.entries()) {
    await send(bytes, (units.length + index) * 50, (packet) => packet);
  }

  const counters = () => decodeClip(viewer.video, viewer.audio).counters;
  await expect.poll(() => counters().at(-1), { timeout: 5000 }).toBeGreaterThan(units.length - 5);
  await media.call(recorder, "stopAndWait");
  const { pictures } = await readRecording(`${media.mediaDir}/chance.mkv`);
  expect(pictures.at(-1)!.counter).toBe(units.length - 1);
  expect(media.heard(rtp, "Error").length).toBeLessThanOrEqual(3);
  await others.expectUnharmed();
  expect(memory.most.server - memory.begin).toBeLessThan(150 * MIB);
  expect(memory.most.worker).toBeLessThan(500 * MIB);
}, 60_000);

/** Child processes of the server that hold FFmpeg. */
function workersOf(pid: number): number[] {
  const text = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim();
  return text === "" ? [] : text.split(" ").map(Number);
}

/** 0 for one that is gone. */
function rssOf(pid: number): number {
  try {
    return Number(/^VmRSS:\s*(\d+) kB/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
