import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Hono } from "hono";
import { answerError, answerNotFound, requestId, type ServerEnv } from "./api/http/mod.ts";
import { createPageApp } from "./api/page/mod.ts";
import { createRestApp } from "./api/rest/mod.ts";
import { createSseApp } from "./api/sse/mod.ts";
import { createWhipApp, type WhipSettings } from "./api/whip/mod.ts";
import { createLog, setLogLevel, systemClock } from "./base/mod.ts";
import { type Commands, createCommands, endAllSessions, type House, restore, sweep } from "./command/mod.ts";
import { type Config, linkHost, reachableAddresses, readConfig } from "./config.ts";
import { Engine, MediaPlane } from "./engine/mod.ts";
import { EventBus } from "./event/mod.ts";
import { Registry } from "./graph/mod.ts";
import { loadElements } from "./module/load.ts";
import { createCertificate } from "./peer/mod.ts";
import { openPlane } from "./plane/mod.ts";
import { openStore } from "./store/mod.ts";
import { version } from "./version.ts";

const log = createLog("main");
const clock = systemClock;
/** Events that readers find in memory; older ones come from the database. */
const recentEvents = 2000;
const turnDeadlineMs = 10_000;
const sweepEveryMs = 30_000;
/** How long a WHEP client may take to answer our offer. */
const counterOfferMs = 30_000;
const shutdownDeadlineMs = 10_000;
/** How long HTTP requests that are still open may take to end when the server stops. */
const farewellMs = 1000;
const sseHeartbeatMs = 15_000;

async function start(config: Config): Promise<void> {
  setLogLevel(config.logLevel);
  const startedAtMs = clock.now();
  const store = openStore(join(config.dataDir, "kaskado.sqlite"), { keepEvents: config.keepEvents });
  const registry = new Registry();
  await loadElements(fileURLToPath(new URL("./elements/", import.meta.url)), registry);
  if (config.modulesDir) await loadElements(config.modulesDir, registry);
  const addresses = config.announcedAddresses.length > 0
    ? config.announcedAddresses
    : reachableAddresses(config.bind);
  const planes = await openPlanes(config, addresses);
  const bus = new EventBus(recentEvents);
  const engine = new Engine({
    registry,
    planes,
    clock,
    turnDeadlineMs,
    commit: (change) => bus.publish(store.commit(change)),
  });
  const house: House = {
    engine,
    store,
    bus,
    registry,
    clock,
    settings: {
      version,
      startedAtMs,
      addresses,
      maxPipelines: config.maxPipelines,
      maxElementsPerPipeline: config.maxElements,
      maxSessions: config.maxSessions,
      idleStreamMs: config.idleStreamSeconds * 1000,
      counterOfferMs,
    },
  };
  await restore(house);
  const commands = createCommands(house);
  const running: Running = { ready: true, stopping: new AbortController() };
  const http = serve(config, commands, running);
  const sweeper = clock.every(sweepEveryMs, () => void sweep(house));
  announce(config, http.addr.port, planes);
  const stop = once(async (signal: string) => {
    log.info("stopping", { signal });
    running.ready = false;
    clock.after(shutdownDeadlineMs, () => Deno.exit(1));
    sweeper.cancel();
    await endAllSessions(house);
    running.stopping.abort();
    await engine.close();
    await Promise.race([http.shutdown(), new Promise<void>((resolve) => clock.after(farewellMs, resolve))]);
    store.close();
    Deno.exit(0);
  });
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    Deno.addSignalListener(signal, () => void stop(signal));
  }
}

async function openPlanes(config: Config, addresses: string[]): Promise<MediaPlane[]> {
  const certificate = await createCertificate();
  const planes: MediaPlane[] = [];
  for (let index = 0; index < config.planeWorkers; index++) {
    const port = config.udpPort === 0 ? 0 : config.udpPort + index;
    const settings = {
      bind: config.bind,
      port,
      prefer: config.native === "auto" ? undefined : config.native,
    };
    const handle = await openPlane(
      settings,
      (events) => planes[index]?.hear(events),
      (reason) => {
        log.error("a packet plane broke, so this process ends and its keeper starts it anew", {
          port,
          reason,
        });
        Deno.exit(1);
      },
    );
    if (handle.kind === "portable") {
      log.info("the portable way to the network is used", { why: handle.reason });
    }
    const [connectMs, consentMs] = [config.connectSeconds * 1000, config.consentSeconds * 1000];
    planes.push(new MediaPlane(handle, { clock, certificate, addresses, connectMs, consentMs }));
  }
  return planes;
}

/** What of the running server the doors look at. */
interface Running {
  ready: boolean;
  readonly stopping: AbortController;
}

function serve(config: Config, commands: Commands, running: Running) {
  const app = new Hono<ServerEnv>();
  app.use(requestId());
  app.notFound(answerNotFound);
  app.onError(answerError);
  const control = { apiToken: config.apiToken, corsOrigins: config.corsOrigins, clock };
  app.route(
    "/",
    createSseApp(commands, { ...control, heartbeatMs: sseHeartbeatMs, stopping: running.stopping.signal }),
  );
  app.route("/", createWhipApp(commands, whipSettings(config, running)));
  app.route("/", createPageApp());
  // Last, because it answers for every path that no other door knows.
  app.route("/", createRestApp(commands, { ...control, ready: () => running.ready }));
  return listen(config, (request, info) => app.fetch(request, { remote: info.remoteAddr }));
}

function listen(config: Config, handler: Deno.ServeHandler<Deno.NetAddr>) {
  try {
    return listenAnyFamily(config, handler);
  } catch (error) {
    const why = error instanceof Error ? error.message : error;
    throw new Error(
      `Cannot start: TCP port ${config.httpPort} cannot be opened: ${why}; see KASKADO_HTTP_PORT and KASKADO_BIND`,
      { cause: error },
    );
  }
}

function listenAnyFamily(config: Config, handler: Deno.ServeHandler<Deno.NetAddr>) {
  const listen = (hostname: string) =>
    Deno.serve({ port: config.httpPort, hostname, onListen: () => {} }, handler);
  if (config.bind !== "") return listen(config.bind);
  try {
    return listen("::");
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) throw error;
    log.info("this machine has no IPv6, so HTTP is served on IPv4 only", { error: String(error) });
    return listen("0.0.0.0");
  }
}

function whipSettings(config: Config, running: Running): WhipSettings {
  return {
    strict: config.strict,
    publishToken: config.publishToken,
    watchToken: config.watchToken,
    iceServers: config.iceServers,
    corsOrigins: config.mediaCorsOrigins,
    rateLimit: { perAddressPerMinute: config.rateLimitPerMinute, burst: config.rateLimitBurst },
    maxOfferBytes: 256 * 1024,
    counterOffer: "onRequest",
    counterOfferValidMs: counterOfferMs,
    acceptingSessions: () => running.ready,
    clock,
  };
}

function announce(config: Config, port: number, planes: readonly MediaPlane[]): void {
  const base = `http://${linkHost(config.bind)}:${port}`;
  const udp = planes.map(({ handle }) => handle.port).join(", ");
  console.log(
    [
      `Kaskado ${version} is up`,
      `  page      ${base}/`,
      `  publish   ${base}/whip/demo   (WHIP: OBS, FFmpeg, a browser)`,
      `  watch     ${base}/whep/demo   (WHEP), or in a browser ${base}/?watch=demo`,
      `  API       ${base}/v1   described at ${base}/docs`,
      `  media     UDP ${udp}`,
    ].join("\n"),
  );
}

function once<Argument>(work: (argument: Argument) => Promise<void>): (argument: Argument) => Promise<void> {
  let running: Promise<void> | null = null;
  return (argument) => running ??= work(argument);
}

try {
  await start(readConfig());
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  log.debug("the start failed", { error });
  Deno.exit(1);
}
