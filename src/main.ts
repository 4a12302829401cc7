import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Hono } from "hono";
import { answerError, answerNotFound, requestId, type ServerEnv } from "./api/http/mod.ts";
import { KurentoDoor, type KurentoSettings, register } from "./api/kurento/mod.ts";
import { createPageApp } from "./api/page/mod.ts";
import { type BodyHandler, type BodyListener, createPostApp } from "./api/post/mod.ts";
import { createRestApp } from "./api/rest/mod.ts";
import { createSseApp } from "./api/sse/mod.ts";
import { createWhipApp, type WhipSettings } from "./api/whip/mod.ts";
import { createLog, setLogLevel, systemClock } from "./base/mod.ts";
import {
  type Commands,
  createCommands,
  endAllSessions,
  type House,
  restore,
  settleAll,
  sweep,
} from "./command/mod.ts";
import { bodyBase, type Config, iceTcpPort, linkHost, reachableAddresses, readConfig } from "./config.ts";
import { Engine, type FrameRoom, hostAddressOf, MediaPlane } from "./engine/mod.ts";
import { EventBus } from "./event/mod.ts";
import { openFramePool, type S3Credentials } from "./frame/mod.ts";
import { Registry } from "./graph/mod.ts";
import { loadElements } from "./module/load.ts";
import {
  type CertificateKeyType,
  type DtlsCertificate,
  type IceOptions,
  openCertificates,
  readCertificate,
} from "./peer/mod.ts";
import { openPlane } from "./plane/mod.ts";
import { openStore } from "./store/mod.ts";
import { type Http, listenForHttp, listenForPosts } from "./listen.ts";
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
  const store = openStore(join(config.dataDir, "kaskado.sqlite"), { keepEvents: config.keepEvents });
  const registry = new Registry();
  await loadElements(fileURLToPath(new URL("./elements/", import.meta.url)), registry);
  if (config.modulesDir) await loadElements(config.modulesDir, registry);
  const addresses = config.announcedAddresses.length > 0
    ? config.announcedAddresses
    : reachableAddresses(config.bind);
  const planes = await openPlanes(config, addresses);
  const bus = new EventBus(recentEvents);
  // It is known when the doors open.
  let postPort = () => config.httpPort;
  const engine = new Engine({
    registry,
    planes,
    frames: openFrames(config),
    clock,
    turnDeadlineMs,
    bodyUrl: (elementId) => `${bodyBase(config, addresses, postPort())}/post/${elementId}`,
    commit: (change) => bus.publish(store.commit(change)),
  });
  const house: House = {
    engine,
    store,
    bus,
    registry,
    clock,
    settings: commandSettings(config, addresses),
  };
  await restore(house);
  const commands = createCommands(house);
  const running: Running = { ready: true, stopping: new AbortController() };
  const kurento = new KurentoDoor(commands, kurentoSettings(config, (why) => void stop(why)));
  const doors = openDoors(config, commands, kurento, running);
  const posts = await listenForPosts(config, clock, doors.bodies);
  const http = listenForHttp(config, doors.all);
  const unregister = registerAt(config, http);
  const sweeper = clock.every(sweepEveryMs, () => void sweep(house));
  postPort = () => posts?.port ?? http.plain.addr.port;
  announce(config, http, posts, planes);
  const stop = once(async (signal: string) => {
    log.info("stopping", { signal });
    running.ready = false;
    clock.after(shutdownDeadlineMs, () => Deno.exit(1));
    sweeper.cancel();
    unregister();
    kurento.close();
    await settleAll(house);
    await endAllSessions(house);
    running.stopping.abort();
    await engine.close();
    posts?.close();
    const closed = Promise.all([http.plain.shutdown(), http.tls?.shutdown()]);
    await Promise.race([closed, new Promise<void>((resolve) => clock.after(farewellMs, resolve))]);
    store.close();
    Deno.exit(0);
  });
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    Deno.addSignalListener(signal, () => void stop(signal));
  }
}

/** What the commands are to know of the settings. */
function commandSettings(config: Config, addresses: string[]): House["settings"] {
  return {
    version,
    startedAtMs: clock.now(),
    addresses,
    maxPipelines: config.maxPipelines,
    maxElementsPerPipeline: config.maxElements,
    maxSessions: config.maxSessions,
    idleStreamMs: config.idleStreamSeconds * 1000,
    counterOfferMs,
    mediaDir: mediaDirOf(config),
    metadata: config.kurentoMetadata,
    dotDir: config.dotDir,
  };
}

/** What elements do not say about how their peers reach this server. */
function iceDefaultsFrom(config: Config): IceOptions {
  return {
    networkInterfaces: [],
    externalIPv4: config.externalIpv4,
    externalIPv6: config.externalIpv6,
    stunServer: config.stunServer,
    turnServer: config.turnUrl,
    tcp: config.iceTcp,
  };
}

async function openPlanes(config: Config, addresses: string[]): Promise<MediaPlane[]> {
  const certificates = await openCertificates({
    RSA: certificateFrom("RSA", config.certificateRsa),
    ECDSA: certificateFrom("ECDSA", config.certificateEcdsa),
  });
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
    planes.push(
      new MediaPlane(handle, {
        clock,
        certificates,
        addresses,
        iceDefaults: iceDefaultsFrom(config),
        network: { bind: config.bind, tcpPort: iceTcpPort(config, handle.port) },
        connectMs,
        consentMs,
        rtpPorts: config.rtpPorts,
      }),
    );
  }
  return planes;
}

/** The room of FFmpeg, null where the settings want none. */
function openFrames(config: Config): FrameRoom | null {
  if (config.frameWorkers === 0) return null;
  const mediaDir = mediaDirOf(config);
  const rules = {
    allowedSchemes: config.mediaSchemes,
    mediaDir,
    allowPrivateHosts: config.mediaPrivateHosts,
  };
  const s3 = s3From(config);
  const pool = openFramePool({
    clock,
    log: createLog("frame"),
    mediaDir,
    planeAddress: hostAddressOf(config.bind),
    maxWorkers: config.frameWorkers,
    maxRssBytes: config.frameMemoryMb * 1024 * 1024,
    spare: "onceUsed",
    hardware: config.frameHardware === "auto",
    portable: config.native === "portable",
    caFile: caFileFrom(config.mediaCaFile),
    leftUploads: { ...rules, s3 },
  });
  return { pool, rules, s3 };
}

/** What uploads of recordings are signed with, null for nothing. */
function s3From(config: Config): S3Credentials | null {
  const { s3AccessKeyId: accessKeyId, s3SecretAccessKey: secretAccessKey, s3SessionToken } = config;
  if (accessKeyId === null && secretAccessKey === null) return null;
  if (accessKeyId === null || secretAccessKey === null) {
    throw new Error(
      "Cannot start: one of KASKADO_S3_ACCESS_KEY_ID and KASKADO_S3_SECRET_ACCESS_KEY is set and the other is not, " +
        "set both",
    );
  }
  const sessionToken = s3SessionToken ?? undefined;
  return { accessKeyId, secretAccessKey, region: config.s3Region, sessionToken };
}

/** The media folder without links on the way, made where there is none. */
function mediaDirOf({ mediaDir, dataDir }: Config): string {
  const path = mediaDir ?? join(dataDir, "media");
  try {
    Deno.mkdirSync(path, { recursive: true });
    return Deno.realPathSync(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : error;
    throw new Error(
      `Cannot start: the media folder "${path}" cannot be made: ${why}; see KASKADO_MEDIA_DIR`,
      {
        cause: error,
      },
    );
  }
}

/** Workers start long after the server: what is wrong with the file is said now. */
function caFileFrom(path: string | null): string | null {
  if (path === null) return null;
  try {
    if (/-----BEGIN CERTIFICATE-----/.test(Deno.readTextFileSync(path))) return path;
    throw new Error("it holds no certificate, put a CERTIFICATE block of PEM into it");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot start: KASKADO_MEDIA_CA_FILE="${path}": ${why}`, { cause: error });
  }
}

/** The certificate of a PEM file; a file that is no such thing stops the start with a sentence. */
function certificateFrom(keyType: CertificateKeyType, path: string | null): DtlsCertificate | null {
  if (path === null) return null;
  try {
    return readCertificate(keyType, Deno.readTextFileSync(path));
  } catch (error) {
    const why = error instanceof Error ? error.message : error;
    throw new Error(`Cannot start: KASKADO_CERTIFICATE_${keyType}="${path}": ${why}`, { cause: error });
  }
}

/** What of the running server the doors look at. */
interface Running {
  ready: boolean;
  readonly stopping: AbortController;
}

/** All HTTP doors, and the one for bodies by itself. */
function openDoors(config: Config, commands: Commands, kurento: KurentoDoor, running: Running) {
  const app = emptyApp();
  const control = { apiToken: config.apiToken, corsOrigins: config.corsOrigins, clock };
  app.route(
    "/",
    createSseApp(commands, { ...control, heartbeatMs: sseHeartbeatMs, stopping: running.stopping.signal }),
  );
  app.route("/", createWhipApp(commands, whipSettings(config, running)));
  const posts = createPostApp(commands, {
    corsOrigins: config.mediaCorsOrigins,
    acceptingBodies: () => running.ready,
    clock,
  });
  app.route("/", posts);
  app.route("/", createPageApp());
  // Last, because it answers for every path that no other door knows.
  app.route("/", createRestApp(commands, { ...control, ready: () => running.ready }));
  const all: Deno.ServeHandler<Deno.NetAddr> = (request, { remoteAddr }) =>
    kurento.answer(request, remoteAddr.hostname) ?? app.fetch(request, { remote: remoteAddr });
  const alone = emptyApp().route("/", posts);
  const bodies: BodyHandler = (request, remote) => alone.fetch(request, { remote });
  return { all, bodies };
}

function emptyApp(): Hono<ServerEnv> {
  const app = new Hono<ServerEnv>();
  app.use(requestId());
  app.notFound(answerNotFound);
  app.onError(answerError);
  return app;
}

function kurentoSettings(config: Config, exhausted: KurentoSettings["exhausted"]): KurentoSettings {
  return {
    path: config.kurentoPath,
    apiToken: config.apiToken,
    collectEverySeconds: config.kurentoGcSeconds,
    killLimit: config.killLimit,
    exhausted,
    maxConnections: config.kurentoMaxConnections,
    requestCache: config.kurentoRequestCache,
    resourceLimit: config.resourceLimit,
    clock,
  };
}

/** Tells the registrar of the settings where Kurento's door is, by TLS where there is TLS. Returns the way to stop. */
function registerAt(config: Config, { plain, tls }: Http): () => void {
  if (config.kurentoRegistrar === null) return () => {};
  const scheme = tls ? "wss" : "ws";
  const { port } = (tls ?? plain).addr;
  const ownUrl = `${scheme}://${config.kurentoRegistrarLocalAddress}:${port}/${config.kurentoPath}`;
  return register({ url: config.kurentoRegistrar, ownUrl, clock });
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

function announce(
  config: Config,
  { plain, tls }: Http,
  posts: BodyListener | null,
  planes: readonly MediaPlane[],
): void {
  const host = linkHost(config.bind);
  const base = `http://${host}:${plain.addr.port}`;
  const udp = planes.map(({ handle }) => handle.port).join(", ");
  console.log(
    [
      `Kaskado ${version} is up`,
      `  page      ${base}/`,
      `  publish   ${base}/whip/demo   (WHIP: OBS, FFmpeg, a browser)`,
      `  watch     ${base}/whep/demo   (WHEP), or in a browser ${base}/?watch=demo`,
      `  API       ${base}/v1   described at ${base}/docs`,
      `  Kurento   ws://${host}:${plain.addr.port}/${config.kurentoPath}   (JSON-RPC, for Kurento clients)`,
      ...(tls ? [`  TLS       https://${host}:${tls.addr.port}/ and wss:, the same doors`] : []),
      ...(posts ? [`  bodies    TCP ${posts.port}, what clients post to HttpPostEndpoints`] : []),
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
