import {
  type FanoutFigures,
  type FanoutLoad,
  kaskadoTarget,
  measureFanout,
  middle,
  type Target,
} from "./fanout.ts";
import type { BenchOptions } from "./options.ts";
import type { Joined } from "./rig/generator_child.ts";
import { hasJanus, RTP_PORT, startJanus } from "./rig/janus.ts";
import { median } from "./rig/latency.ts";
import { makeNamespace, type Namespace } from "./rig/namespace.ts";
import { startKaskado } from "./rig/server.ts";
import { round } from "./rig/window.ts";

/**
 * `deno task bench fanout --against janus`: both servers behind the same veth pair (Janus gathers no candidates on
 * loopback), the same clients and the same packets, in turns.
 */
export async function againstJanus(options: BenchOptions): Promise<unknown> {
  if (!hasJanus()) throw new Error("Cannot bench against Janus: it is not installed, apt-get install janus");
  const load = {
    viewers: options.viewers ?? 100,
    pps: options.pps ?? 300,
    seconds: options.seconds ?? 5,
    profile: options.profile,
  };
  const runs: { kaskado: FanoutFigures; janus: FanoutFigures }[] = [];
  const namespace = makeNamespace(`kaskado-bench-server-${Deno.pid}`, 1);
  try {
    for (let run = 0; run < (options.runs ?? 3); run++) {
      runs.push({ kaskado: await runKaskado(namespace, load), janus: await runJanus(namespace, load) });
    }
  } finally {
    namespace.remove();
  }
  const ratio = (of: (figures: FanoutFigures) => number) =>
    round(median(runs.map(({ kaskado, janus }) => of(janus) / of(kaskado))), 2);
  return [
    middle(runs.map((run) => run.kaskado)),
    middle(runs.map((run) => run.janus)),
    {
      ratio: "janus / kaskado, median of the runs",
      cpu: ratio((each) => each.cpuUsPerPacket),
      latencyP50: ratio((each) => each.latencyUs.p50),
      latencyP99: ratio((each) => each.latencyUs.p99),
      eachRun: runs.map(({ kaskado, janus }) => [kaskado.cpuUsPerPacket, janus.cpuUsPerPacket]),
    },
  ];
}

async function runKaskado(namespace: Namespace, load: FanoutLoad): Promise<FanoutFigures> {
  const server = await startKaskado(namespace);
  try {
    return await measureFanout(kaskadoTarget(server, namespace.hostAddress), load);
  } finally {
    await server.stop();
  }
}

async function runJanus(namespace: Namespace, load: FanoutLoad): Promise<FanoutFigures> {
  const server = await startJanus(namespace);
  const address = namespace.hostAddress;
  const target: Target = {
    name: "janus",
    server,
    publish: (publisher) =>
      publisher.tell({ do: "publishPlain", host: server.address, port: RTP_PORT, address }),
    async watch(viewers, count) {
      const { failures } = await viewers.tell<Joined>({
        do: "watchJanus",
        api: server.api,
        count,
        address,
        atOnce: 8,
      });
      if (failures.length > 0) throw new Error(`${failures.length} of ${count} viewers: ${failures[0]}`);
    },
  };
  try {
    return await measureFanout(target, load);
  } finally {
    await server.stop();
  }
}
