import type { Hono } from "hono";
import type { ServerEnv } from "../../src/api/http/mod.ts";
import { createRestApp, type RestSettings } from "../../src/api/rest/mod.ts";
import { FakeCommands } from "./fake_commands.ts";
import { VirtualClock } from "./virtual_clock.ts";

/** The REST door over fake commands, called as a program on this machine calls it unless a test says otherwise. */
export function restDoor(settings: Partial<RestSettings> = {}) {
  const commands = new FakeCommands();
  const app = createRestApp(commands, {
    apiToken: null,
    corsOrigins: [],
    ready: () => true,
    clock: new VirtualClock(),
    ...settings,
  });
  return { app, commands, ask: askerOf(app) };
}

export interface Ask {
  headers?: Record<string, string>;
  /** Sent as JSON with its content type; a string goes as it is. */
  body?: unknown;
  /** Address of the peer. */
  from?: string;
  host?: string;
}

/** Sends requests into an app, without a socket. */
export function askerOf(app: Hono<ServerEnv>) {
  return async (method: string, path: string, ask: Ask = {}): Promise<Response> => {
    const { headers = {}, body, from = "127.0.0.1", host = "localhost:8888" } = ask;
    const typed = body === undefined ? headers : { "Content-Type": "application/json", ...headers };
    const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    const request = new Request(`http://${host}${path}`, { method, headers: typed, body: text });
    return await app.fetch(request, { remote: { hostname: from, port: 50000 } });
  };
}
