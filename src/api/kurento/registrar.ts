import { type Clock, createLog, type Timer } from "../../base/mod.ts";

const log = createLog("kurento");
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 10_000;

export interface RegistrarSettings {
  /** ws: or wss: URL of who keeps a list of media servers. */
  url: string;
  /** URL of this door, as others reach it. */
  ownUrl: string;
  clock: Clock;
  /** Dials out; a test puts its own here. */
  dial?: (url: string) => Pick<WebSocket, "onopen" | "onclose" | "onerror" | "send" | "close">;
}

/** Tells a registrar where this server is, and again whenever the line to it broke. Returns the way to stop. */
export function register(
  { url, ownUrl, clock, dial = (to) => new WebSocket(to) }: RegistrarSettings,
): () => void {
  let delayMs = FIRST_RETRY_MS;
  let retry: Timer | null = null;
  let stopped = false;
  let socket = connect();

  function connect() {
    const line = dial(url);
    line.onopen = () => {
      delayMs = FIRST_RETRY_MS;
      line.send(JSON.stringify({ jsonrpc: "2.0", method: "register", params: { ws: ownUrl } }));
      log.info("the registrar knows this server", { url, ownUrl });
    };
    // Told by onclose as well, which follows.
    line.onerror = () => {};
    line.onclose = () => {
      if (!stopped) retry = clock.after(delayMs, () => void (socket = connect()));
      delayMs = Math.min(2 * delayMs, LAST_RETRY_MS);
    };
    return line;
  }

  return () => {
    stopped = true;
    retry?.cancel();
    socket.close();
  };
}
