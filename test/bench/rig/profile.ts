/** V8 writes /tmp/perf-PID.map with this, so that perf can name compiled JavaScript. */
export const perfFlag = "--v8-flags=--perf-basic-prof";

const TOP_PARTS = 12;
const TOP_FUNCTIONS = 40;

/**
 * Samples all threads of `pid` by the CPU clock (a virtual machine has no cycle counter) for `seconds`; returns where
 * most samples were, by library and then by function, as "share thread function". Needs perf (Debian: apt-get install linux-perf) and root.
 */
export async function recordProfile(pid: number, seconds: number): Promise<string[]> {
  const data = Deno.makeTempFileSync({ prefix: "kaskado_bench_", suffix: ".perf" });
  try {
    await perf(
      "record",
      "-e",
      "cpu-clock",
      "-F",
      "1999",
      "-p",
      String(pid),
      "-o",
      data,
      "--",
      "sleep",
      String(seconds),
    );
    return [
      ...await shares(data, "comm,dso", TOP_PARTS),
      ...await shares(data, "comm,symbol", TOP_FUNCTIONS),
    ];
  } finally {
    Deno.removeSync(data);
  }
}

async function shares(data: string, sort: string, top: number): Promise<string[]> {
  const report = await perf("report", "-i", data, "--stdio", "--sort", sort);
  const lines = report.split("\n").filter((line) => /^\s+\d/.test(line));
  return lines.slice(0, top).map((line) => line.trim().replace(/[\s-]+$/, "").replace(/\s+/g, " "));
}

async function perf(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("perf", { args }).output()
    .catch((error) => ({
      success: false,
      stdout: new Uint8Array(),
      stderr: new TextEncoder().encode(String(error)),
    }));
  const text = new TextDecoder();
  if (!success) throw new Error(`Cannot profile: ${text.decode(stderr).trim()}, apt-get install linux-perf`);
  return text.decode(stdout);
}
