import { randomToken } from "../base/mod.ts";
import type { BodyEnd, OfferedBody } from "./types.ts";

const TOKEN_LENGTH = 32;

type Ended = (end: BodyEnd) => void;

/**
 * Where workers fetch the bodies of requests: HTTP on 127.0.0.1, each body under a path of its own that nobody can
 * guess, once. What is not read yet stays with the client who sends it, by the flow control of TCP.
 */
export class BodyDoor {
  readonly #bodies = new Map<string, Offer>();
  #server: Deno.HttpServer<Deno.NetAddr> | null = null;

  /** See FramePool. */
  offerBody(body: ReadableStream<Uint8Array>, ended: Ended): OfferedBody {
    const token = randomToken(TOKEN_LENGTH);
    const offer = new Offer(body, (end) => {
      this.#bodies.delete(token);
      ended(end);
    });
    this.#bodies.set(token, offer);
    return { url: `http://127.0.0.1:${this.#port()}/${token}`, close: () => offer.close() };
  }

  async close(): Promise<void> {
    for (const offer of this.#bodies.values()) offer.close();
    await this.#server?.shutdown();
  }

  #port(): number {
    const place = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#server ??= Deno.serve(place, (request) => this.#answer(request));
    return this.#server.addr.port;
  }

  #answer(request: Request): Response {
    const stream = this.#bodies.get(new URL(request.url).pathname.slice(1))?.take();
    return stream ? new Response(stream) : new Response(null, { status: 404 });
  }
}

/** One body, from its offer to its end. */
class Offer {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #ended: Ended | null;
  #isTaken = false;

  constructor(body: ReadableStream<Uint8Array>, ended: Ended) {
    this.#reader = body.getReader();
    this.#ended = ended;
  }

  /** The bytes; null where somebody has them already. */
  take(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    if (this.#isTaken) return null;
    this.#isTaken = true;
    return new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: async (controller) => {
        const bytes = await this.#next();
        if (bytes) controller.enqueue(bytes);
        else controller.close();
      },
      cancel: () => this.close(),
    }, { highWaterMark: 0 });
  }

  close(): void {
    if (!this.#ended) return;
    this.#end("left");
    this.#reader.cancel().catch(() => {});
  }

  /** Null at the end, whatever it is: the reader has to see what came before a break, as far as it goes. */
  async #next(): Promise<Uint8Array<ArrayBuffer> | null> {
    try {
      const { value } = await this.#reader.read();
      if (value) return value as Uint8Array<ArrayBuffer>;
      this.#end("whole");
    } catch {
      this.#end("broken");
    }
    return null;
  }

  #end(end: BodyEnd): void {
    const ended = this.#ended;
    this.#ended = null;
    ended?.(end);
  }
}
