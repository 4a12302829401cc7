import type { Clock } from "../../base/mod.ts";

/** What the REST door has to be told. */
export interface RestSettings {
  /** See `controlAccess`: null lets only local peers in. */
  apiToken: string | null;
  /** Origins whose pages may use `/v1`; "*" for all. */
  corsOrigins: readonly string[];
  /** False while the server starts or shuts down. */
  ready(): boolean;
  clock: Clock;
}

/** Longest request body in bytes. */
export const MAX_BODY_BYTES = 1024 * 1024;
