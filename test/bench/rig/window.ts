import { cpuSince, type CpuTime, cpuTime, udpCounters } from "./accounts.ts";
import type { Generator } from "./child.ts";
import { Latencies, quantilesUs } from "./latency.ts";
import { recordProfile } from "./profile.ts";
import { delay } from "./server.ts";
import type { ViewerFigures } from "./viewers.ts";

/** What is measured in a stretch of steady load. */
export interface WindowFigures {
  seconds: number;
  profile: string;
  packetsPublished: number;
  packetsForwarded: number;
  /** By gaps in sequence numbers; `silentViewers` received nothing. */
  packetsLost: number;
  silentViewers: number;
  /** Of the sample that every viewer decrypts. */
  notAuthentic: number;
  /** Delivered by the kernel to any socket of this namespace, and dropped there because its owner was slow. */
  kernelDelivered: number;
  kernelDropped: number;
  cpuUsPerPacket: number;
  userUsPerPacket: number;
  systemUsPerPacket: number;
  /** Shares of one core. */
  serverCores: number;
  generatorCores: number;
  latencyUs: ReturnType<typeof quantilesUs>;
  /** Shares of one core, of the threads that use most. */
  busiestThreads: Record<string, number>;
  hotSpots?: string[];
}

/** Who takes part: a server's process, the generator that watches, and the one that publishes. */
export interface Scene {
  pid: number;
  viewers: Generator;
  publisher: Generator;
}

/** Measures for `seconds` from now. `per` says what CPU is divided by. */
export async function measureWindow(
  { pid, viewers, publisher }: Scene,
  seconds: number,
  { per = "forwarded", profile = false }: {
    per?: "forwarded" | "published" | "delivered";
    profile?: boolean;
  } = {},
): Promise<WindowFigures> {
  const generators = [viewers.pid, publisher.pid];
  const sentBefore = await sent(publisher);
  await viewers.tell({ do: "begin" });
  const udpBefore = udpCounters();
  const generatorsBefore = generators.map(cpuTime);
  const before = cpuTime(pid);
  const startMs = performance.now();
  const [hotSpots] = await Promise.all([
    profile ? recordProfile(pid, seconds) : undefined,
    delay(seconds * 1000),
  ]);
  const used = cpuSince(pid, before);
  const elapsedUs = (performance.now() - startMs) * 1000;
  const udpAfter = udpCounters();
  const generatorUs = generators.map((each, i) => cpuSince(each, generatorsBefore[i]).runUs);
  const figures = await viewers.read();
  const packetsPublished = await sent(publisher) - sentBefore;
  const kernelDelivered = udpAfter.InDatagrams - udpBefore.InDatagrams;
  const divisor = {
    forwarded: figures.packets,
    published: packetsPublished,
    delivered: kernelDelivered - packetsPublished,
  };
  return {
    seconds,
    packetsPublished,
    ...received(figures),
    packetsForwarded: per === "delivered" ? divisor.delivered : figures.packets,
    kernelDelivered,
    kernelDropped: udpAfter.RcvbufErrors - udpBefore.RcvbufErrors,
    ...perPacket(used, divisor[per]),
    serverCores: round(used.runUs / elapsedUs, 3),
    generatorCores: round(generatorUs.reduce((a, b) => a + b) / elapsedUs, 3),
    busiestThreads: busiest(used, elapsedUs),
    hotSpots,
  };
}

/** Quantiles of what a generator's viewers saw. */
export const latencyOf = ({ latencies }: ViewerFigures) =>
  quantilesUs(new Latencies(latencies.counts, latencies.max));

export const round = (value: number, digits: number) => Number(value.toFixed(digits));

async function sent(publisher: Generator): Promise<number> {
  return (await publisher.tell<{ packets: number }>({ do: "sent" })).packets;
}

function received(figures: ViewerFigures) {
  return {
    profile: figures.profile,
    packetsForwarded: figures.packets,
    packetsLost: figures.lost,
    silentViewers: figures.silent,
    notAuthentic: figures.notAuthentic,
    latencyUs: latencyOf(figures),
  };
}

/** The split is by the kernel's tick, scaled to the exact run time. */
function perPacket({ runUs, userUs, systemUs }: CpuTime, packets: number) {
  const scale = userUs + systemUs > 0 ? runUs / (userUs + systemUs) : 0;
  return {
    cpuUsPerPacket: round(runUs / packets, 2),
    userUsPerPacket: round(userUs * scale / packets, 2),
    systemUsPerPacket: round(systemUs * scale / packets, 2),
  };
}

function busiest({ threadsUs }: CpuTime, elapsedUs: number): Record<string, number> {
  const sorted = [...threadsUs.entries()].sort(([, a], [, b]) => b.us - a.us).slice(0, 4);
  return Object.fromEntries(sorted.map(([id, { name, us }]) => [`${name} ${id}`, round(us / elapsedUs, 3)]));
}
