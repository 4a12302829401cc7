import { makeDoorIdentity } from "./door_identity.ts";
import type { LocalDoor } from "./local_door.ts";

/**
 * The other end of TLS that FFmpeg speaks into a tunnel. FFmpeg looks at no certificate of those that a playlist or a
 * redirection leads it to, so it never speaks TLS with them: it does with us, and we with them.
 */
export class TlsInterior {
  readonly #door: LocalDoor;
  readonly #listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, ...makeDoorIdentity() });
  /** Connections by the ports that they come from; either side of one may be the first that knows of it. */
  readonly #entrances = new Map<number, PromiseWithResolvers<Deno.TlsConn>>();

  /** What is open is closed with the door. */
  constructor(door: LocalDoor) {
    this.#door = door;
    door.keep(this.#listener);
    void this.#accept();
  }

  /**
   * What a client says within its TLS, and when the last of its bytes has gone by; `first` are bytes of it that were read
   * already.
   */
  async enter(
    client: Deno.TcpConn,
    first: Uint8Array,
  ): Promise<{ inside: Deno.TlsConn; left: Promise<void> }> {
    const passage = await this.#door.connect("127.0.0.1", this.#listener.addr.port);
    const { port } = passage.localAddr;
    const { promise } = this.#entrance(port);
    for (let at = 0; at < first.length;) at += await passage.write(first.subarray(at));
    const left = this.#door.join(client, passage);
    const inside = await promise;
    this.#entrances.delete(port);
    const leaving = left.finally(() => {
      this.#door.forget(inside);
      this.#door.forget(passage);
    });
    return { inside, left: leaving };
  }

  #entrance(port: number): PromiseWithResolvers<Deno.TlsConn> {
    const entrance = this.#entrances.get(port) ?? Promise.withResolvers<Deno.TlsConn>();
    this.#entrances.set(port, entrance);
    return entrance;
  }

  async #accept(): Promise<void> {
    // Iterating ends when the listener is closed.
    for await (const inside of this.#listener) {
      this.#door.keep(inside);
      this.#entrance(inside.remoteAddr.port).resolve(inside);
    }
  }
}
