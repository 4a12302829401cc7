import type {
  PlaneCommand,
  PlaneEvent,
  PlaneMessageDown,
  PlaneMessageUp,
  PlaneSettings,
  PlaneStats,
} from "./control.ts";

/** A packet plane in a thread of its own. */
export interface PlaneHandle {
  /** The UDP port that all its media use. */
  readonly port: number;
  readonly kind: "ffi" | "portable";
  /** Why it is the portable one; empty for FFI. */
  readonly reason: string;
  /** "dual": reachable over IPv6 and IPv4. */
  readonly family: "dual" | "ipv4";
  /** Has the commands performed in order, soon; there is no reply. */
  apply(commands: PlaneCommand[]): void;
  /** Every counter; or, which costs less beside many others, only those of some transports by their ids. */
  stats(transports?: readonly number[]): Promise<PlaneStats>;
  /** Says BYE to all peers, closes the port and ends the thread. */
  close(): Promise<void>;
}

/**
 * Starts a plane; rejects when its port cannot be opened. `onEvents` hears what it tells by itself, `onFailure` that
 * its thread broke, after which it does nothing any more.
 */
export async function openPlane(
  settings: PlaneSettings,
  onEvents: (events: PlaneEvent[]) => void,
  onFailure: (reason: string) => void = () => {},
): Promise<PlaneHandle> {
  const thread = new PlaneThread(onEvents, onFailure);
  const ready = await thread.open(settings);
  return {
    ...ready,
    apply: (commands) => thread.post({ commands }),
    stats: (transports) => thread.stats(transports),
    close: () => thread.close(),
  };
}

type Ready = Extract<PlaneMessageUp, { ready: unknown }>["ready"];

interface Waiting<T> {
  resolve(value: T): void;
  reject(error: Error): void;
}

/** The upper end of the message channel to worker.ts. */
class PlaneThread {
  readonly #worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "plane" });
  readonly #stats = new Map<number, Waiting<PlaneStats>>();
  readonly #onEvents: (events: PlaneEvent[]) => void;
  readonly #onFailure: (reason: string) => void;
  #opening: Waiting<Ready> | null = null;
  #closing: Waiting<void> | null = null;
  #ended = false;
  #statsRequests = 0;

  constructor(onEvents: (events: PlaneEvent[]) => void, onFailure: (reason: string) => void) {
    this.#onEvents = onEvents;
    this.#onFailure = onFailure;
    this.#worker.onmessage = (event: MessageEvent<PlaneMessageUp>) => this.#take(event.data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(event.message);
    };
  }

  open(settings: PlaneSettings): Promise<Ready> {
    return new Promise((resolve, reject) => {
      this.#opening = { resolve, reject };
      this.post({ open: settings });
    });
  }

  stats(transports?: readonly number[]): Promise<PlaneStats> {
    if (this.#ended) return Promise.reject(new Error("Cannot read stats: the plane is closed"));
    return new Promise((resolve, reject) => {
      this.#stats.set(++this.#statsRequests, { resolve, reject });
      this.post({ statsRequest: this.#statsRequests, transports });
    });
  }

  close(): Promise<void> {
    if (this.#ended) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#closing = { resolve, reject };
      this.post({ close: true });
    });
  }

  post(message: PlaneMessageDown): void {
    if (!this.#ended) this.#worker.postMessage(message);
  }

  #take(message: PlaneMessageUp): void {
    if ("events" in message) this.#onEvents(message.events);
    else if ("ready" in message) this.#takeReady(message.ready);
    else if ("statsReply" in message) this.#takeStats(message.statsReply, message.stats);
    else if ("failed" in message) this.#fail(message.failed);
    else this.#end();
  }

  #takeReady(ready: Ready): void {
    this.#opening?.resolve(ready);
    this.#opening = null;
  }

  #takeStats(request: number, stats: PlaneStats): void {
    this.#stats.get(request)?.resolve(stats);
    this.#stats.delete(request);
  }

  #fail(reason: string): void {
    if (this.#ended) return;
    this.#end();
    if (this.#opening) this.#opening.reject(new Error(reason));
    else this.#onFailure(reason);
  }

  #end(): void {
    this.#ended = true;
    this.#worker.terminate();
    for (const waiting of this.#stats.values()) {
      waiting.reject(new Error("Cannot read stats: the plane is closed"));
    }
    this.#stats.clear();
    this.#closing?.resolve();
  }
}
