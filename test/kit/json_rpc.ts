/** One JSON-RPC 2.0 answer or notification as it came. */
// deno-lint-ignore no-explicit-any
export type RpcMessage = Record<string, any>;

/** A bare JSON-RPC connection: what is sent is what the test says, nothing is hidden. */
export interface JsonRpc {
  /** Everything that came and was no answer to `request`. */
  readonly others: RpcMessage[];
  /** The whole answer, `result` or `error` in it. */
  request(method: string, params?: unknown): Promise<RpcMessage>;
  /** `result.value`; throws `<code> <message>`. */
  // deno-lint-ignore no-explicit-any
  value(method: string, params?: unknown): Promise<any>;
  /** Text or bytes as they are. */
  send(message: string | Uint8Array<ArrayBuffer>): void;
  /** The next message that fits and was no answer to `request`, come or to come within 5 s; it is taken away. */
  next(accept?: (message: RpcMessage) => boolean): Promise<RpcMessage>;
  readonly closed: Promise<{ code: number; reason: string }>;
  close(): void;
}

const TIMEOUT_MS = 15_000;

/**
 * Opens `ws://…/kurento` of the server at `baseUrl` (http://host:port, or https), or `path` there; rejects when the
 * handshake is refused. `options` are Deno's: headers of the handshake, the client with its certificates.
 */
export async function openJsonRpc(baseUrl: string, path = "/kurento", options?: object): Promise<JsonRpc> {
  const socket = new WebSocket(baseUrl.replace("http", "ws") + path, options as never);
  const waiting = new Map<unknown, (message: RpcMessage) => void>();
  const watchers = new Set<() => void>();
  const others: RpcMessage[] = [];
  let lastId = 0;
  socket.onmessage = ({ data }) => {
    const message = data === "" ? { empty: true } : JSON.parse(data);
    const answer = waiting.get(message.id);
    if (answer) {
      waiting.delete(message.id);
      return answer(message);
    }
    others.push(message);
    [...watchers].forEach((look) => look());
  };
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.onclose = ({ code, reason }) => resolve({ code, reason })
  );
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onerror = () => reject(new Error(`Cannot open ${baseUrl}${path}`));
  });
  const request: JsonRpc["request"] = (method, params) => {
    const id = ++lastId;
    const answer = within(`an answer to ${method}`, (done) => void waiting.set(id, done));
    socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, ...(params === undefined ? {} : { params }) }));
    return answer;
  };
  return {
    others,
    request,
    async value(method, params) {
      const { result, error } = await request(method, params);
      if (error) throw new Error(`${error.code} ${error.message}`);
      return result?.value;
    },
    send: (message) => socket.send(message),
    next: (accept = () => true) =>
      within("a message", (done) => {
        const look = () => {
          const index = others.findIndex(accept);
          if (index < 0) return;
          watchers.delete(look);
          done(others.splice(index, 1)[0]);
        };
        watchers.add(look);
        look();
      }),
    closed,
    close: () => socket.close(),
  };
}

function within(what: string, start: (done: (message: RpcMessage) => void) => void): Promise<RpcMessage> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`Cannot see ${what} within ${TIMEOUT_MS} ms`)),
      TIMEOUT_MS,
    );
    start((message) => {
      clearTimeout(timer);
      resolve(message);
    });
  });
}
