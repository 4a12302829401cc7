import { BURST, kaskadoTarget, onFreshServer, PACKET_BYTES, SETTLE_MS } from "./fanout.ts";
import type { BenchOptions } from "./options.ts";
import { cpuSince, cpuTime, rssBytes } from "./rig/accounts.ts";
import { startGenerator } from "./rig/child.ts";
import type { Joined } from "./rig/generator_child.ts";
import { delay } from "./rig/server.ts";
import { round } from "./rig/window.ts";

const AT_ONCE = 48;
/** Memory is read after each so many. */
const PART = 1000;

/**
 * `deno task bench churn`: 10 000 sessions (`--viewers`) come up to their first packet and end, 48 at a time; memory
 * at the end against memory after the first 1000.
 */
export async function churn(options: BenchOptions): Promise<unknown> {
  const wanted = Math.ceil((options.viewers ?? 10_000) / PART) * PART;
  return await onFreshServer(options, async (server, address) => {
    const [publisher, viewers] = [startGenerator(), startGenerator()];
    try {
      const target = kaskadoTarget(server, address);
      await target.publish(publisher);
      await publisher.tell({
        do: "load",
        load: { pps: options.pps ?? 50, burst: BURST, packetBytes: PACKET_BYTES },
      });
      const before = cpuTime(server.pid);
      const startMs = performance.now();
      const rssMb: Record<number, number> = { 0: rss(server.pid) };
      const failures: string[] = [];
      for (let done = 0; done < wanted; done += PART) {
        const url = `${server.baseUrl}/whep/bench`;
        const part = await viewers.tell<Joined>({ do: "pass", url, count: PART, address, atOnce: AT_ONCE });
        failures.push(...part.failures);
        rssMb[done + PART] = rss(server.pid);
      }
      const elapsedMs = performance.now() - startMs;
      const used = cpuSince(server.pid, before);
      await delay(SETTLE_MS);
      const atEnd = rss(server.pid);
      return {
        sessions: wanted,
        perSecond: round(wanted * 1000 / elapsedMs, 1),
        serverCpuMsPerSession: round(used.runUs / 1000 / wanted, 2),
        failed: failures.length,
        firstFailure: failures[0],
        rssMb,
        rssMbAtEnd: atEnd,
        growth: round(atEnd / rssMb[PART] - 1, 3),
      };
    } finally {
      await Promise.all([publisher.close(), viewers.close()]);
    }
  });
}

const rss = (pid: number) => round(rssBytes(pid) / 1e6, 1);
