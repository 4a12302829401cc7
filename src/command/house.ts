import type { Clock } from "../base/mod.ts";
import type { Engine } from "../engine/mod.ts";
import type { EventBus } from "../event/mod.ts";
import type { Registry } from "../graph/mod.ts";
import type { Store } from "../store/mod.ts";

/** What verbs work on. */
export interface House {
  engine: Engine;
  store: Store;
  bus: EventBus;
  registry: Registry;
  clock: Clock;
  settings: CommandSettings;
}

export interface CommandSettings {
  version: string;
  startedAtMs: number;
  /** Most pipelines, elements per pipeline, and sessions at one time. */
  maxPipelines: number;
  maxElementsPerPipeline: number;
  maxSessions: number;
  /** A pipeline that a publisher made ends after so long without any session; 0 keeps it for good. */
  idleStreamMs: number;
  /** How long a WHEP client may take to answer an offer of this server. */
  counterOfferMs: number;
  addresses: string[];
  /** Folder of recordings and of files to play, absolute. */
  mediaDir: string;
  /** JSON text that whoever runs the server gave it for clients, "" for none. */
  metadata: string;
  /** Where dumpGstreamerDot writes; null where it may not. */
  dotDir: string | null;
}
