import { newId, type Timer } from "../../base/mod.ts";
import type { Commands } from "../../command/mod.ts";
import { problemOf } from "../http/mod.ts";
import { requireAccess } from "./access.ts";
import { Bindings } from "./bindings.ts";
import type { Books } from "./books.ts";
import { Connection, type Wire } from "./connection.ts";
import { endSession } from "./destroy.ts";
import { answerMessage } from "./dispatch.ts";
import { EventFeed } from "./event_feed.ts";
import { ObjectIds } from "./object_ids.ts";
import { RequestCache } from "./request_cache.ts";
import { ResourceLimits } from "./resource_limits.ts";
import { Sessions } from "./sessions.ts";
import { type KurentoSettings, REQUEST_CACHE_MS } from "./settings.ts";
import { Subscriptions } from "./subscriptions.ts";

/** Kurento's JSON-RPC over WebSocket: the same commands as REST, by objects, sessions and references. */
export class KurentoDoor {
  readonly #books: Books;
  readonly #cache: RequestCache | null;
  readonly #connections = new Set<Connection>();
  readonly #timers: Timer[];

  constructor(commands: Commands, settings: KurentoSettings, limits?: ResourceLimits) {
    const { clock } = settings;
    const ids = new ObjectIds(commands);
    const parts = { commands, ids, sessions: new Sessions(), subscriptions: new Subscriptions() };
    const bindings = new Bindings();
    this.#books = {
      ...parts,
      settings,
      bindings,
      serverId: newId(),
      startedAtMs: clock.now(),
      feed: new EventFeed({ ...parts, bindings }),
      limits: limits ?? new ResourceLimits(clock, settings.resourceLimit),
    };
    this.#cache = settings.requestCache ? new RequestCache(clock, REQUEST_CACHE_MS) : null;
    const periodMs = settings.collectEverySeconds * 1000;
    this.#timers = [
      clock.every(periodMs / 4, () => this.#useConnected()),
      clock.every(periodMs, () => void this.collect()),
    ];
  }

  /**
   * The response to an HTTP request that is this door's business: a WebSocket handshake for any path, or a plain
   * request for its own; null for all others.
   */
  answer(request: Request, peerAddress: string | null): Response | null {
    const isOwn = new URL(request.url).pathname === `/${this.#books.settings.path}`;
    if (request.headers.get("Upgrade")?.toLowerCase() !== "websocket") {
      return isOwn ? upgradeRequired() : null;
    }
    // Health checks of Kurento's containers ask like this and wait for a 500.
    if (!request.headers.has("Sec-WebSocket-Key")) {
      return new Response("No Sec-WebSocket-Key", { status: 500 });
    }
    if (!isOwn) return refuseByClose(request);
    try {
      requireAccess(request, peerAddress, this.#books.settings.apiToken);
    } catch (error) {
      return problemOf(error, newId());
    }
    return this.#upgrade(request);
  }

  /** Takes an open socket; gives what its messages and its end have to be told to. */
  open(wire: Wire): Connection {
    const connection = new Connection(
      wire,
      (from, text) => answerMessage(this.#books, this.#cache, from, text),
    );
    this.#connections.add(connection);
    return connection;
  }

  /** The socket of a connection is over. Its session goes on. */
  lost(connection: Connection): void {
    connection.end();
    this.#books.bindings.release(connection);
    this.#connections.delete(connection);
  }

  /** One pass of the collector: sessions that nobody used since the last one end, and what only they held. */
  async collect(): Promise<void> {
    const unused = this.#books.sessions.collect();
    for (const sessionId of unused) await endSession(this.#books, sessionId);
  }

  /** Closes every connection because the server ends (RFC 6455: 1001). */
  close(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#books.feed.stop();
    for (const connection of this.#connections) connection.close(1001, "The server is stopping");
    this.#connections.clear();
  }

  #useConnected(): void {
    for (const sessionId of this.#books.bindings.sessionIds()) this.#books.sessions.use(sessionId);
  }

  #upgrade(request: Request): Response {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.binaryType = "arraybuffer";
    const connection = this.open(socket);
    socket.onmessage = ({ data }) => connection.take(data);
    socket.onclose = () => this.lost(connection);
    socket.onerror = () => this.lost(connection);
    return response;
  }
}

/** Kurento completes the handshake for any path, and then says that it was the wrong one. */
function refuseByClose(request: Request): Response {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onopen = () => socket.close(1002, "Invalid path");
  return response;
}

function upgradeRequired(): Response {
  return new Response("Kurento's JSON-RPC is spoken here over WebSocket\n", {
    status: 426,
    headers: { Upgrade: "websocket", Connection: "Upgrade", "Content-Type": "text/plain" },
  });
}
