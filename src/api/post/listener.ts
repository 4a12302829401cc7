import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock } from "../../base/mod.ts";
import { incomingBody } from "./incoming_body.ts";

/** The rest of a body that nobody wants is read for so long, so that its client sees the answer. */
const LINGER_MS = 1000;

/** Answers one request, whose client is at `remote`. */
export type BodyHandler = (
  request: Request,
  remote: { hostname: string; port: number },
) => Response | Promise<Response>;

export interface BodyListener {
  readonly port: number;
  /** Ends what is open, too. */
  close(): void;
}

/**
 * HTTP for bodies alone. `Deno.serve` lets go of what it has read of a body as soon as its client has closed, and clients
 * such as FFmpeg close when they have sent all, without waiting for the answer: here their bodies are read to the end.
 * Rejects where the port cannot be had.
 */
export async function listenForBodies(
  place: { hostname: string; port: number },
  clock: Clock,
  handler: BodyHandler,
): Promise<BodyListener> {
  const server = createServer((message, response) => void answer(message, response, clock, handler));
  // A live source sends for as long as it likes; who has gone without a word is noticed where the body is read.
  server.requestTimeout = 0;
  Object.assign(server, { httpAllowHalfOpen: true });
  await listen(server, place);
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function listen(server: Server, { hostname, port }: { hostname: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, hostname, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

async function answer(
  message: IncomingMessage,
  response: ServerResponse,
  clock: Clock,
  handler: BodyHandler,
): Promise<void> {
  const { socket } = message;
  const remote = { hostname: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 };
  // Who does not wait for the answer is not there to be told.
  response.on("error", () => {});
  const request = requestOf(message);
  const given = request ? await handler(request, remote) : new Response(null, { status: 400 });
  const isRead = message.complete;
  response.writeHead(given.status, { ...Object.fromEntries(given.headers), ...(isRead && oneRequest) });
  response.end(new Uint8Array(await given.arrayBuffer()));
  if (isRead) return;
  message.resume();
  clock.after(LINGER_MS, () => socket.destroy());
}

const oneRequest = { Connection: "close" };

/** Null for what is no request of the web. */
function requestOf(message: IncomingMessage): Request | null {
  const { method = "GET", url = "/", rawHeaders } = message;
  const hasBody = method !== "GET" && method !== "HEAD";
  try {
    const headers = new Headers();
    for (let at = 0; at < rawHeaders.length; at += 2) headers.append(rawHeaders[at], rawHeaders[at + 1]);
    const body = hasBody ? incomingBody(message) : null;
    // The path is all of it that counts, also where the whole URL stands (RFC 9112 section 3.2.2).
    const path = url.replace(/^https?:\/\/[^/?]*/i, "").replace(/^\/*/, "/");
    return new Request(new URL(path, "http://localhost"), { method, headers, body });
  } catch {
    return null;
  }
}
