import type { Context } from "hono";

/** What the server hands to `app.fetch` beside the request, and what the doors keep with it. */
export interface ServerEnv {
  Bindings: {
    /** The other end of the TCP connection, as `Deno.serve` names it. */
    remote?: { hostname: string; port: number };
  };
  Variables: { requestId: string };
}

/** Address of the peer as text, or null where the server named none (a test without a socket). */
export function peerAddressOf(c: Context<ServerEnv>): string | null {
  return c.env?.remote?.hostname ?? null;
}
