import { z } from "zod";
import { float, int64, objectOf } from "../graph/mod.ts";
import { computed, defineElement, operation } from "./define.ts";
import { MediaObject } from "./media_object.ts";
import { ServerInfo } from "./server_types.ts";

/** The server itself, as an object: there is one, and nobody makes it. */
export const ServerManager = defineElement({
  type: "ServerManager",
  module: "core",
  extends: MediaObject,
  abstract: true,
  summary: "The server itself",
  properties: {
    info: computed("What this server is and what it can make", ServerInfo),
    pipelines: computed("Every pipeline, in order of creation", z.array(objectOf("MediaPipeline"))),
    sessions: computed("Ids of the sessions of Kurento's protocol", z.array(z.string())),
    metadata: computed("A text that whoever runs the server gave it", z.string()),
  },
  operations: {
    getKmd: operation("The interface description of a module, as JSON text", {
      input: z.strictObject({ moduleName: z.string() }),
      output: z.string(),
    }),
    getCpuCount: operation("Processors that the server may use", { output: z.int() }),
    getUsedCpu: operation("Watches for that long and gives the load in percent of one processor", {
      input: z.strictObject({ interval: z.int().min(1).max(60_000).default(1000).describe("Milliseconds") }),
      output: float(z.number()),
    }),
    getUsedMemory: operation("Memory that the server occupies, KiB", { output: int64(z.int()) }),
  },
  events: {
    ObjectCreated: z.object({ object: objectOf("MediaObject") }).describe("An object was made"),
    ObjectDestroyed: z.object({ objectId: z.string() }).describe("An object is gone"),
  },
});
