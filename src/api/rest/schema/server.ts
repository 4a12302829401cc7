import { z } from "zod";
import type { ServerView } from "../../../command/mod.ts";
import { Tags, Time, timeText, Values } from "./values.ts";

export const ServerSchema = z.object({
  name: z.literal("kaskado"),
  version: z.string(),
  startedAt: Time,
  capabilities: z.array(z.string()).describe("What is built and can be relied on"),
  codecs: z.object({ audio: z.array(z.string()), video: z.array(z.string()) }),
  media: z.array(z.object({
    port: z.int(),
    addresses: z.array(z.string()),
    native: z.enum(["ffi", "portable"]),
    packetsReceived: z.number(),
    packetsSent: z.number(),
    packetsUnsent: z.number().describe("What the socket buffer or the network would not take"),
    drops: z.record(z.string(), z.number()).describe("Datagrams dropped since the start, by reason"),
  })),
  limits: z.record(z.string(), z.number()),
  modules: z.array(z.object({ name: z.string(), version: z.string(), types: z.array(z.string()) }))
    .describe("What element types come in, with the types that are not abstract"),
  metadata: z.unknown().describe("What whoever runs the server says of it, null for nothing"),
  object: z.object({ id: z.string(), name: z.string(), tags: Tags, properties: Values })
    .describe("The server as an object like others: what clients may change of it"),
  load: z.object({
    pipelines: z.int(),
    elements: z.int(),
    sessions: z.int(),
    rssBytes: z.number(),
    cpuSeconds: z.number().describe("Processor time since the start, of all threads"),
    cpuCount: z.int().describe("Processors that the server may use"),
  }),
}).meta({ id: "Server" });

export function showServer({ startedAtMs, ...server }: ServerView) {
  return { ...server, startedAt: timeText(startedAtMs) };
}
