/** The load generator's process: obeys one line of JSON at a time on stdin, answers each by one on stdout. */
import { setImmediate } from "node:timers";
import { joinStreaming } from "./janus_client.ts";
import { forEachLine } from "./lines.ts";
import { type Load, postOffer, Publishers } from "./publishers.ts";
import type { Client } from "./peers.ts";
import { offerOnly } from "./srtp_offer.ts";
import type { NdcViewers } from "./ndc_viewers.ts";
import { Viewers } from "./viewers.ts";

if (Deno.args[0]) offerOnly(Deno.args[0]);

/** What the process can be told. `address` is the generator's own; `pass` watches until the first packet and leaves. */
export type Order =
  | { do: "publish"; urls: string[]; address: string }
  | { do: "publishPlain"; host: string; port: number; address: string }
  | { do: "load"; load: Load }
  | { do: "watch"; urls: string[]; address: string; perSecond: number; atOnce: number }
  | { do: "watchJanus"; api: string; count: number; address: string; atOnce: number }
  | { do: "watchNdc"; urls: string[]; sampled: number }
  | { do: "pass"; url: string; count: number; address: string; atOnce: number }
  | { do: "leave"; count: number }
  | { do: "begin" }
  | { do: "read" }
  | { do: "sent" };

/** Answer to `watch`: how long each took until its first packet, and what failed. */
export interface Joined {
  joinMs: number[];
  elapsedMs: number;
  failures: string[];
}

const publishers = new Publishers();
const viewers = new Viewers();
/** Loaded when wanted: its library brings threads of its own. */
let ndcViewers: NdcViewers | null = null;
let busy = 0;

const orders: { [Do in Order["do"]]: (order: Extract<Order, { do: Do }>) => unknown } = {
  async publish({ urls, address }) {
    for (const url of urls) await publishers.publish(url, address);
  },
  publishPlain: ({ host, port, address }) => publishers.publishPlain(host, port, address),
  load: ({ load }) => publishers.setLoad(load),
  watch: ({ urls, address, perSecond, atOnce }) =>
    joinAll(
      urls.length,
      perSecond,
      atOnce,
      (i) => viewers.join(address, (client) => watchByWhep(client, urls[i])),
    ),
  watchJanus: ({ api, count, address, atOnce }) =>
    joinAll(count, Infinity, atOnce, () => viewers.join(address, (client) => joinStreaming(client, api))),
  async watchNdc({ urls, sampled }) {
    const { NdcViewers } = await import("./ndc_viewers.ts");
    const started = ndcViewers ??= new NdcViewers();
    return joinAll(urls.length, Infinity, 4, (i) => started.join(urls[i], i < sampled));
  },
  pass: ({ url, count, address, atOnce }) =>
    joinAll(count, Infinity, atOnce, async () => {
      const ms = await viewers.join(address, (client) => watchByWhep(client, url));
      await viewers.leave(1);
      return ms;
    }),
  leave: ({ count }) => viewers.leave(count),
  begin: () => (ndcViewers ?? viewers).begin(),
  read: () => (ndcViewers ?? viewers).read(),
  sent: () => ({ packets: publishers.packetsSent, keyframeRequests: publishers.keyframeRequests }),
};

async function watchByWhep(client: Client, url: string): Promise<() => Promise<unknown>> {
  const { answer, location } = await postOffer(url, client.peer.generateOffer({ audio: false, video: true }));
  client.peer.processAnswer(answer);
  return async () => (await fetch(location, { method: "DELETE" })).body?.cancel();
}

/** Starts `count` joins, `atOnce` at a time, no more than `perSecond`. */
async function joinAll(
  count: number,
  perSecond: number,
  atOnce: number,
  join: (i: number) => Promise<number>,
): Promise<Joined> {
  const startMs = performance.now();
  const joined: Joined = { joinMs: [], elapsedMs: 0, failures: [] };
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const i = next++;
      const waitMs = startMs + i * 1000 / perSecond - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      await join(i).then((ms) => joined.joinMs.push(ms), (error) => joined.failures.push(String(error)));
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, atOnce) }, worker));
  joined.elapsedMs = performance.now() - startMs;
  return joined;
}

async function obey(line: string): Promise<void> {
  const { id, order } = JSON.parse(line) as { id: number; order: Order };
  busy++;
  try {
    const result = await (orders[order.do] as (order: Order) => unknown)(order);
    console.log(JSON.stringify({ id, result: result ?? null }));
  } catch (error) {
    console.log(JSON.stringify({ id, error: String(error) }));
  }
  busy--;
}

async function listen(): Promise<void> {
  await forEachLine(Deno.stdin.readable, (line) => void obey(line));
  Deno.exit(0);
}

/** Moves packets until stdin ends. Sockets are waited for in epoll, so that a packet's time is read when it comes. */
async function run(): Promise<void> {
  for (;;) {
    const idleMs = Math.min(publishers.tick(), busy > 0 ? 1 : 4);
    // Publishers and viewers are rarely in one process; who has nothing returns at once.
    publishers.sockets.poll(0);
    viewers.sockets.poll(Math.ceil(idleMs));
    await new Promise<void>((resolve) => void setImmediate(() => resolve()));
  }
}

void listen();
await run();
