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
  /** Fraction above which the server ends as soon as no object is left, null for never. */
  killLimit: number | null;
  /** Ends the server in good order, so that its keeper starts a fresh one. */
  exhausted(why: string): void;
  /** Sockets that may be open at one time; a handshake beyond is refused. */
  maxConnections: number;
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
/** A handshake that is not through after so long has lost its client. */
export const HANDSHAKE_MS = 10_000;
/** Sockets for a wrong path at one time that are told so by a close. */
export const MAX_STRAYS = 64;
