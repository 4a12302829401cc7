import process from "node:process";
import { passedThrough } from "../engine/mod.ts";
import type { House } from "./house.ts";
import type { ServerView } from "./types.ts";

/** What this server is, can, and carries now. */
export function describeServer(house: House): ServerView {
  const { version, startedAtMs, addresses } = house.settings;
  return {
    name: "kaskado",
    version,
    startedAtMs,
    capabilities: ["pipelines", "whip", "whep", "sse", "idempotency-key"],
    codecs: passedThrough,
    media: house.engine.planes.map(({ handle }) => ({ port: handle.port, addresses, native: handle.kind })),
    limits: {
      maxPipelines: house.settings.maxPipelines,
      maxElementsPerPipeline: house.settings.maxElementsPerPipeline,
      maxSessions: house.settings.maxSessions,
    },
    load: load(house),
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
  return { ...counts, rssBytes: process.memoryUsage().rss, cpuSeconds: (user + system) / 1e6 };
}
