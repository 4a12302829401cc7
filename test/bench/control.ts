import { onFreshServer } from "./fanout.ts";
import type { BenchOptions } from "./options.ts";
import { cpuSince, cpuTime } from "./rig/accounts.ts";
import { Latencies } from "./rig/latency.ts";
import { forEachLine } from "./rig/lines.ts";
import { type BenchedServer, delay } from "./rig/server.ts";
import { round } from "./rig/window.ts";

const CLIENTS = 32;
const EVENTS = 20;

/** `deno task bench control`: pipelines created per second by REST, and one event to 1000 followers (`--viewers`) by SSE. */
export async function control(options: BenchOptions): Promise<unknown> {
  return await onFreshServer(options, async (server) => ({
    ...await createPipelines(server, options.seconds ?? 5),
    ...await follow(server, options.viewers ?? 1000),
  }));
}

/** Every pipeline has two elements and a connection, in one request. */
async function createPipelines(server: BenchedServer, seconds: number) {
  const warmUpMs = performance.now() + 1000;
  await inParallel(CLIENTS, async () => {
    while (performance.now() < warmUpMs) await createPipeline(server, 0);
  });
  const before = cpuTime(server.pid);
  const ownBefore = cpuTime(Deno.pid);
  const startMs = performance.now();
  const endMs = startMs + seconds * 1000;
  let created = 0;
  await inParallel(CLIENTS, async () => {
    while (performance.now() < endMs) await createPipeline(server, ++created);
  });
  const elapsedMs = performance.now() - startMs;
  return {
    pipelinesPerSecond: round(created * 1000 / elapsedMs, 0),
    serverCpuMsPerPipeline: round(cpuSince(server.pid, before).runUs / 1000 / created, 3),
    clientCores: round(cpuSince(Deno.pid, ownBefore).runUs / 1000 / elapsedMs, 2),
  };
}

async function createPipeline(server: BenchedServer, number: number): Promise<void> {
  const response = await fetch(`${server.baseUrl}/v1/pipelines`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ tags: { number: String(number) }, elements: [{ type: "PassThrough" }] }),
  });
  const text = await response.text();
  if (response.status !== 201) throw new Error(`Cannot create a pipeline: ${response.status} ${text}`);
}

/** How long after a request its event has come to every follower. */
async function follow(server: BenchedServer, followers: number) {
  const arrivals = new Latencies();
  const slowestMs: number[] = [];
  let left = 0;
  let startMs = 0;
  let allArrived = () => {};
  const heard = () => {
    arrivals.add((performance.now() - startMs) * 1000);
    if (--left === 0) allArrived();
  };
  const sockets: Deno.TcpConn[] = [];
  for (let i = 0; i < followers; i++) sockets.push(await openFollower(server, heard));
  await delay(1000);
  for (let event = 0; event < EVENTS; event++) {
    left = followers;
    startMs = performance.now();
    const all = new Promise<void>((resolve) => allArrived = resolve);
    await createBarePipeline(server);
    await Promise.race([all, delay(5000)]);
    if (left > 0) {
      throw new Error(`Cannot reach every follower: ${left} of ${followers} heard nothing within 5 s`);
    }
    slowestMs.push(performance.now() - startMs);
    await delay(100);
  }
  for (const socket of sockets) socket.close();
  return {
    followers,
    eventToOneMs: {
      p50: round(arrivals.quantile(0.5) / 1000, 1),
      p99: round(arrivals.quantile(0.99) / 1000, 1),
    },
    eventToAllMs: {
      median: round(slowestMs.toSorted((a, b) => a - b)[EVENTS >> 1], 1),
      max: round(Math.max(...slowestMs), 1),
    },
  };
}

async function createBarePipeline(server: BenchedServer): Promise<void> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${server.baseUrl}/v1/pipelines`, { method: "POST", headers, body: "{}" });
  await response.body?.cancel();
}

/** Follows the creation of pipelines on a connection of its own; plain TCP, so that a thousand cost this side little. */
async function openFollower(server: BenchedServer, heard: () => void): Promise<Deno.TcpConn> {
  const { hostname, port } = new URL(server.baseUrl);
  const socket = await Deno.connect({ hostname, port: Number(port) });
  const request =
    `GET /v1/events?type=ObjectCreated HTTP/1.1\r\nHost: ${hostname}\r\nAccept: text/event-stream\r\n\r\n`;
  await socket.write(new TextEncoder().encode(request));
  const begun = Promise.withResolvers<void>();
  void forEachLine(socket.readable, (line) => {
    if (line.startsWith("HTTP/1.1 200")) begun.resolve();
    if (line.startsWith("event: ObjectCreated")) heard();
  }).catch(() => {});
  await begun.promise;
  return socket;
}

async function inParallel(count: number, work: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: count }, work));
}
