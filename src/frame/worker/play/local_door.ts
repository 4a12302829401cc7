/** What can be read from and written to. */
export interface ByteStreams {
  readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  writable: WritableStream<Uint8Array<ArrayBuffer>>;
}

/** Connections of FFmpeg to us on 127.0.0.1, each led on to a server by `serve`. */
export class LocalDoor {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #connections = new Set<{ close(): void }>();
  readonly #ended = new AbortController();

  /** `serve` has a connection to itself until it resolves or rejects; then it is closed. */
  constructor(serve: (client: Deno.TcpConn) => Promise<void>) {
    void this.#accept(serve);
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** Connects to a server; rejects where it is not there, or when the door is closed meanwhile. */
  async connect(address: string, port: number): Promise<Deno.TcpConn> {
    const server = await Deno.connect({ hostname: address, port, signal: this.#ended.signal });
    this.keep(server);
    return server;
  }

  /** Carries bytes both ways until both have ended. */
  async join(client: ByteStreams, server: ByteStreams): Promise<void> {
    await Promise.allSettled([
      client.readable.pipeTo(server.writable),
      server.readable.pipeTo(client.writable),
    ]);
  }

  /** Is closed with the door. */
  keep(connection: { close(): void }): void {
    if (this.#ended.signal.aborted) closeQuietly(connection);
    else this.#connections.add(connection);
  }

  /** Has ended by itself. */
  forget(connection: { close(): void }): void {
    this.#connections.delete(connection);
  }

  close(): void {
    closeQuietly(this.#listener);
    this.#ended.abort();
    for (const connection of this.#connections) closeQuietly(connection);
    this.#connections.clear();
  }

  async #accept(serve: (client: Deno.TcpConn) => Promise<void>): Promise<void> {
    // Iterating ends when the listener is closed.
    for await (const client of this.#listener) {
      this.keep(client);
      serve(client).catch(() => {}).finally(() => {
        this.#connections.delete(client);
        closeQuietly(client);
      });
    }
  }
}

function closeQuietly(connection: { close(): void }): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}
