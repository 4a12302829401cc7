import { AppError, newId, type Timer } from "../../base/mod.ts";
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
import { type KurentoSettings, MAX_STRAYS, REQUEST_CACHE_MS } from "./settings.ts";
import { type Handshake, openSocket } from "./socket.ts";
import { Subscriptions } from "./subscriptions.ts";

/** Kurento's JSON-RPC over WebSocket: the same commands as REST, by objects, sessions and references. */
export class KurentoDoor {
  readonly #books: Books;
  readonly #cache: RequestCache | null;
  readonly #killLimits: ResourceLimits | null;
  readonly #connections = new Set<Connection>();
  /** Sockets that are open or about to be. */
  readonly #sockets = new Set<WebSocket>();
  /** Those for a wrong path, which anybody may open, and which end when their clients agree. */
  readonly #strays = new Set<WebSocket>();
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
      feed: new EventFeed({ ...parts, bindings, emptied: () => this.#endWhereExhausted() }),
      limits: limits ?? new ResourceLimits(clock, settings.resourceLimit),
    };
    this.#killLimits = settings.killLimit === null ? null : new ResourceLimits(clock, settings.killLimit);
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
    if (!isOwn) return this.#refuseByClose(request);
    try {
      requireAccess(request, peerAddress, this.#books.settings.apiToken);
      this.#requireRoom();
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

  /** What leaked is best given back by a new process, when nobody loses anything by that. */
  #endWhereExhausted(): void {
    const reached = this.#killLimits?.reached() ?? null;
    if (reached !== null) this.#books.settings.exhausted(reached);
  }

  #useConnected(): void {
    for (const sessionId of this.#books.bindings.sessionIds()) this.#books.sessions.use(sessionId);
  }

  #upgrade(request: Request): Response {
    const { socket, response, ended } = this.#socketFor(request, this.#sockets);
    socket.binaryType = "arraybuffer";
    const connection = this.open(socket);
    socket.onmessage = ({ data }) => connection.take(data);
    ended.then(() => this.lost(connection));
    return response;
  }

  /** Kurento completes the handshake for any path, and then says that it was the wrong one. */
  #refuseByClose(request: Request): Response {
    if (this.#strays.size >= MAX_STRAYS) return new Response("Invalid path", { status: 404 });
    const { socket, response } = this.#socketFor(request, this.#strays);
    socket.onopen = () => socket.close(1002, "Invalid path");
    return response;
  }

  /** A socket that counts until it has ended. */
  #socketFor(request: Request, counted: Set<WebSocket>): Handshake {
    const handshake = openSocket(request, this.#books.settings.clock);
    counted.add(handshake.socket);
    handshake.ended.then(() => counted.delete(handshake.socket));
    return handshake;
  }

  #requireRoom(): void {
    const { maxConnections } = this.#books.settings;
    if (this.#sockets.size < maxConnections) return;
    throw new AppError(
      "limit_reached",
      `Cannot open a connection: ${this.#sockets.size} are open vs ${maxConnections} that this server allows, ` +
        "close one or raise KASKADO_KURENTO_MAX_CONNECTIONS",
      { retryAfterSeconds: 10 },
    );
  }
}

function upgradeRequired(): Response {
  return new Response("Kurento's JSON-RPC is spoken here over WebSocket\n", {
    status: 426,
    headers: { Upgrade: "websocket", Connection: "Upgrade", "Content-Type": "text/plain" },
  });
}
