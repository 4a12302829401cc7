/**
 * deno task bench [name…] [--viewers N] [--pps N] [--seconds N] [--runs N] [--against janus] [--profile]
 *                 [--srtp gcm|cm] [--clients own|libdatachannel] [--native auto|ffi|portable]
 *
 * Runs the named benches (all without a name), each in a network namespace that is made and removed here, or on
 * loopback where that is not allowed. Each prints a table and one line of JSON. test/bench/RESULTS.md has real runs.
 */
import { type BenchOptions, readOptions } from "./options.ts";
import { againstJanus } from "./against_janus.ts";
import { churn } from "./churn.ts";
import { control } from "./control.ts";
import { fanout } from "./fanout.ts";
import { firstFrame } from "./first_frame.ts";
import { joins } from "./joins.ts";
import { fanin, mesh } from "./mesh.ts";
import { transcode } from "./transcode.ts";
import { canMakeNamespaces, runInNamespace } from "./rig/namespace.ts";

const benches: Record<string, (options: BenchOptions) => Promise<unknown>> = {
  fanout: (options) => options.against === "janus" ? againstJanus(options) : fanout(options),
  firstframe: firstFrame,
  joins,
  churn,
  control,
  mesh,
  fanin,
  transcode,
};
const INSIDE = "KASKADO_BENCH_INSIDE";

async function main(): Promise<number> {
  const { names, options } = readOptions(Deno.args);
  const unknown = names.find((name) => !(name in benches));
  if (unknown) {
    throw new Error(`Cannot run: there is no bench ${unknown}, choose of ${Object.keys(benches).join(", ")}`);
  }
  if (!Deno.env.has(INSIDE)) {
    if (canMakeNamespaces()) return runInNamespace(Deno.args, INSIDE);
    console.log("No network namespace (root and ip(8) are wanted): running on this machine's loopback");
  }
  Deno.env.delete(INSIDE);
  // An exit by hand runs what ends the servers; a death by signal would leave them.
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => Deno.exit(1));
  for (const name of names.length > 0 ? names : Object.keys(benches)) {
    const result = await benches[name](options);
    print(result);
    console.log(JSON.stringify({ bench: name, result }));
  }
  return 0;
}

/** Objects as rows, nested ones folded into one cell. */
function print(result: unknown): void {
  const rows = Array.isArray(result) ? result : [result];
  for (const row of rows) {
    for (const [key, value] of Object.entries(row)) {
      const text = typeof value === "object" ? JSON.stringify(value) : String(value);
      console.log(`  ${key.padEnd(20)} ${text}`);
    }
    console.log();
  }
}

try {
  Deno.exit(await main());
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  Deno.exit(1);
}
