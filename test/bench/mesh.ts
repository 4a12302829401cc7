import { BURST, onFreshServer, PACKET_BYTES, SETTLE_MS, watchAll } from "./fanout.ts";
import type { BenchOptions } from "./options.ts";
import { rssBytes } from "./rig/accounts.ts";
import { startGenerator } from "./rig/child.ts";
import { delay } from "./rig/server.ts";
import { measureWindow, round } from "./rig/window.ts";

/** Streams that are published, and what watches them: URLs as often as viewers are wanted. */
interface Crowd {
  streams: string[];
  watched: string[];
  pps: number;
  per: "forwarded" | "published";
}

/** `deno task bench mesh`: ten rooms of ten, everyone publishes to everyone else of the room. */
export function mesh(options: BenchOptions): Promise<unknown> {
  const members = Array.from({ length: 10 }, (_, i) => i);
  const streams = members.flatMap((room) => members.map((member) => `room${room}_${member}`));
  const watched = streams.flatMap((stream) => new Array<string>(members.length - 1).fill(stream));
  return crowd(options, { streams, watched, pps: options.pps ?? 60, per: "forwarded" });
}

/** `deno task bench fanin`: two hundred publishers, ten of them watched. CPU is per published packet. */
export function fanin(options: BenchOptions): Promise<unknown> {
  const streams = Array.from({ length: 200 }, (_, i) => `in${i}`);
  return crowd(options, {
    streams,
    watched: streams.slice(0, 10),
    pps: options.pps ?? 100,
    per: "published",
  });
}

async function crowd(options: BenchOptions, { streams, watched, pps, per }: Crowd): Promise<unknown> {
  return await onFreshServer(options, async (server, address) => {
    const publisher = startGenerator();
    const viewers = startGenerator();
    const { pid } = server;
    try {
      await publisher.publish(streams.map((stream) => `${server.baseUrl}/whip/${stream}`), address);
      await publisher.tell({ do: "load", load: { pps, burst: BURST, packetBytes: PACKET_BYTES } });
      await watchAll(viewers, watched.map((stream) => `${server.baseUrl}/whep/${stream}`), address);
      await delay(SETTLE_MS);
      const { profile } = options;
      const figures = await measureWindow({ pid, viewers, publisher }, options.seconds ?? 8, {
        per,
        profile,
      });
      const rssMb = round(rssBytes(pid) / 1e6, 1);
      return { publishers: streams.length, viewers: watched.length, pps, cpuPer: per, ...figures, rssMb };
    } finally {
      await Promise.all([publisher.close(), viewers.close()]);
    }
  });
}
