import type { Clock } from "../../base/mod.ts";

/** What the composition root decides about this door. */
export interface KurentoSettings {
  /** Without a slash at the start. */
  path: string;
  /** Null lets loopback peers in, and nobody else. */
  apiToken: string | null;
  /** Seconds between two passes of the collector. */
  collectEverySeconds: number;
  /** Whether answers are kept for clients who ask again. */
  requestCache: boolean;
  /** Fraction of the process limits of the system above which nothing is created, 0–1. */
  resourceLimit: number;
  /** JSON text that the server object gives to whoever asks, "" for none. */
  metadata: string;
  clock: Clock;
}

/** Longest message that is read, in UTF-16 units: far above any description, far below what would hurt. */
export const MAX_MESSAGE_CHARACTERS = 1024 * 1024;
/** A client that leaves so much unread is closed. */
export const MAX_UNREAD_BYTES = 4 * 1024 * 1024;
/** Requests of one connection that run at the same time; the others wait. */
export const MAX_RUNNING = 16;
/** A connection with so many requests that wait is closed. */
export const MAX_WAITING = 2000;
export const REQUEST_CACHE_MS = 20_000;
