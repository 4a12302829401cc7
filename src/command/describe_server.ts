import process from "node:process";
import { type MediaPlane, passedThrough } from "../engine/mod.ts";
import type { House } from "./house.ts";
import { describeModules } from "./kmd/describe_module.ts";
import { getCpuCount } from "./object/load.ts";
import { serverObject } from "./object/server_object.ts";
import type { MediaPortView, ServerView } from "./types.ts";

/** What this server is, can, and carries now. */
export async function describeServer(house: House): Promise<ServerView> {
  const { version, startedAtMs, addresses, metadata } = house.settings;
  return {
    name: "kaskado",
    version,
    startedAtMs,
    capabilities: ["pipelines", "whip", "whep", "sse", "kurento", "idempotency-key", "recordings"],
    codecs: passedThrough,
    media: await Promise.all(house.engine.planes.map((plane) => mediaPort(plane, addresses))),
    limits: {
      maxPipelines: house.settings.maxPipelines,
      maxElementsPerPipeline: house.settings.maxElementsPerPipeline,
      maxSessions: house.settings.maxSessions,
    },
    modules: describeModules(house.registry),
    metadata: metadata === "" ? null : JSON.parse(metadata),
    object: serverObject(house),
    load: load(house),
  };
}

async function mediaPort(plane: MediaPlane, addresses: string[]): Promise<MediaPortView> {
  const { udp, drops } = await plane.stats();
  return {
    port: plane.handle.port,
    addresses,
    native: plane.handle.kind,
    packetsReceived: udp.packetsReceived,
    packetsSent: udp.packetsSent,
    packetsUnsent: udp.packetsUnsent,
    drops: { ...drops, ...plane.stunDrops },
  };
}

function load(house: House): ServerView["load"] {
  const counts = { pipelines: 0, elements: 0, sessions: 0 };
  for (const { graph, sessions } of house.engine.pipelines()) {
    counts.pipelines++;
    counts.elements += graph.elements.size;
    counts.sessions += sessions.size;
  }
  const { user, system } = process.cpuUsage();
  return {
    ...counts,
    rssBytes: process.memoryUsage().rss,
    cpuSeconds: (user + system) / 1e6,
    cpuCount: getCpuCount(),
  };
}
