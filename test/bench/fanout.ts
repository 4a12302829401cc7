import type { BenchOptions } from "./options.ts";
import { rssBytes } from "./rig/accounts.ts";
import { type Generator, startGenerator } from "./rig/child.ts";
import type { Joined } from "./rig/generator_child.ts";
import { median } from "./rig/latency.ts";
import { inspectFlag } from "./rig/inspector.ts";
import { perfFlag } from "./rig/profile.ts";
import { type BenchedServer, delay, startKaskado } from "./rig/server.ts";
import { measureWindow, round, type WindowFigures } from "./rig/window.ts";

/** The load of one fan-out: one publisher, many viewers. */
export interface FanoutLoad {
  viewers: number;
  pps: number;
  seconds: number;
  /** Record where the time goes; costs a little itself. */
  profile: boolean;
  /** The only SRTP profile that clients offer; all without. */
  srtpProfile?: string;
  /** Look at memory at rest too, which takes a minute. */
  rest?: boolean;
}

/** What one run of a fan-out gave. */
export interface FanoutFigures extends WindowFigures {
  server: string;
  viewers: number;
  pps: number;
  rssMb: number;
  /** Beyond the first ten, right after the window: most of what joining left behind is still there. */
  kbPerViewer: number;
  /** The same half a minute later, against the first ten at rest. */
  kbPerViewerAtRest?: number;
}

/** Frames of ten packets. */
export const BURST = 10;
export const PACKET_BYTES = 1200;
export const SETTLE_MS = 2500;
/** A viewer's share of memory is counted from the eleventh on. */
const FIRST_VIEWERS = 10;
/** Until V8 has collected and the C library has given back what a crowd of joins left. */
const REST_MS = 30_000;

/** How a bench reaches a server: joins viewers, starts the publisher, and where the generator's sockets are. */
export interface Target {
  name: string;
  server: BenchedServer;
  publish(publisher: Generator): Promise<void>;
  watch(viewers: Generator, count: number): Promise<void>;
  /** Forwarded packets are what the kernel delivered less what was published; the viewers count a sample only. */
  kernelCounts?: boolean;
}

/** Kaskado as a target: WHIP and WHEP of one stream. `address` is the generator's. */
export function kaskadoTarget(server: BenchedServer, address: string): Target {
  return {
    name: "kaskado",
    server,
    publish: (publisher) => publisher.publish([`${server.baseUrl}/whip/bench`], address),
    watch: (viewers, count) =>
      watchAll(viewers, new Array(count).fill(`${server.baseUrl}/whep/bench`), address),
  };
}

/** The same with viewers on libdatachannel, ten of which hand their packets on. */
function libdatachannelTarget(server: BenchedServer, address: string): Target {
  return {
    ...kaskadoTarget(server, address),
    name: "kaskado, viewers on libdatachannel",
    async watch(viewers, count) {
      const urls = new Array(count).fill(`${server.baseUrl}/whep/bench`);
      const sampled = Math.min(count, FIRST_VIEWERS);
      const { failures } = await viewers.tell<Joined>({
        do: "watchNdc",
        urls,
        sampled: count > sampled ? 0 : sampled,
      });
      if (failures.length > 0) {
        throw new Error(`${failures.length} of ${count} viewers failed: ${failures[0]}`);
      }
    },
    kernelCounts: true,
  };
}

/** Opens a viewer of each URL; throws when one does not get through to its first packet. */
export async function watchAll(viewers: Generator, urls: string[], address: string): Promise<void> {
  const { failures } = await viewers.watch(urls, { address });
  if (failures.length > 0) {
    throw new Error(`${failures.length} of ${urls.length} viewers failed: ${failures[0]}`);
  }
}

/** Fills the target with viewers, waits until it is quiet, and measures for `load.seconds`. */
export async function measureFanout(target: Target, load: FanoutLoad): Promise<FanoutFigures> {
  const publisher = startGenerator(load.srtpProfile);
  const viewers = startGenerator(load.srtpProfile);
  const { pid } = target.server;
  try {
    await target.publish(publisher);
    await publisher.tell({ do: "load", load: { pps: load.pps, burst: BURST, packetBytes: PACKET_BYTES } });
    const first = Math.min(FIRST_VIEWERS, load.viewers);
    await target.watch(viewers, first);
    await delay(load.rest ? REST_MS : SETTLE_MS);
    const rssBefore = rssBytes(pid);
    if (load.viewers > first) await target.watch(viewers, load.viewers - first);
    await delay(SETTLE_MS);
    const figures = await measureWindow({ pid, viewers, publisher }, load.seconds, {
      profile: load.profile,
      per: target.kernelCounts ? "delivered" : "forwarded",
    });
    const rss = rssBytes(pid);
    const perViewer = (bytes: number) =>
      round((bytes - rssBefore) / 1000 / Math.max(1, load.viewers - first), 1);
    if (load.rest) await delay(REST_MS);
    return {
      server: target.name,
      viewers: load.viewers,
      pps: load.pps,
      ...figures,
      rssMb: round(rss / 1e6, 1),
      kbPerViewer: perViewer(rss),
      ...(load.rest ? { kbPerViewerAtRest: perViewer(rssBytes(pid)) } : {}),
    };
  } finally {
    await Promise.all([publisher.close(), viewers.close()]);
  }
}

/** The middle run of several, by CPU per packet. */
export function middle<Run extends WindowFigures>(runs: Run[]): Run {
  const centre = median(runs.map((run) => run.cpuUsPerPacket));
  return runs.reduce((best, run) =>
    Math.abs(run.cpuUsPerPacket - centre) < Math.abs(best.cpuUsPerPacket - centre) ? run : best
  );
}

/** Runs `work` with a fresh server on loopback. */
export async function onFreshServer<Result>(
  options: BenchOptions,
  work: (server: BenchedServer, address: string) => Promise<Result>,
): Promise<Result> {
  const address = "127.0.0.1";
  const env: Record<string, string> = options.native ? { KASKADO_NATIVE: options.native } : {};
  const server = await startKaskado({
    prefix: [],
    address,
    env,
    flags: options.profile ? [perfFlag, inspectFlag] : [],
  });
  try {
    return await work(server, address);
  } finally {
    await server.stop();
  }
}

/** `deno task bench fanout`: 100 and 200 viewers at 300 packets/s unless told otherwise. */
export async function fanout(options: BenchOptions): Promise<FanoutFigures[]> {
  const { pps = 300, seconds = 5, profile } = options;
  const srtpProfile = options.srtp === "cm" ? "AES128_CM_HMAC_SHA1_80" : undefined;
  const target = options.clients === "libdatachannel" ? libdatachannelTarget : kaskadoTarget;
  const results: FanoutFigures[] = [];
  for (const viewers of options.viewers ? [options.viewers] : [100, 200]) {
    const runs: FanoutFigures[] = [];
    const count = options.runs ?? 3;
    for (let run = 0; run < count; run++) {
      const load = { viewers, pps, seconds, profile, srtpProfile, rest: run === count - 1 };
      runs.push(
        await onFreshServer(options, (server, address) => measureFanout(target(server, address), load)),
      );
    }
    const { kbPerViewerAtRest } = runs[count - 1];
    const eachRun = runs.map((run) => run.cpuUsPerPacket);
    results.push({ ...middle(runs), kbPerViewerAtRest, eachRun } as FanoutFigures);
  }
  return results;
}
