import { connect, createServer, type Server, type Socket } from "node:net";

/** A TCP relay on loopback that can cut what runs through it, as a network does. */
export interface TcpRelay {
  readonly port: number;
  /** Resets every connection that is open now; new ones are taken. */
  cut(): void;
  /** From now on new connections are taken and wait, as at a load balancer whose server is away. */
  hold(): void;
  /** Those that wait are let through, and so is every later one. */
  pass(): void;
  /** How many connections wait. */
  readonly waiting: number;
  close(): Promise<void>;
}

export async function openTcpRelay(toPort: number): Promise<TcpRelay> {
  const relay = new Relay(toPort);
  await relay.listen();
  return relay;
}

class Relay implements TcpRelay {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  readonly #waiting = new Set<Socket>();
  readonly #toPort: number;
  #holds = false;

  constructor(toPort: number) {
    this.#toPort = toPort;
    this.#server = createServer((near) => {
      this.#watch(near);
      if (this.#holds) this.#waiting.add(near);
      else this.#pipe(near);
    });
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }
  get waiting(): number {
    return this.#waiting.size;
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(0, "127.0.0.1", resolve);
    });
  }

  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }

  hold(): void {
    this.#holds = true;
  }

  pass(): void {
    this.#holds = false;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const near of waiting) this.#pipe(near);
  }

  close(): Promise<void> {
    this.cut();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #watch(socket: Socket): void {
    this.#open.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#open.delete(socket);
      this.#waiting.delete(socket);
    });
  }

  /** What a waiting socket has sent by then is read only now. */
  #pipe(near: Socket): void {
    const far = connect(this.#toPort, "127.0.0.1");
    this.#watch(far);
    near.pipe(far).pipe(near);
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
  }
}
