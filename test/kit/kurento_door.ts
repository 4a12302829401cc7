import { KurentoDoor, type KurentoSettings } from "../../src/api/kurento/mod.ts";
import type { CommandSettings } from "../../src/command/mod.ts";
import type { Definition } from "../../src/graph/mod.ts";
import { openHouse, type TestHouse } from "./house.ts";

// deno-lint-ignore no-explicit-any
type Json = any;

/** Counted over all clients: those that share a session must not use an id twice. */
let lastId = 0;

/** A client of the door without a socket: what it sends is taken at once, what it gets is kept. */
export class DoorClient {
  /** Every text that was sent to it, and how it was closed. */
  readonly texts: string[] = [];
  closed: { code: number; reason: string } | null = null;
  /** What the client has not read. */
  bufferedAmount = 0;
  readonly connection: ReturnType<KurentoDoor["open"]>;
  readonly #door: KurentoDoor;

  constructor(door: KurentoDoor) {
    this.#door = door;
    this.connection = door.open(this);
  }

  send(text: string): void {
    this.texts.push(text);
  }

  close(code: number, reason: string): void {
    this.closed = { code, reason };
    this.#door.lost(this.connection);
  }

  /** The socket breaks. */
  break(): void {
    this.#door.lost(this.connection);
  }

  /** Sends a text and gives what comes back next that is no event. */
  async ask(text: string): Promise<Json> {
    const before = this.texts.length;
    this.connection.take(text);
    for (let round = 0; round < 200; round++) {
      const reply = this.texts.slice(before).find((each) => each === "" || !JSON.parse(each).method);
      if (reply !== undefined) return reply === "" ? "" : JSON.parse(reply);
      await new Promise((resolve) => setTimeout(resolve, round < 50 ? 0 : 5));
    }
    throw new Error(`Cannot give an answer to ${text}: none came`);
  }

  /** The whole response to a request. */
  request(method: string, params?: unknown): Promise<Json> {
    return this.ask(JSON.stringify({ jsonrpc: "2.0", id: lastId++, method, params }));
  }

  /** The result of a request that must succeed. */
  async call(method: string, params?: unknown): Promise<Json> {
    const response = await this.request(method, params);
    if (response.error) throw new Error(`${method} failed: ${JSON.stringify(response.error)}`);
    return response.result;
  }

  /** The error of a request that must fail. */
  async refusal(method: string, params?: unknown): Promise<Json> {
    const response = await this.request(method, params);
    if (!response.error) throw new Error(`${method} succeeded: ${JSON.stringify(response.result)}`);
    return response.error;
  }

  /** The id of a new object. */
  async create(type: string, constructorParams?: unknown): Promise<string> {
    return (await this.call("create", { type, constructorParams })).value;
  }

  async invoke(object: string, operation: string, operationParams?: unknown): Promise<Json> {
    return (await this.call("invoke", { object, operation, operationParams })).value;
  }

  /** Values of the notifications that came. */
  events(type?: string): Json[] {
    const all = this.texts.filter(Boolean).map((text) => JSON.parse(text)).filter((each) =>
      each.method === "onEvent"
    );
    return all.map((each) => each.params.value).filter((value) => type === undefined || value.type === type);
  }
}

/** The door over a whole house without time or packets. */
export interface TestDoor {
  readonly door: KurentoDoor;
  readonly house: TestHouse;
  client(): DoorClient;
  close(): Promise<void>;
}

export async function openDoor(
  options: {
    settings?: Partial<KurentoSettings>;
    definitions?: readonly Definition[];
    house?: Partial<CommandSettings>;
  } = {},
  limits?: ConstructorParameters<typeof KurentoDoor>[2],
): Promise<TestDoor> {
  const house = await openHouse({ definitions: options.definitions, settings: options.house });
  const settings: KurentoSettings = {
    path: "kurento",
    apiToken: null,
    collectEverySeconds: 240,
    killLimit: null,
    exhausted: () => {},
    maxConnections: 100,
    requestCache: true,
    resourceLimit: 1,
    clock: house.clock,
    ...options.settings,
  };
  const door = new KurentoDoor(house.commands, settings, limits);
  return {
    door,
    house,
    client: () => new DoorClient(door),
    async close() {
      door.close();
      await house.close();
    },
  };
}
