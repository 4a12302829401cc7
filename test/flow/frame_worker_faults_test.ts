import { expect, test, type TestContext, vi } from "vitest";
import { readFrameCounter } from "../kit/clip.ts";
import { decodeVideo, type EncodableCodec, encodeVideoClip, type VideoClipOptions } from "../kit/ffmpeg.ts";
import { openProgram, type ProgramUnderTest } from "../kit/frame_program.ts";
import { continueUntil } from "../kit/until.ts";

vi.setConfig({ maxConcurrency: 3 });

/** Small: several encoders share two cores. */
const size = { width: 160, height: 120 };
const clip = (codec: EncodableCodec, frameCount: number, more: Partial<VideoClipOptions> = {}) =>
  encodeVideoClip({
    ...size,
    fps: 30,
    frameCount,
    keyframeInterval: 1000,
    bitrateBps: 1_000_000,
    codec,
    ...more,
  });

/** A transcoder of video in a worker of its own, until the test is over. */
async function transcoder({ onTestFinished }: TestContext): Promise<ProgramUnderTest> {
  const open = await openProgram({ kind: "transcode", media: "video" });
  onTestFinished(open.close);
  return open;
}

const countUp = (count: number) => Array.from({ length: count }, (_, index) => index);

const addOutput = async ({ program }: ProgramUnderTest, codec: string) =>
  (await program.call("addOutput", { format: { codec, format: codec } }) as { ssrc: number }).ssrc;

interface Stats {
  input: { decoded: number; frames: number; errors: number; lost: number };
  outputs: {
    ssrc: number;
    framesSent: number;
    framesDropped: number;
    latency: { medianMs: number; p99Ms: number };
  }[];
}
const stats = async ({ program }: ProgramUnderTest) => await program.call("stats") as Stats;

/** These and no others in this order; a few may lack for which the encoder had no time, and those it has counted. */
async function expectPictures(open: ProgramUnderTest, shown: unknown[], all: unknown[]): Promise<void> {
  const [{ framesDropped }] = (await stats(open)).outputs;
  expect(framesDropped).toBeLessThanOrEqual(all.length / 10);
  expect(shown.length).toBe(all.length - framesDropped);
  let at = 0;
  for (const each of all) if (String(shown[at]) === String(each)) at++;
  expect(shown.slice(at)).toEqual([]);
}

test("a viewer's PLI, and then a FIR, is answered with a keyframe by the next picture", async (context) => {
  const open = await transcoder(context);
  const { peer } = open;
  const outputs: [string, number][] = [];
  for (const codec of ["H264", "VP8", "VP9", "H265", "AV1"]) {
    outputs.push([codec, await addOutput(open, codec)]);
  }
  // Slower than in real time: what is tested is which picture it is, with five encoders on two cores.
  const playing = peer.play("VP8", clip("VP8", 60), 90_000, 0.5);
  const asked = new Map<number, number[]>(outputs.map(([, ssrc]) => [ssrc, []]));
  for (const [by, after] of [["PLI", 15], ["FIR", 35]] as const) {
    for (const [codec, ssrc] of outputs) {
      await peer.until(`${after} frames of ${codec}`, () => peer.frames(codec, ssrc).length >= after);
      asked.get(ssrc)!.push(peer.frames(codec, ssrc).length);
      peer.requestKeyframe(ssrc, by);
    }
  }
  await playing;
  for (const [codec, ssrc] of outputs) {
    // A busy machine leaves pictures out: those that were sent are counted.
    const keyframes = () =>
      peer.frames(codec, ssrc).flatMap(({ keyframe }, index) => keyframe ? [index] : []);
    await peer.until(`two more keyframes of ${codec}`, () => keyframes().length >= 3);
    expect([codec, keyframes().length, keyframes()[0]]).toEqual([codec, 3, 0]);
    asked.get(ssrc)!.forEach((at, request) => {
      expect(keyframes()[request + 1] - at, `request ${request} of ${codec}`).toBeLessThanOrEqual(2);
    });
  }
});

test.concurrent("loss asks the source for a keyframe, and damaged pictures are not shown", async (context) => {
  const open = await transcoder(context);
  const { peer } = open;
  const ssrc = await addOutput(open, "H264");
  const units = clip("VP8", 90, { keyframeInterval: 60 });
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
  await expectPictures(open, counters, countUp(90).filter((n) => n < 10 || n >= 60));
  // One at the start and at least one for the loss, within bounds: the source has the next only after 50 pictures.
  expect(peer.keyframeRequests).toBeGreaterThanOrEqual(2);
  expect(peer.keyframeRequests).toBeLessThan(8);
});

test.concurrent("two outputs are made of one decoded stream, and nothing is decoded for nobody", async (context) => {
  const open = await transcoder(context);
  const { peer } = open;
  const units = clip("H264", 60, { keyframeInterval: 15 });
  await peer.play("H264", units.slice(0, 15));
  await context.expect.poll(async () => (await stats(open)).input).toMatchObject({ frames: 15, decoded: 0 });
  const first = await addOutput(open, "H264");
  await addOutput(open, "VP8");
  await peer.play(
    "H264",
    units.slice(15).map((unit) => ({ ...unit, ptsMs: unit.ptsMs - 500 })),
    90_000,
    1,
    45_000,
  );
  // What an encoder had no time for is counted.
  await continueUntil("both", async () => {
    const { outputs } = await stats(open);
    return outputs.every(({ framesSent, framesDropped }) => framesSent + framesDropped === 45);
  });
  for (const { framesSent, ssrc } of (await stats(open)).outputs) {
    expect(framesSent).toBeGreaterThan(40);
    const codec = ssrc === first ? "H264" : "VP8";
    await peer.until(`all of ${codec}`, () => peer.frames(codec, ssrc).length === framesSent);
  }
  expect((await stats(open)).input).toMatchObject({ frames: 60, decoded: 45, errors: 0 });
});

test.concurrent("a source that changes its size and its codec goes on", async (context) => {
  const open = await transcoder(context);
  const { peer } = open;
  const ssrc = await addOutput(open, "VP8");
  const large = { width: 320, height: 240 };
  await peer.play("H264", clip("H264", 20, large));
  await peer.play("H264", clip("H264", 20), 90_000, 1, 20 * 3000);
  await peer.play("VP9", clip("VP9", 20, large), 90_000, 1, 40 * 3000);
  await peer.until("the last picture", () => peer.of(ssrc).at(-1)?.timestamp === 59 * 3000);
  const pictures = decodeVideo(peer.frames("VP8", ssrc).map(({ bytes }) => bytes), "VP8");
  await expectPictures(
    open,
    pictures.map(({ pixels, ...rest }) => [rest.width, readFrameCounter(pixels, rest)]),
    [320, 160, 320].flatMap((width) => countUp(20).map((counter) => [width, counter])),
  );
});

test.concurrent.for(["VP8", "VP9", "H264", "H265", "AV1"] as EncodableCodec[])(
  "hostile %s costs pictures, says so at a bounded rate, and ends nothing",
  async (codec, context) => {
    const open = await transcoder(context);
    const { peer } = open;
    const ssrc = await addOutput(open, "H264");
    const units = clip(codec, 30, { keyframeInterval: 10 });
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
    expect((await stats(open)).input.errors).toBeGreaterThan(0);
    expect(open.events.length).toBeLessThan(5);
    for (const event of open.events) expect(event).toMatchObject({ type: "error" });
  },
);

test("a killed worker is replaced and its program goes on with the same stream", async (context) => {
  const open = await transcoder(context);
  const { peer } = open;
  const ssrc = await addOutput(open, "VP8");
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

test("a program whose worker dies again and again is given up", async (context) => {
  const open = await transcoder(context);
  for (let deaths = 0; deaths < 4; deaths++) {
    await open.peer.until("the program", () => open.opened.length === deaths + 1, 15_000);
    Deno.kill((await workersOfThisProcess())[0], "SIGKILL");
    await open.peer.until("its death to be seen", () => open.failures.length === deaths + 1);
  }
  expect(open.failures.map(({ restarting }) => restarting)).toEqual([true, true, true, false]);
  await expect(open.program.call("stats")).rejects.toThrow("the program is closed");
});

test("no worker outlives the pool", async (context) => {
  const open = await transcoder(context);
  expect((await workersOfThisProcess()).length).toBe(1);
  await open.pool.close();
  expect(await workersOfThisProcess()).toEqual([]);
});

test.for([["VP8", "H264"], ["H264", "VP8"]] as [EncodableCodec, EncodableCodec][])(
  "%s to %s at 720p30 takes less than 50 ms",
  async ([from, to], context) => {
    const open = await transcoder(context);
    const { peer } = open;
    await addOutput(open, to);
    const frameCount = 90;
    await peer.play(from, clip(from, frameCount, { width: 1280, height: 720, bitrateBps: 2_000_000 }));
    const output = async () => (await stats(open)).outputs[0];
    await expect.poll(async () => {
      const { framesSent, framesDropped } = await output();
      return framesSent + framesDropped;
    }).toBeGreaterThanOrEqual(frameCount - 1);
    const { latency, framesSent } = await output();
    console.log(
      `latency ${from} to ${to}: median ${latency.medianMs.toFixed(1)} ms, p99 ${
        latency.p99Ms.toFixed(1)
      } ms`,
    );
    // What else runs on this machine costs pictures, not time.
    expect(framesSent).toBeGreaterThan(frameCount / 2);
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
