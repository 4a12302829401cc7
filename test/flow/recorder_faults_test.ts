import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RecordProfile, RecordSpec } from "../../src/frame/mod.ts";
import { type EncodableCodec, type EncodedUnit, encodeVideoClip } from "../kit/ffmpeg.ts";
import { readRecording } from "../kit/recorded_file.ts";
import { encodeBeeps, playStreams, RecorderRig, type RecorderUnderTest } from "../kit/recorder_rig.ts";
import { RtpSource } from "../kit/rtp_source.ts";
import { isSigned, UploadServer } from "../kit/upload_server.ts";

const size = { width: 320, height: 240 };
const fps = 30;
const clip = (codec: EncodableCodec) =>
  encodeVideoClip({ ...size, fps, frameCount: 6 * fps, keyframeInterval: 30, bitrateBps: 400_000, codec });
const clips = { H264: clip("H264"), VP8: clip("VP8") };
const beeps = encodeBeeps(300);
let rig: RecorderRig;
beforeEach(() => void (rig = new RecorderRig()));
afterEach(() => rig.close());

const part = (units: EncodedUnit[], fromMs: number, toMs: number) =>
  units.filter(({ ptsMs }) => ptsMs >= fromMs && ptsMs < toMs);

/** Sources that go on where they were when they are played in parts. */
function sources(to: RecorderUnderTest[], codec: "H264" | "VP8" = "VP8") {
  const peers = to.map(({ peer }) => peer);
  const [pictures, sound] = [new RtpSource(codec, 1), new RtpSource("OPUS", 2, 77)];
  return (fromMs: number, toMs: number) =>
    playStreams([
      { source: pictures, units: part(clips[codec], fromMs, toMs), to: peers },
      { source: sound, units: part(beeps, fromMs, toMs), to: peers },
    ]);
}

async function recording(name: string, profile: RecordProfile, more: Partial<RecordSpec> = {}) {
  const recorder = await rig.open(name, profile, more);
  await recorder.program.call("record");
  return recorder;
}

const errorsOf = ({ events }: RecorderUnderTest) => events.filter((event) => event.type === "error");
const filesOf = ({ events }: RecorderUnderTest) => events.filter((event) => event.type === "segment");
const countersOf = async (path: string) => (await readRecording(path)).pictures.map(({ counter }) => counter);
const upTo = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index);

test("after the kill of a worker every file plays up to its last second, and the recording goes on in others", async () => {
  const kinds: [string, RecordProfile, "H264" | "VP8"][] = [
    ["a.webm", "WEBM", "VP8"],
    ["b.mkv", "MKV", "H264"],
    ["c.mp4", "MP4", "H264"],
    ["d.mp4", "FMP4", "H264"],
    ["e.flv", "FLV", "H264"],
    ["f.m3u8", "HLS", "H264"],
  ];
  const recorders: RecorderUnderTest[] = [];
  for (const [name, profile] of kinds) recorders.push(await recording(name, profile));
  const parts = ["H264", "VP8"] as const;
  const playing = parts.map((codec) =>
    sources(recorders.filter((_, index) => kinds[index][2] === codec), codec)
  );
  const play = (fromMs: number, toMs: number) => Promise.all(playing.map((part) => part(fromMs, toMs)));
  await play(0, 3000);
  await rig.killWorker();
  for (const { peer, opened } of recorders) await peer.until("a new worker", () => opened.length === 2);
  for (const { program } of recorders) await program.call("stats");
  for (const [name] of kinds) {
    const { pictures, packets, decodeErrors } = await readRecording(`${rig.mediaDir}/${name}`);
    expect(decodeErrors).toBe(0);
    expect(pictures.map(({ counter }) => counter)).toEqual(upTo(pictures.length));
    expect(pictures.length).toBeGreaterThan(2 * fps);
    const lastSound = packets.filter(({ media }) => media === "audio").at(-1)!;
    expect(lastSound.atMs).toBeGreaterThan(2000);
  }
  await play(3000, 5000);
  for (const [index, recorder] of recorders.entries()) {
    while (await recorder.framesOf("video") < 2 * fps);
    await recorder.program.call("stopAndWait");
    const paths = filesOf(recorder).map(({ path }) => path).filter((path) => path.includes("Z"));
    expect(paths[0]).toMatch(/[a-f]-\d{8}T\d{9}Z(-00001)?\.(webm|mkv|mp4|flv|ts)$/);
    const counters = (await Promise.all(paths.map(countersOf))).flat();
    expect([kinds[index][0], counters]).toEqual([kinds[index][0], upTo(2 * fps, 3 * fps)]);
  }
});

describe("places that a recording cannot go to are told by an event", () => {
  test.each([
    ["outside of the folder", () => "file:///tmp/elsewhere.webm", "INVALID_URI"],
    ["out of it by dots", () => `file://${rig.mediaDir}/../elsewhere.webm`, "INVALID_URI"],
    ["out of it by escaped dots", () => `file://${rig.mediaDir}/%2e%2e/elsewhere.webm`, "INVALID_URI"],
    ["out of it by a link", () => "link/a.webm", "INVALID_URI"],
    ["onto a link", () => "linked.webm", "RESOURCE_ERROR_OPEN"],
    ["onto a folder", () => "folder", "RESOURCE_ERROR_OPEN"],
    ["below a file", () => "file/a.webm", "RESOURCE_ERROR_OPEN"],
    ["to a scheme that takes none", () => "rtmp://127.0.0.1/live", "INVALID_URI"],
    ["to no URI", () => "nonsense://", "INVALID_URI"],
    ["to a host without an address", () => "http://no-such-host.invalid/a.webm", "RESOURCE_ERROR_OPEN"],
  ])("%s", async (_title, uri, kind) => {
    Deno.symlinkSync("/tmp", `${rig.mediaDir}/link`);
    Deno.symlinkSync("/tmp/elsewhere.webm", `${rig.mediaDir}/linked.webm`);
    Deno.mkdirSync(`${rig.mediaDir}/folder`);
    Deno.writeTextFileSync(`${rig.mediaDir}/file`, "");
    const recorder = await recording(uri(), "WEBM");
    await recorder.peer.until(
      "the end",
      () => recorder.events.some((event) => event.type === "state" && event.state === "stopped"),
    );
    expect(errorsOf(recorder).map((event) => event.kind)).toEqual([kind]);
    expect(() => Deno.statSync("/tmp/elsewhere.webm")).toThrow();
  });

  test("a private address, where those are not allowed", async () => {
    const recorder = await recording("http://127.0.0.1:9/a.webm", "WEBM", { allowPrivateHosts: false });
    await recorder.peer.until("an error", () => errorsOf(recorder).length > 0);
    expect(errorsOf(recorder)[0]).toMatchObject({
      kind: "INVALID_URI",
      description: expect.stringContaining("private"),
    });
  });
});

describe("uploads", () => {
  let server: UploadServer;
  beforeEach(async () => void (server = await UploadServer.open()));
  afterEach(() => server.close());

  const url = (path: string, user = "") => `http://${user}127.0.0.1:${server.port}${path}`;

  test("a finished file goes by one PUT with its length and user, and nothing of it stays here", async () => {
    const recorder = await recording(url("/in/a%20b.webm?key=1", "me:p%40ss@"), "WEBM");
    await sources([recorder])(0, 1000);
    expect(await recorder.program.call("stopAndWait")).toEqual({ isFinished: true });
    const [{ method, path, headers, body }] = server.uploads;
    expect([server.uploads.length, method, path]).toEqual([1, "PUT", "/in/a%20b.webm?key=1"]);
    expect(headers).toMatchObject({
      "content-length": String(body.length),
      "content-type": "video/webm",
      authorization: `Basic ${btoa("me:p@ss")}`,
    });
    expect(headers["transfer-encoding"]).toBeUndefined();
    expect(recorder.events).toContainEqual(
      expect.objectContaining({ type: "progress", job: "upload", total: body.length }),
    );
    const copy = `${rig.mediaDir}/copy.webm`;
    Deno.writeFileSync(copy, body);
    expect(await countersOf(copy)).toEqual(upTo((await countersOf(copy)).length));
    expect(filesOf(recorder)[0]).toMatchObject({ path: url("/in/a%20b.webm"), bytes: body.length });
    Deno.removeSync(copy);
    expect([...Deno.readDirSync(`${rig.mediaDir}/.uploads`)]).toEqual([]);
  });

  test("segments and the playlist of HLS go as they are finished, signed for S3 where there are credentials", async () => {
    const s3 = { accessKeyId: "AKID", secretAccessKey: "secret/+", region: "eu-north-1" };
    const recorder = await recording(url("/bucket/talk/live.m3u8"), "HLS", { segmentMs: 1000, s3 });
    await sources([recorder])(0, 2500);
    await recorder.peer.until("the first upload", () => server.uploads.length > 0);
    await recorder.program.call("stopAndWait");
    const paths = server.uploads.map(({ path }) => path);
    expect(paths.slice(0, 2)).toEqual(["/bucket/talk/live-00001.ts", "/bucket/talk/live.m3u8"]);
    expect(paths.at(-1)).toBe("/bucket/talk/live.m3u8");
    expect(new TextDecoder().decode(server.uploads.at(-1)!.body)).toContain("#EXT-X-ENDLIST");
    for (const upload of server.uploads) expect(isSigned(upload, s3)).toBe(true);
    expect(isSigned(server.uploads[0], { ...s3, secretAccessKey: "another" })).toBe(false);
  });

  test("what a server refuses for the moment is sent again; a refusal for good keeps the file and says where", async () => {
    server.answers.push(503, 200);
    const [patient, refused] = [
      await recording(url("/a.webm"), "WEBM"),
      await recording(url("/b.webm"), "WEBM"),
    ];
    await sources([patient, refused])(0, 1000);
    await patient.program.call("stopAndWait");
    expect(server.uploads.map(({ path }) => path)).toEqual(["/a.webm", "/a.webm"]);
    expect([errorsOf(patient).length, filesOf(patient).length]).toEqual([0, 1]);
    server.answers.push(302);
    await refused.program.call("stopAndWait");
    expect(server.uploads.length).toBe(3);
    const [{ kind, description }] = errorsOf(refused);
    expect(kind).toBe("RESOURCE_ERROR_WRITE");
    expect(description).toContain("answered 302");
    const kept = /kept in (.*) and is sent later$/.exec(description)![1];
    expect((await countersOf(kept)).length).toBeGreaterThan(10);
    expect(refused.events.at(-1)).toEqual({ type: "state", state: "stopped" });
  });
});
