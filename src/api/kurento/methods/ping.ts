import type { Method } from "../method.ts";

/** Tells that somebody is there; `interval` is a promise of clients that nobody needs. */
export const ping: Method = {
  session: "none",
  bare: true,
  run: ({ sessionId }) => ({ ...(sessionId !== "" && { sessionId }), value: "pong" }),
};
