import { createSocket } from "node:dgram";

/**
 * Ports are drawn from below the range that the system gives to clients by itself (from 32768 on, Linux): a port of that
 * range may be gone again before the server that it was found for has bound it.
 */
const FIRST_PORT = 20_000;
const PORTS = 12_000;
const TRIES = 50;

let next = crypto.getRandomValues(new Uint16Array(1))[0];

/** A TCP port of 127.0.0.1 that nobody had a moment ago. */
export function freeTcpPort(): number {
  for (let tries = 1;; tries++) {
    try {
      using listener = Deno.listen({ hostname: "127.0.0.1", port: drawn() });
      return listener.addr.port;
    } catch (error) {
      if (tries === TRIES) throw error;
    }
  }
}

/** A UDP port of 127.0.0.1 that nobody had a moment ago. */
export async function freeUdpPort(): Promise<number> {
  for (let tries = 1;; tries++) {
    const port = drawn();
    if (await canBind(port)) return port;
    if (tries === TRIES) throw new Error(`Cannot find a free UDP port: ${TRIES} were taken`);
  }
}

function canBind(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    socket.once("error", () => resolve(false));
    socket.bind(port, "127.0.0.1", () => socket.close(() => resolve(true)));
  });
}

/**
 * One after the other from a beginning by chance: two processes that look at the same time hardly ever find the same
 * port, which the second to bind would be refused. Each is even, and the port behind it is nobody's: RTCP's, where it is
 * apart.
 */
function drawn(): number {
  return FIRST_PORT + 2 * next++ % PORTS;
}
