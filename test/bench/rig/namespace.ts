/** A network namespace of the bench's own, joined to the one it runs in by a veth pair. */
export interface Namespace {
  /** Put before a command, runs it inside. */
  prefix: string[];
  /** Its own address, and ours towards it. */
  address: string;
  hostAddress: string;
  remove(): void;
}

/** Whether this process may make namespaces. */
export function canMakeNamespaces(): boolean {
  return Deno.uid() === 0 && ip("netns", "list").success;
}

/** Makes the namespace `name` at 10.97.`subnet`.2; we are 10.97.`subnet`.1. */
export function makeNamespace(name: string, subnet: number): Namespace {
  const [outside, inside] = [`kb${subnet}o`, `kb${subnet}i`];
  const [hostAddress, address] = [`10.97.${subnet}.1`, `10.97.${subnet}.2`];
  must("netns", "add", name);
  const within = (...args: string[]) => must("-n", name, ...args);
  must("link", "add", outside, "type", "veth", "peer", "name", inside);
  must("link", "set", inside, "netns", name);
  must("addr", "add", `${hostAddress}/24`, "dev", outside);
  must("link", "set", outside, "up");
  within("addr", "add", `${address}/24`, "dev", inside);
  within("link", "set", inside, "up");
  within("link", "set", "lo", "up");
  return {
    prefix: ["ip", "netns", "exec", name],
    address,
    hostAddress,
    remove: () => void ip("netns", "del", name),
  };
}

/**
 * Runs this program again in a fresh namespace with nothing but loopback, so that nothing else of the machine is
 * counted or disturbed, and returns its exit code.
 */
export async function runInNamespace(args: string[], mark: string): Promise<number> {
  const name = `kaskado-bench-${Deno.pid}`;
  must("netns", "add", name);
  try {
    must("-n", name, "link", "set", "lo", "up");
    const command = [
      "netns",
      "exec",
      name,
      Deno.execPath(),
      "run",
      "-A",
      "--quiet",
      Deno.mainModule,
      ...args,
    ];
    const child = new Deno.Command("ip", { args: command, env: { [mark]: "1" } }).spawn();
    const forward = () => child.kill("SIGTERM");
    Deno.addSignalListener("SIGINT", forward);
    Deno.addSignalListener("SIGTERM", forward);
    return (await child.status).code;
  } finally {
    ip("netns", "del", name);
  }
}

function ip(...args: string[]): { success: boolean; message: string } {
  try {
    const { success, stderr } = new Deno.Command("ip", { args }).outputSync();
    return { success, message: new TextDecoder().decode(stderr) };
  } catch (error) {
    return { success: false, message: String(error) };
  }
}

function must(...args: string[]): void {
  const { success, message } = ip(...args);
  if (!success) throw new Error(`Cannot run ip ${args.join(" ")}: ${message.trim()}`);
}
