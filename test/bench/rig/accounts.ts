/** What the kernel knows about processes and networks. */

/** CPU time of a process, microseconds since its start. */
export interface CpuTime {
  /** Exact run time by the scheduler, over all threads. */
  runUs: number;
  /** By the tick: how the run time splits. */
  userUs: number;
  systemUs: number;
  /** Run time of each thread that lives, by thread id. */
  threadsUs: Map<number, { name: string; us: number }>;
}

const TICK_US = 10_000;

export function cpuTime(pid: number): CpuTime {
  const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ").at(-1)!.split(" ");
  const threadsUs: CpuTime["threadsUs"] = new Map();
  let runUs = 0;
  for (const { name: task } of Deno.readDirSync(`/proc/${pid}/task`)) {
    const us = runTimeUs(`/proc/${pid}/task/${task}/schedstat`);
    const name = readText(`/proc/${pid}/task/${task}/comm`).trim();
    threadsUs.set(Number(task), { name, us });
    runUs += us;
  }
  return { runUs, userUs: Number(fields[11]) * TICK_US, systemUs: Number(fields[12]) * TICK_US, threadsUs };
}

/** What was used since `before`, microseconds. */
export function cpuSince(pid: number, before: CpuTime): CpuTime {
  const now = cpuTime(pid);
  const threadsUs: CpuTime["threadsUs"] = new Map();
  for (const [id, { name, us }] of now.threadsUs) {
    threadsUs.set(id, { name, us: us - (before.threadsUs.get(id)?.us ?? 0) });
  }
  return {
    runUs: now.runUs - before.runUs,
    userUs: now.userUs - before.userUs,
    systemUs: now.systemUs - before.systemUs,
    threadsUs,
  };
}

/** Resident memory of a process in bytes. */
export function rssBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1]) * 1024;
}

/** The Udp counters of the network namespace that this process is in: InDatagrams, RcvbufErrors, … */
export function udpCounters(netns = "self"): Record<string, number> {
  const [names, values] = Deno.readTextFileSync(`/proc/${netns}/net/snmp`).split("\n")
    .filter((line) => line.startsWith("Udp:")).map((line) => line.split(" "));
  return Object.fromEntries(names.slice(1).map((name, i) => [name, Number(values[i + 1])]));
}

function runTimeUs(path: string): number {
  return Number(readText(path).split(" ")[0]) / 1000;
}

/** Threads come and go between listing and reading. */
function readText(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "0";
  }
}
