import { BURST, kaskadoTarget, onFreshServer, PACKET_BYTES, SETTLE_MS } from "./fanout.ts";
import type { BenchOptions } from "./options.ts";
import { cpuSince, cpuTime, rssBytes } from "./rig/accounts.ts";
import { startGenerator } from "./rig/child.ts";
import { delay } from "./rig/server.ts";
import { round } from "./rig/window.ts";

const AT_A_TIME = 50;
const FIRST = 1000;

/**
 * `deno task bench churn`: 10 000 sessions (`--viewers`) come up to their first packet and end, 50 at a time; memory
 * at the end against memory after the first 1000.
 */
export async function churn(options: BenchOptions): Promise<unknown> {
  const wanted = options.viewers ?? 10_000;
  return await onFreshServer(options, async (server, address) => {
    const [publisher, viewers] = [startGenerator(), startGenerator()];
    try {
      const target = kaskadoTarget(server, address);
      await target.publish(publisher);
      await publisher.tell({ do: "load", load: { pps: options.pps ?? 50, burst: BURST, packetBytes: PACKET_BYTES } });
      const before = cpuTime(server.pid);
      const startMs = performance.now();
      const rssMb: Record<number, number> = { 0: rss(server.pid) };
      for (let done = 0; done < wanted; done += AT_A_TIME) {
        if (done === FIRST) await delay(SETTLE_MS);
        if (done % FIRST === 0) rssMb[done] = rss(server.pid);
        await target.watch(viewers, AT_A_TIME);
        await viewers.tell({ do: "leave", count: AT_A_TIME });
      }
      const elapsedMs = performance.now() - startMs;
      const used = cpuSince(server.pid, before);
      await delay(SETTLE_MS);
      rssMb[wanted] = rss(server.pid);
      return {
        sessions: wanted,
        perSecond: round(wanted * 1000 / elapsedMs, 1),
        serverCpuMsPerSession: round(used.runUs / 1000 / wanted, 2),
        rssMb,
        growth: round(rssMb[wanted] / rssMb[Math.min(FIRST, wanted)] - 1, 3),
      };
    } finally {
      await Promise.all([publisher.close(), viewers.close()]);
    }
  });
}

const rss = (pid: number) => round(rssBytes(pid) / 1e6, 1);
