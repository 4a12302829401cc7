const home = new URL("../interop/kurento-client/", import.meta.url).pathname;

/** What the client told without being asked: an event of an object, or of the connection itself (object "client"). */
export interface ClientEvent {
  object: string;
  event: string;
  // deno-lint-ignore no-explicit-any
  data: any;
}

/** An error as the client gave it: Kurento's code and data. */
export class ClientError extends Error {
  readonly code: number;
  readonly data: unknown;

  constructor(error: { message: string; code: number; data: unknown }) {
    super(error.message);
    this.code = error.code;
    this.data = error.data;
  }
}

/**
 * Kurento's own JavaScript client in a Node process of its own. Objects go by names that the test gives them; in
 * arguments "@name" stands for an object and {__type__, …} for a complex value of the client.
 */
export interface KurentoClient {
  readonly events: ClientEvent[];
  /** Id of the new object. */
  create(name: string, type: string, params?: Record<string, unknown>): Promise<string>;
  /** Result of a method; "@name" in arguments stands for an object, results that are objects are {object, type}. */
  // deno-lint-ignore no-explicit-any
  call(name: string, method: string, ...args: unknown[]): Promise<any>;
  on(name: string, event: string): Promise<void>;
  find(name: string, id: string): Promise<{ object: string; type: string }>;
  // deno-lint-ignore no-explicit-any
  transaction(steps: Record<string, unknown>[]): Promise<any[]>;
  /** The first event that fits, come or to come. */
  event(name: string, event: string, accept?: (data: ClientEvent["data"]) => boolean): Promise<ClientEvent>;
  /** Calls back with the data of each such event, come or to come. */
  each(name: string, event: string, take: (data: ClientEvent["data"]) => void): void;
  /** Ends the process without a word to the server, as a crash would. */
  kill(): Promise<void>;
}

let installed: Promise<void> | null = null;

/** Opens a client on `ws://host:port/kurento`; installs the package on the first call. */
export async function openKurentoClient(url: string, options: object = {}): Promise<KurentoClient> {
  await (installed ??= install());
  const client = new ClientProcess();
  await client.ask({ do: "open", url, options });
  return client;
}

async function install(): Promise<void> {
  const isThere = await Deno.stat(`${home}node_modules/kurento-client/package.json`).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  const npm = new Deno.Command("npm", {
    args: ["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
    cwd: home,
    stdout: "piped",
    stderr: "piped",
  });
  const { success, stderr } = await npm.output();
  if (!success) throw new Error(`Cannot install kurento-client: ${new TextDecoder().decode(stderr)}`);
}

const ANSWER_TIMEOUT_MS = 30_000;
const EVENT_TIMEOUT_MS = 15_000;

class ClientProcess implements KurentoClient {
  readonly events: ClientEvent[] = [];
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  readonly #watchers = new Set<() => void>();
  #last = 0;

  constructor() {
    this.#child = new Deno.Command("node", {
      args: [`${home}driver.cjs`],
      cwd: home,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    void this.#read();
  }

  async create(name: string, type: string, params: Record<string, unknown> = {}): Promise<string> {
    const { object } = await this.ask({ do: "create", as: name, type, params }) as { object: string };
    return object;
  }

  call(name: string, method: string, ...args: unknown[]) {
    return this.ask({ do: "call", object: name, method, args });
  }

  async on(name: string, event: string): Promise<void> {
    await this.ask({ do: "on", object: name, event });
  }

  find(name: string, id: string) {
    return this.ask({ do: "find", as: name, id }) as Promise<{ object: string; type: string }>;
  }

  transaction(steps: Record<string, unknown>[]) {
    return this.ask({ do: "transaction", steps }) as Promise<unknown[]>;
  }

  event(name: string, event: string, accept: (data: unknown) => boolean = () => true): Promise<ClientEvent> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.events.find((each) =>
          each.object === name && each.event === event && accept(each.data)
        );
        if (!found) return;
        clearTimeout(timer);
        this.#watchers.delete(look);
        resolve(found);
      };
      const timer = setTimeout(() => {
        this.#watchers.delete(look);
        const heard = this.events.map((each) => `${each.object} ${each.event}`).join(", ") || "nothing";
        reject(new Error(`Cannot hear ${event} of ${name} within ${EVENT_TIMEOUT_MS} ms, heard ${heard}`));
      }, EVENT_TIMEOUT_MS);
      this.#watchers.add(look);
      look();
    });
  }

  each(name: string, event: string, take: (data: ClientEvent["data"]) => void): void {
    let read = 0;
    const look = () => {
      for (; read < this.events.length; read++) {
        const each = this.events[read];
        if (each.object === name && each.event === event) take(each.data);
      }
    };
    this.#watchers.add(look);
    look();
  }

  async kill(): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await this.#child.status;
    await this.#input.abort().catch(() => {});
  }

  // deno-lint-ignore no-explicit-any
  ask(command: Record<string, unknown>): Promise<any> {
    const n = ++this.#last;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`Cannot ${JSON.stringify(command)}: no answer in ${ANSWER_TIMEOUT_MS} ms`)),
        ANSWER_TIMEOUT_MS,
      );
      const settle = <Value>(then: (value: Value) => void) => (value: Value) => {
        clearTimeout(timer);
        this.#waiting.delete(n);
        then(value);
      };
      this.#waiting.set(n, { resolve: settle(resolve), reject: settle(reject) });
      this.#input.write(new TextEncoder().encode(JSON.stringify({ n, ...command }) + "\n")).catch(reject);
    });
  }

  async #read(): Promise<void> {
    let rest = "";
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const line of lines) this.#take(JSON.parse(line));
    }
    for (const { reject } of this.#waiting.values()) reject(new Error("The client's process has ended"));
  }

  // deno-lint-ignore no-explicit-any
  #take(line: any): void {
    if (line.event !== undefined) {
      this.events.push(line);
      for (const look of [...this.#watchers]) look();
      return;
    }
    const waiting = this.#waiting.get(line.n);
    if (line.error) waiting?.reject(new ClientError(line.error));
    else waiting?.resolve(line.result);
  }
}
