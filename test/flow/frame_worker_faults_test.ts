import { afterEach, expect, test } from "vitest";
import { readFrameCounter } from "../kit/clip.ts";
import { decodeVideo, type EncodableCodec, encodeVideoClip } from "../kit/ffmpeg.ts";
import { openProgram, type ProgramUnderTest } from "../kit/frame_program.ts";

const size = { width: 320, height: 240 };
let open: ProgramUnderTest;
afterEach(() => open?.close());

const clip = (codec: EncodableCodec, frameCount: number, keyframeInterval = 1000) =>
  encodeVideoClip({ ...size, fps: 30, frameCount, keyframeInterval, bitrateBps: 1_000_000, codec });

const addOutput = async (codec: string) =>
  (await open.program.call("addOutput", { format: { codec, format: codec } }) as { ssrc: number }).ssrc;

interface Stats {
  input: { decoded: number; frames: number; errors: number; lost: number };
  outputs: { framesSent: number; framesDropped: number; latency: { medianMs: number; p99Ms: number } }[];
}
const stats = async () => await open.program.call("stats") as Stats;

test.each(["PLI", "FIR"] as const)(
  "a viewer's %s is answered with a keyframe by the next picture",
  async (by) => {
    open = await openProgram({ kind: "transcode", media: "video" });
    const { peer } = open;
    const outputs: [string, number][] = [];
    for (const codec of ["H264", "VP8", "VP9", "H265", "AV1"]) outputs.push([codec, await addOutput(codec)]);
    const units = clip("VP8", 90);
    // Slower than in real time: what is tested is which picture it is, with five encoders on two cores.
    const playing = peer.play("VP8", units, 90_000, 0.5);
    const asked = new Map<number, number>();
    for (const [codec, ssrc] of outputs) {
      await peer.until(`30 frames of ${codec}`, () => peer.frames(codec, ssrc).length >= 30);
      asked.set(ssrc, peer.frames(codec, ssrc).length);
      peer.requestKeyframe(ssrc, by);
    }
    await playing;
    for (const [codec, ssrc] of outputs) {
      // A busy machine leaves pictures out: those that were sent are counted.
      const keyframes = () =>
        peer.frames(codec, ssrc).flatMap(({ keyframe }, index) => keyframe ? [index] : []);
      await peer.until(`another keyframe of ${codec}`, () => keyframes().length >= 2);
      expect([codec, keyframes().length, keyframes()[0]]).toEqual([codec, 2, 0]);
      expect(keyframes()[1] - asked.get(ssrc)!).toBeLessThanOrEqual(2);
    }
  },
);

test("loss asks the source for a keyframe, and damaged pictures are not shown", async () => {
  open = await openProgram({ kind: "transcode", media: "video" });
  const { peer } = open;
  const ssrc = await addOutput("H264");
  const units = clip("VP8", 90, 30);
  expect(peer.keyframeRequests).toBe(0);
  for (const [index, { bytes }] of units.entries()) {
    // The tenth frame loses its middle.
    if (index === 10) expect(peer.sendFrame("VP8", bytes, index * 3000, [0])).toBeGreaterThan(0);
    else peer.sendFrame("VP8", bytes, index * 3000);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  await peer.until("the last picture", () => peer.frames("H264", ssrc).at(-1)?.timestamp === 89 * 3000);
  const counters = decodeVideo(peer.frames("H264", ssrc).map(({ bytes }) => bytes), "H264")
    .map(({ pixels }) => readFrameCounter(pixels, size));
  expect(counters).toEqual(Array.from({ length: 90 }, (_, index) => index).filter((n) => n < 10 || n >= 30));
  // One at the start and at least one for the loss, within bounds.
  expect(peer.keyframeRequests).toBeGreaterThanOrEqual(2);
  expect(peer.keyframeRequests).toBeLessThan(8);
});

test("two outputs are made of one decoded stream, and nothing is decoded for nobody", async () => {
  open = await openProgram({ kind: "transcode", media: "video" });
  const { peer } = open;
  const units = clip("H264", 60, 15);
  await peer.play("H264", units.slice(0, 15));
  await expect.poll(async () => (await stats()).input).toMatchObject({ frames: 15, decoded: 0 });
  const [first, second] = [await addOutput("H264"), await addOutput("VP8")];
  await peer.play(
    "H264",
    units.slice(15).map((unit) => ({ ...unit, ptsMs: unit.ptsMs - 500 })),
    90_000,
    1,
    45_000,
  );
  await peer.until(
    "both",
    () => peer.frames("VP8", second).length === 45 && peer.frames("H264", first).length === 45,
  );
  expect((await stats()).input).toMatchObject({ frames: 60, decoded: 45, errors: 0 });
});

test("a source that changes its size and its codec goes on", async () => {
  open = await openProgram({ kind: "transcode", media: "video" });
  const { peer } = open;
  const ssrc = await addOutput("VP8");
  const small = { width: 160, height: 120 };
  await peer.play("H264", clip("H264", 20));
  const next = encodeVideoClip({ ...small, fps: 30, frameCount: 20, keyframeInterval: 100, bitrateBps: 5e5 });
  await peer.play("H264", next, 90_000, 1, 20 * 3000);
  await peer.play("VP9", clip("VP9", 20), 90_000, 1, 40 * 3000);
  await peer.until("60 pictures", () => peer.frames("VP8", ssrc).length >= 60);
  const pictures = decodeVideo(peer.frames("VP8", ssrc).map(({ bytes }) => bytes), "VP8");
  expect(pictures.map(({ width }) => width)).toEqual(
    [20, 20, 20].flatMap((n, i) => Array(n).fill([320, 160, 320][i])),
  );
  expect(pictures.map(({ pixels, ...rest }) => readFrameCounter(pixels, rest)))
    .toEqual([0, 1, 2].flatMap(() => Array.from({ length: 20 }, (_, index) => index)));
});

test("a killed worker is replaced and its program goes on with the same stream", async () => {
  open = await openProgram({ kind: "transcode", media: "video" });
  const { peer } = open;
  const ssrc = await addOutput("VP8");
  await peer.play("H264", clip("H264", 15));
  await peer.until("pictures", () => peer.frames("VP8", ssrc).length >= 15);
  const [pid] = await workersOfThisProcess();
  const before = peer.packets.length;
  Deno.kill(pid, "SIGKILL");
  await peer.until("the program to be back", () => open.opened.length === 2);
  expect(open.failures).toEqual([{ reason: expect.stringContaining("SIGKILL"), restarting: true }]);
  expect(open.opened[1]).not.toBe(open.opened[0]);
  await peer.play("H264", clip("H264", 15), 90_000, 1, 90_000);
  await peer.until(
    "pictures again",
    () => peer.packets.slice(before).filter((packet) => packet.ssrc === ssrc).length >= 15,
  );
  expect(await workersOfThisProcess()).not.toContain(pid);
});

test("a program whose worker dies again and again is given up", async () => {
  open = await openProgram({ kind: "transcode", media: "video" });
  for (let deaths = 0; deaths < 4; deaths++) {
    await open.peer.until("the program", () => open.opened.length === deaths + 1, 15_000);
    Deno.kill((await workersOfThisProcess())[0], "SIGKILL");
    await open.peer.until("its death to be seen", () => open.failures.length === deaths + 1);
  }
  expect(open.failures.map(({ restarting }) => restarting)).toEqual([true, true, true, false]);
  await expect(open.program.call("stats")).rejects.toThrow("the program is closed");
});

test("no worker outlives the pool", async () => {
  open = await openProgram({ kind: "transcode", media: "video" });
  expect((await workersOfThisProcess()).length).toBe(1);
  await open.pool.close();
  expect(await workersOfThisProcess()).toEqual([]);
});

test.each(["VP8", "VP9", "H264", "H265", "AV1"] as EncodableCodec[])(
  "hostile %s costs pictures, says so at a bounded rate, and ends nothing",
  async (codec) => {
    open = await openProgram({ kind: "transcode", media: "video" });
    const { peer } = open;
    const ssrc = await addOutput("H264");
    const units = clip(codec, 30, 10);
    let seed = 1;
    const random = () => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff;
    for (let round = 0; round < 300; round++) {
      const bytes = units[round % 3 === 0 ? 0 : round % 30].bytes.slice();
      if (round % 4 === 1) bytes.fill(0xff, 0, 12);
      for (let i = 0; i < 1 + round % 20; i++) bytes[Math.floor(random() * bytes.length)] = random() * 256;
      peer.sendFrame(
        codec,
        round % 5 === 0 ? bytes.subarray(0, Math.floor(random() * bytes.length) + 1) : bytes,
        round * 3000,
      );
      const noise = Uint8Array.from({ length: 1 + Math.floor(random() * 200) }, () => random() * 256);
      peer.send(noise);
      if (round % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const base = 1000 * 3000;
    await peer.play(codec, units, 90_000, 1, base);
    await peer.until(
      "the last good picture",
      () => peer.frames("H264", ssrc).at(-1)?.timestamp === base + 29 * 3000,
    );
    expect(open.failures).toEqual([]);
    expect((await stats()).input.errors).toBeGreaterThan(0);
    expect(open.events.length).toBeLessThan(5);
    for (const event of open.events) expect(event).toMatchObject({ type: "error" });
  },
);

test.each([["VP8", "H264"], ["H264", "VP8"]] as [EncodableCodec, EncodableCodec][])(
  "%s to %s at 720p30 takes less than 50 ms",
  async (from, to) => {
    open = await openProgram({ kind: "transcode", media: "video" });
    const { peer } = open;
    await addOutput(to);
    const hd = {
      width: 1280,
      height: 720,
      fps: 30,
      frameCount: 150,
      keyframeInterval: 1000,
      bitrateBps: 2_000_000,
    };
    await peer.play(from, encodeVideoClip({ ...hd, codec: from }));
    await expect.poll(async () => (await stats()).outputs[0].framesSent).toBeGreaterThanOrEqual(149);
    const [{ latency, framesDropped }] = (await stats()).outputs;
    console.log(
      `latency ${from} to ${to}: median ${latency.medianMs.toFixed(1)} ms, p99 ${
        latency.p99Ms.toFixed(1)
      } ms`,
    );
    expect(framesDropped).toBe(0);
    expect(latency.medianMs).toBeLessThan(50);
  },
);

/** Process ids of the children that are frame workers. */
async function workersOfThisProcess(): Promise<number[]> {
  const text = await Deno.readTextFile(`/proc/${Deno.pid}/task/${Deno.pid}/children`).catch(() => "");
  const all = text.trim() === "" ? await childrenByStat() : text.trim().split(" ").map(Number);
  const isWorker = (pid: number) => {
    try {
      return Deno.readTextFileSync(`/proc/${pid}/cmdline`).includes("frame/worker/main.ts");
    } catch {
      return false;
    }
  };
  return all.filter(isWorker);
}

/** Where the kernel does not list children: by the parent that each process names. */
async function childrenByStat(): Promise<number[]> {
  const found: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    const stat = /^\d+$/.test(name) ? await Deno.readTextFile(`/proc/${name}/stat`).catch(() => "") : "";
    if (Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === Deno.pid) found.push(Number(name));
  }
  return found;
}
