import type { Joined, Order } from "./generator_child.ts";
import type { ViewerFigures } from "./viewers.ts";
import { forEachLine } from "./lines.ts";

const program = new URL("./generator_child.ts", import.meta.url).pathname;

/** A process of the load generator. */
export interface Generator {
  readonly pid: number;
  publish(urls: string[], address: string): Promise<void>;
  watch(urls: string[], how: { address: string; perSecond?: number; atOnce?: number }): Promise<Joined>;
  read(): Promise<ViewerFigures>;
  tell<Result>(order: Order): Promise<Result>;
  close(): Promise<void>;
}

/** Starts a generator; its clients offer `srtpProfile` alone where one is given. */
export function startGenerator(srtpProfile?: string): Generator {
  const args = ["run", "-A", "--quiet", program, ...(srtpProfile ? [srtpProfile] : [])];
  const child = new Deno.Command(Deno.execPath(), {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let next = 1;
  void forEachLine(child.stdout, (line) => {
    const { id, result, error } = JSON.parse(line);
    const call = waiting.get(id);
    waiting.delete(id);
    if (error) call?.reject(new Error(error));
    else call?.resolve(result);
  });
  const tell = <Result>(order: Order) =>
    new Promise<Result>((resolve, reject) => {
      const id = next++;
      waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      writer.write(new TextEncoder().encode(JSON.stringify({ id, order }) + "\n")).catch(reject);
    });
  return {
    pid: child.pid,
    tell,
    publish: (urls, address) => tell({ do: "publish", urls, address }),
    watch: (urls, { address, perSecond = 1e9, atOnce = 16 }) =>
      tell({ do: "watch", urls, address, perSecond, atOnce }),
    read: () => tell({ do: "read" }),
    async close() {
      await writer.close().catch(() => {});
      await child.status;
    },
  };
}
