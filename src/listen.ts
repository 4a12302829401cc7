import { type BodyHandler, type BodyListener, listenForBodies } from "./api/post/mod.ts";
import { readIdentity } from "./api/http/mod.ts";
import { type Clock, createLog } from "./base/mod.ts";
import type { Config } from "./config.ts";

const log = createLog("main");
/** Where Kurento takes bodies, too. */
const usualPostPort = 9091;

type HttpServer = Deno.HttpServer<Deno.NetAddr>;

/** The listeners of the HTTP doors. */
export interface Http {
  readonly plain: HttpServer;
  /** Null without a TLS port. */
  readonly tls: HttpServer | null;
}

/** Opens the ports of all HTTP doors. Throws what says which setting to look at. */
export function listenForHttp(config: Config, handler: Handler): Http {
  const plain = listen(config.bind, { port: config.httpPort }, "KASKADO_HTTP_PORT", handler);
  return { plain, tls: listenTls(config, handler) };
}

/** Opens the port for bodies alone; null where the settings want none. */
export async function listenForPosts(
  { bind, postPort, publicUrl, frameWorkers }: Config,
  clock: Clock,
  handler: BodyHandler,
): Promise<BodyListener | null> {
  const open = (port: number) =>
    listenForBodies({ hostname: bind, port }, clock, handler).catch((error) => {
      throw cannotListen(port, "KASKADO_POST_PORT", error);
    });
  if (postPort !== null) return await open(postPort);
  if (publicUrl !== null || frameWorkers === 0) return null;
  const usual = await open(usualPostPort).catch(() => null);
  if (usual) return usual;
  const other = await open(0);
  log.info("the usual port of HttpPostEndpoints is taken, so they have another", {
    usual: usualPostPort,
    port: other.port,
  });
  return other;
}

type Handler = Deno.ServeHandler<Deno.NetAddr>;
type Place = { port: number; cert?: string; key?: string };

function listenTls(config: Config, handler: Handler): HttpServer | null {
  if (config.tlsPort === null) return null;
  if (config.tlsCertificate === null) {
    throw new Error("Cannot start: KASKADO_TLS_PORT is set and KASKADO_TLS_CERTIFICATE is not, set both");
  }
  const identity = readIdentity(config.tlsCertificate, config.tlsKey);
  return listen(config.bind, { port: config.tlsPort, ...identity }, "KASKADO_TLS_PORT", handler);
}

function listen(bind: string, place: Place, setting: string, handler: Handler): HttpServer {
  try {
    return listenAnyFamily(bind, place, handler);
  } catch (error) {
    throw cannotListen(place.port, setting, error);
  }
}

function listenAnyFamily(bind: string, place: Place, handler: Handler): HttpServer {
  const listen = (hostname: string) => Deno.serve({ ...place, hostname, onListen: () => {} }, handler);
  if (bind !== "") return listen(bind);
  try {
    return listen("::");
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) throw error;
    log.info("this machine has no IPv6, so HTTP is served on IPv4 only", { error: String(error) });
    return listen("0.0.0.0");
  }
}

function cannotListen(port: number, setting: string, error: unknown): Error {
  const why = error instanceof Error ? error.message : error;
  return new Error(
    `Cannot start: TCP port ${port} cannot be opened: ${why}; see ${setting} and KASKADO_BIND`,
    {
      cause: error,
    },
  );
}
