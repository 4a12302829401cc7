import { BURST, kaskadoTarget, onFreshServer, PACKET_BYTES, SETTLE_MS } from "./fanout.ts";
import type { BenchOptions } from "./options.ts";
import { cpuSince, cpuTime, rssBytes } from "./rig/accounts.ts";
import { type Generator, startGenerator } from "./rig/child.ts";
import type { Joined } from "./rig/generator_child.ts";
import { recordJavaScript } from "./rig/inspector.ts";
import { type BenchedServer, delay } from "./rig/server.ts";
import { latencyOf, round } from "./rig/window.ts";

const RUNNING_VIEWERS = 50;
const WANTED_PER_SECOND = 150;

/**
 * `deno task bench joins`: how many viewers per second get through to their first packet when all want in at once, and
 * what a steady stream of joins does to those who watch already.
 */
export async function joins(options: BenchOptions): Promise<unknown> {
  return await onFreshServer(options, async (server, address) => {
    const [publisher, running, joining] = [startGenerator(), startGenerator(), startGenerator()];
    const seconds = options.seconds ?? 6;
    try {
      const target = kaskadoTarget(server, address);
      await target.publish(publisher);
      const pps = options.pps ?? 100;
      await publisher.tell({ do: "load", load: { pps, burst: BURST, packetBytes: PACKET_BYTES } });
      await target.watch(running, RUNNING_VIEWERS);
      const scene = { server, running, joining, address };
      await storm(scene, 200, Infinity);
      await delay(SETTLE_MS);
      const before = await quiet(running, seconds);
      const steady = await storm(scene, WANTED_PER_SECOND * seconds, WANTED_PER_SECOND);
      const count = WANTED_PER_SECOND * seconds;
      const atOnce = await storm(scene, count, Infinity);
      const mainThread = options.profile
        ? await recordJavaScript(() => storm(scene, count, Infinity))
        : undefined;
      return { runningViewers: RUNNING_VIEWERS, latencyBeforeUs: before, steady, atOnce, mainThread };
    } finally {
      await Promise.all([publisher, running, joining].map((each) => each.close()));
    }
  });
}

interface StormScene {
  server: BenchedServer;
  running: Generator;
  joining: Generator;
  address: string;
}

async function quiet(running: Generator, seconds: number) {
  await running.tell({ do: "begin" });
  await delay(seconds * 1000);
  return latencyOf(await running.read());
}

/** Joins `count` viewers at `perSecond`, tells how it went and how the running ones fared; then all leave again. */
async function storm({ server, running, joining, address }: StormScene, count: number, perSecond: number) {
  await running.tell({ do: "begin" });
  const before = cpuTime(server.pid);
  const generatorBefore = cpuTime(joining.pid);
  const urls = new Array(count).fill(`${server.baseUrl}/whep/bench`);
  const finite = Math.min(perSecond, 1e9);
  const joined: Joined = await joining.watch(urls, { address, perSecond: finite, atOnce: 64 });
  const used = cpuSince(server.pid, before);
  const generatorUs = cpuSince(joining.pid, generatorBefore).runUs;
  const fared = await running.read();
  const rssMb = round(rssBytes(server.pid) / 1e6, 1);
  await joining.tell({ do: "leave", count });
  const sorted = joined.joinMs.toSorted((a, b) => a - b);
  return {
    joined: sorted.length,
    failed: joined.failures.length,
    firstFailure: joined.failures[0],
    perSecond: round(sorted.length * 1000 / joined.elapsedMs, 1),
    joinMs: { p50: round(sorted[sorted.length >> 1] ?? NaN, 1), max: round(sorted.at(-1) ?? NaN, 1) },
    serverCpuMsPerJoin: round(used.runUs / 1000 / count, 2),
    generatorCpuMsPerJoin: round(generatorUs / 1000 / count, 2),
    runningLatencyUs: latencyOf(fared),
    runningLost: fared.lost,
    rssMb,
  };
}
