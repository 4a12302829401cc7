import type { Clock } from "../../base/mod.ts";
import { HANDSHAKE_MS } from "./settings.ts";

/** A WebSocket on its way to a client. */
export interface Handshake {
  readonly socket: WebSocket;
  /** What the client's request is answered with. */
  readonly response: Response;
  /** The socket is over, or was never open. */
  readonly ended: Promise<void>;
}

/**
 * Answers a handshake (RFC 6455 section 4.2). A client that goes before the answer is written leaves a socket that
 * never opens and, on Deno, never says that it ended: time tells.
 */
export function openSocket(request: Request, clock: Clock): Handshake {
  const { socket, response } = Deno.upgradeWebSocket(request);
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const deadline = clock.after(HANDSHAKE_MS, () => {
    end();
    socket.addEventListener("open", () => socket.close(1001, "Too late"));
  });
  socket.addEventListener("open", () => deadline.cancel());
  for (const type of ["close", "error"]) {
    socket.addEventListener(type, () => {
      deadline.cancel();
      end();
    });
  }
  return { socket, response, ended };
}
