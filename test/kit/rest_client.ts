/** What a request gave; `body` is parsed where it is JSON, text else. */
export interface RestReply {
  status: number;
  headers: Headers;
  // deno-lint-ignore no-explicit-any
  body: any;
}

export interface RestClient {
  get(path: string, headers?: Record<string, string>): Promise<RestReply>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<RestReply>;
  patch(path: string, body: unknown, headers?: Record<string, string>): Promise<RestReply>;
  put(path: string, body: unknown): Promise<RestReply>;
  delete(path: string): Promise<RestReply>;
}

/** Requests as curl makes them: JSON out, JSON in. A body that is text or bytes goes as it is. */
export function restClient(baseUrl: string): RestClient {
  const send = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const isRaw = body === undefined || typeof body === "string" || body instanceof Uint8Array;
    const response = await fetch(baseUrl + path, {
      method,
      body: isRaw ? body as BodyInit : JSON.stringify(body),
      headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      signal: AbortSignal.timeout(10_000),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get("content-type") ?? "");
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  };
  return {
    get: (path, headers) => send("GET", path, undefined, headers),
    post: (path, body, headers) => send("POST", path, body, headers),
    patch: (path, body, headers) => send("PATCH", path, body, headers),
    put: (path, body) => send("PUT", path, body),
    delete: (path) => send("DELETE", path),
  };
}
