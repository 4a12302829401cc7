import { createServer, type Socket } from "node:net";

/** A medium that a web server has no length for. */
export interface LiveMedium {
  /** It begins anew when they are through. */
  pieces: Uint8Array[];
  periodMs: number;
  /** What everybody is given first. */
  beginning?: Uint8Array;
  /** The first line of the head; "HTTP/1.1 200 OK" where it is left out. */
  status?: string;
  /** Those after it. */
  fields: string[];
}

/**
 * A web server that sends a medium piece by piece to whoever has come, from where it is by then, and loses its clients
 * when it is told to. A silent one lets them wait.
 */
export class LivePage {
  readonly #server = createServer((socket) => this.#welcome(socket));
  readonly #sockets = new Set<Socket>();
  readonly #medium: LiveMedium;
  readonly #timer: ReturnType<typeof setInterval>;
  #next = 0;
  visits = 0;
  isAway = false;
  isSilent = false;

  private constructor(medium: LiveMedium) {
    this.#medium = medium;
    const { pieces, periodMs } = medium;
    this.#timer = setInterval(() => this.#send(pieces[this.#next++ % pieces.length]), periodMs);
  }

  static async open(medium: LiveMedium): Promise<LivePage> {
    const page = new LivePage(medium);
    await new Promise<void>((resolve) => page.#server.listen(0, "127.0.0.1", () => resolve()));
    return page;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as { port: number }).port}/live`;
  }

  /** Ends what there is: "said" as the last chunk says it, "closed" by no more than closing. */
  lose(how: "said" | "closed"): void {
    for (const socket of this.#sockets) socket.end(how === "said" ? "0\r\n\r\n" : "");
    this.#sockets.clear();
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #welcome(socket: Socket): void {
    this.visits++;
    socket.on("error", () => {}).on("close", () => this.#sockets.delete(socket));
    if (this.isAway) return void socket.destroy();
    socket.once("data", () => {
      socket.write([this.#medium.status ?? "HTTP/1.1 200 OK", ...this.#medium.fields, "", ""].join("\r\n"));
      if (this.#medium.beginning) this.#write(socket, this.#medium.beginning);
      this.#sockets.add(socket);
    });
  }

  #send(piece: Uint8Array): void {
    if (this.isSilent) return;
    for (const socket of this.#sockets) this.#write(socket, piece);
  }

  #write(socket: Socket, piece: Uint8Array): void {
    const isChunked = this.#medium.fields.some((field) => /^transfer-encoding: chunked$/i.test(field));
    if (isChunked) socket.write(`${piece.length.toString(16)}\r\n`);
    socket.write(piece);
    if (isChunked) socket.write("\r\n");
  }
}

/** Bytes in so many pieces, each a whole number of `unit` bytes. */
export function piecesOf(bytes: Uint8Array, count: number, unit: number): Uint8Array[] {
  const units = bytes.length / unit;
  const place = (index: number) => Math.round(index * units / count) * unit;
  return Array.from({ length: count }, (_, index) => bytes.subarray(place(index), place(index + 1)));
}
