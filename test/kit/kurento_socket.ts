// deno-lint-ignore no-explicit-any
type Json = any;

/** JSON-RPC over a WebSocket, as a page or a program without Kurento's client speaks it. */
export class KurentoSocket {
  readonly socket: WebSocket;
  /** Every notification's value. */
  readonly events: Json[] = [];
  /** Code and reason of the end, once it has come. */
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #replies: Json[] = [];
  readonly #watchers = new Set<() => void>();
  #last = 0;

  private constructor(url: string, options?: object) {
    this.socket = new WebSocket(url, options as never);
    this.socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.method === "onEvent") this.events.push(message.params.value);
      else this.#replies.push(message);
      for (const look of [...this.#watchers]) look();
    };
    this.closed = new Promise((resolve) => {
      this.socket.onclose = ({ code, reason }) => resolve({ code, reason });
    });
  }

  /** Opens a socket; rejects when the handshake is refused. `options` are those of Deno's WebSocket. */
  static async open(url: string, options?: object): Promise<KurentoSocket> {
    const opened = new KurentoSocket(url, options);
    await new Promise<void>((resolve, reject) => {
      opened.socket.onopen = () => resolve();
      opened.socket.onerror = (event) => reject(new Error((event as ErrorEvent).message));
    });
    return opened;
  }

  /** Sends a text and gives the response with the id, within 10 s. */
  async ask(text: string, id: unknown): Promise<Json> {
    this.socket.send(text);
    return await this.#until(`an answer to ${text}`, () => {
      const at = this.#replies.findIndex((reply) => reply.id === id);
      return at < 0 ? undefined : this.#replies.splice(at, 1)[0];
    });
  }

  /** The result of a request; rejects with the error's code and message. */
  async call(method: string, params: object = {}): Promise<Json> {
    const id = this.#last++;
    const { result, error } = await this.ask(JSON.stringify({ jsonrpc: "2.0", id, method, params }), id);
    if (error) throw new Error(`${error.code} ${error.message}`);
    return result;
  }

  async create(type: string, constructorParams?: object): Promise<string> {
    return (await this.call("create", { type, constructorParams })).value;
  }

  async invoke(object: string, operation: string, operationParams?: object): Promise<Json> {
    return (await this.call("invoke", { object, operation, operationParams })).value;
  }

  /** The first event of the type, come or to come within 10 s. */
  event(type: string, accept: (value: Json) => boolean = () => true): Promise<Json> {
    return this.#until(`${type}`, () => this.events.find((value) => value.type === type && accept(value)));
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }

  #until(what: string, look: () => Json): Promise<Json> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`Cannot hear ${what} within 10 s`)), 10_000);
      const check = () => {
        const found = look();
        if (found === undefined) return;
        clearTimeout(timer);
        this.#watchers.delete(check);
        resolve(found);
      };
      this.#watchers.add(check);
      check();
    });
  }
}
