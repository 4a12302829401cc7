import { once } from "node:events";
import { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { type ByteStreams, LocalDoor } from "./local_door.ts";
import { asFault, MediaFault } from "./media_fault.ts";
import { RedirectWatch } from "./redirect_watch.ts";
import type { Resolve } from "./resolve.ts";

export interface RelayTarget {
  host: string;
  port: number;
  /** The server is spoken to by TLS; FFmpeg speaks to us without. */
  isSecure: boolean;
}

/**
 * Leads one source's TCP connections to the one server that the URI names, at an address that was looked at. FFmpeg
 * would follow an RTSP server that sends it elsewhere; here that ends the connection.
 */
export class StreamRelay {
  readonly #door: LocalDoor;
  readonly #target: RelayTarget;
  readonly #resolve: Resolve;
  #isOpening = true;
  /** Why a connection came to nothing. */
  refusal: MediaFault | null = null;

  constructor(target: RelayTarget, resolve: Resolve) {
    this.#target = target;
    this.#resolve = resolve;
    this.#door = new LocalDoor((client) => this.#serve(client));
  }

  /** Port on 127.0.0.1 to connect to. */
  get port(): number {
    return this.#door.port;
  }

  /** The source is open: nothing that comes now leads elsewhere. */
  opened(): void {
    this.#isOpening = false;
  }

  close(): void {
    this.#door.close();
  }

  async #serve(client: Deno.TcpConn): Promise<void> {
    try {
      const server = await this.#connect();
      const watch = new RedirectWatch();
      const readable = server.readable.pipeThrough(
        new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
          transform: (chunk, controller) => {
            if (this.#isOpening && watch.sees(chunk)) this.#refuseRedirect();
            controller.enqueue(chunk);
          },
        }),
      );
      await this.#door.join(client, { readable, writable: server.writable });
    } catch (error) {
      this.refusal ??= asFault(error);
    }
  }

  async #connect(): Promise<ByteStreams> {
    const { host, port, isSecure } = this.#target;
    const address = await this.#resolve(host);
    if (!isSecure) {
      return await this.#door.connect(address, port).catch((error) => unreachable(host, port, error));
    }
    // Like FFmpeg itself: cameras sign their own certificates.
    const socket = connectTls({ host: address, port, servername: host, rejectUnauthorized: false });
    this.#door.keep({ close: () => socket.destroy() });
    await once(socket, "secureConnect").catch((error) => unreachable(host, port, error));
    return Duplex.toWeb(socket) as unknown as ByteStreams;
  }

  /** Ends the connection by throwing. */
  #refuseRedirect(): never {
    const { host } = this.#target;
    this.refusal = new MediaFault("INVALID_URI", `Cannot play from "${host}": it leads to another place`);
    throw this.refusal;
  }
}

function unreachable(host: string, port: number, error: unknown): never {
  const why = error instanceof Error ? error.message : String(error);
  throw new MediaFault("RESOURCE_ERROR_OPEN", `Cannot reach "${host}" at port ${port}: ${why}`);
}
