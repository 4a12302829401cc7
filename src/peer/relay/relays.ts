import type { Clock, Timer } from "../../base/mod.ts";
import type { Detours } from "../detour/detours.ts";
import type { TurnServer } from "../types.ts";
import { type OpenLink, Relay } from "./relay.ts";

/** Until a relay that was lost is asked for again; twice as long each time, at most the last one. */
const FIRST_RETRY_MS = 5000;
const LAST_RETRY_MS = 60_000;

/** The relays of one plane. Peers that name the same server share its allocation: remote addresses keep them apart. */
export class Relays {
  readonly #relays = new Map<string, { relay: Relay; users: number }>();
  #keepTimer: Timer | null = null;
  #closed = false;

  constructor(readonly deps: { clock: Clock; detours: Detours; openLink?: OpenLink }) {}

  /** The relay of this server where it is there already, ready or not. */
  find(server: TurnServer): Relay | null {
    return this.#relays.get(keyOf(server))?.relay ?? null;
  }

  /** The relay of this server; asks for one where there is none. To be given back by `release`. */
  acquire(server: TurnServer): Relay {
    const key = keyOf(server);
    const entry = this.#relays.get(key) ?? { relay: this.#open(server, key), users: 0 };
    this.#relays.set(key, entry);
    entry.users++;
    return entry.relay;
  }

  release(relay: Relay): void {
    const key = keyOf(relay.server);
    const entry = this.#relays.get(key);
    if (entry?.relay !== relay || --entry.users > 0) return;
    this.#relays.delete(key);
    relay.close();
  }

  /** Holds a relay of this server for good, and gets a new one whenever it is lost. */
  keep(server: TurnServer, retryMs = FIRST_RETRY_MS): void {
    const relay = this.acquire(server);
    relay.whenReady((candidate) => {
      if (candidate) retryMs = FIRST_RETRY_MS;
    });
    relay.whenEnded(() => {
      if (this.#closed) return;
      this.#keepTimer = this.deps.clock.after(
        retryMs,
        () => this.keep(server, Math.min(2 * retryMs, LAST_RETRY_MS)),
      );
    });
  }

  close(): void {
    this.#closed = true;
    this.#keepTimer?.cancel();
    for (const { relay } of [...this.#relays.values()]) relay.close();
    this.#relays.clear();
  }

  #open(server: TurnServer, key: string): Relay {
    const relay = new Relay(server, this.deps);
    relay.whenEnded(() => {
      if (this.#relays.get(key)?.relay === relay) this.#relays.delete(key);
    });
    return relay;
  }
}

function keyOf({ address, port, transport, username, credential }: TurnServer): string {
  return JSON.stringify([address, port, transport, username, credential]);
}
