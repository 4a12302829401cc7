import { networkInterfaces } from "node:os";
import { z } from "zod";
import { ADDRESS_WORDS, isLoopback, parseAddress } from "./base/mod.ts";
import { readTurnUrl } from "./module/mod.ts";

/** One setting: the name of its environment variable, how its text is read, and what it is for. */
interface Setting<Schema extends z.ZodType = z.ZodType> {
  env: string;
  schema: Schema;
  doc: string;
}

function setting<Schema extends z.ZodType>(env: string, schema: Schema, doc: string): Setting<Schema> {
  return { env, schema, doc };
}

const port = (initial: number) => z.coerce.number().int().min(0).max(65535).default(initial);
const noPort = z.coerce.number().int().min(0).max(65535).optional().transform((port) => port ?? null);
const portRange = z.string().default("10000-19999").transform((text, context) => {
  const [, least, most] = (/^(\d{1,5})-(\d{1,5})$/.exec(text) ?? []).map(Number);
  // The first port of a pair is even, the second one more.
  if (least > 0 && most <= 65_535 && most - least - least % 2 >= 1) return { least, most };
  context.addIssue({ code: "custom", message: "is no range of at least two ports, such as 10000-19999" });
  return z.NEVER;
});
const count = (initial: number, min = 0) => z.coerce.number().int().min(min).default(initial);
const flag = z.enum(["true", "false", "1", "0"]).default("false").transform((text) =>
  text === "true" || text === "1"
);
const flagOn = z.enum(["true", "false", "1", "0"]).default("true").transform((text) =>
  text === "true" || text === "1"
);
const jsonText = z.string().default("").refine(
  (text) => text === "" || isJson(text),
  "is no JSON text",
);
const fraction = (initial: number) => z.coerce.number().gt(0).max(1).default(initial);
const listFrom = (initial: string) =>
  z.string().default(initial).transform((text) => text.split(",").map((part) => part.trim()).filter(Boolean));
const list = listFrom("");
const mediaSchemes = ["file", "http", "https", "rtsp", "rtsps", "rtmp", "rtmps", "srt"];
const secret = z.string().min(16, "is shorter than 16 characters, and so too easy to guess")
  .regex(/^[\w.~+/-]+=*$/, "has characters that no Bearer token can have (RFC 6750 section 2.1)").optional()
  .transform((text) => text ?? null);
const optionalText = z.string().optional().transform((text) => text || null);
const file = optionalText;
const addresses = list.refine(
  (texts) => texts.every((text) => parseAddress(text, new Uint32Array(ADDRESS_WORDS))),
  "is no comma-separated list of IP addresses",
);
const bindAddress = z.string().default("").refine(
  (text) => text === "" || parseAddress(text, new Uint32Array(ADDRESS_WORDS)),
  "is no IP address",
);
const iceServers = list.transform((texts) => texts.map(readIceServer)).refine(
  (servers) => servers.every((server) => /^(stuns?|turns?):\S+$/.test(server.url)),
  'is no comma-separated list of "stun:host:port" or "user:password@turn:host:port"',
);
const stunServer = z.string().default("").transform((text, context) => {
  if (text === "") return null;
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const address = bracketed ?? plain ?? "";
  const port = Number(digits);
  if (isAddress(address) && port > 0 && port < 65536) return { address, port };
  context.addIssue({ code: "custom", message: "is no IP address with a port" });
  return z.NEVER;
});
const turnUrl = z.string().default("").refine(
  (text) => text === "" || readTurnUrl(text) !== null,
  'is not "user:password@address:port?transport=udp|tcp|tls" with an IP address',
).transform((text) => text === "" ? null : readTurnUrl(text));
const ipAddress = (version: 4 | 6) =>
  z.string().default("").refine(
    (text) => text === "" || isAddress(text) && text.includes(":") === (version === 6),
    `is no IPv${version} address`,
  );
const webSocketUrl = z.string().optional().transform((text) => text || null).refine(
  (text) => text === null || /^wss?:\/\/\S+$/.test(text),
  "is no ws: or wss: URL",
);

const publicUrl = z.string().optional().transform((text) => text?.replace(/\/+$/, "") || null).refine(
  (text) => text === null || (/^https?:\/\/[^\s?#]+$/.test(text) && URL.canParse(text)),
  "is no http: or https: URL without a query",
);

/** Every setting of the server. The README's table is written from this. */
export const settings = {
  httpPort: setting("KASKADO_HTTP_PORT", port(8888), "TCP port of all HTTP doors; 0 lets the system choose"),
  bind: setting("KASKADO_BIND", bindAddress, "Address that HTTP and media listen on; empty for every one"),
  tlsPort: setting(
    "KASKADO_TLS_PORT",
    noPort,
    "TCP port of the same doors over TLS (https and wss), 0 lets the system choose; empty for none",
  ),
  tlsCertificate: setting(
    "KASKADO_TLS_CERTIFICATE",
    file,
    "PEM file with the certificate chain of that port, the server's own first; it may hold the private key too",
  ),
  tlsKey: setting(
    "KASKADO_TLS_KEY",
    file,
    "PEM file with its private key; empty: it is in the certificate's file",
  ),
  publicUrl: setting(
    "KASKADO_PUBLIC_URL",
    publicUrl,
    "Where clients reach the HTTP doors, such as https://media.example.org; begins the URLs that HttpPostEndpoints " +
      "give. Empty: http, the first announced address, and KASKADO_POST_PORT",
  ),
  postPort: setting(
    "KASKADO_POST_PORT",
    noPort,
    "TCP port of HttpPostEndpoints' URLs, for bodies alone (0 lets the system choose). Empty: 9091, or another where " +
      "that is taken, or none where KASKADO_PUBLIC_URL is set",
  ),
  udpPort: setting(
    "KASKADO_UDP_PORT",
    port(8888),
    "UDP port of the first plane worker; the next ones follow upwards",
  ),
  rtpPorts: setting(
    "KASKADO_RTP_PORTS",
    portRange,
    "UDP ports for RtpEndpoints, which have some of their own: first and last with a dash between",
  ),
  planeWorkers: setting(
    "KASKADO_PLANE_WORKERS",
    count(1, 1),
    "Packet plane threads, each with a UDP port of its own",
  ),
  announcedAddresses: setting(
    "KASKADO_ANNOUNCED_ADDRESSES",
    addresses,
    "IP addresses at which clients reach the media ports, comma-separated, the best first; empty: those of this " +
      "machine. Set it behind NAT and in containers",
  ),
  dataDir: setting("KASKADO_DATA_DIR", z.string().min(1).default("data"), "Directory of the database"),
  modulesDir: setting(
    "KASKADO_MODULES_DIR",
    z.string().optional().transform((text) => text || null),
    "Directory with element modules of your own, one folder each; empty for none",
  ),
  apiToken: setting(
    "KASKADO_API_TOKEN",
    secret,
    "Bearer token of the control API; without it only this machine may use it",
  ),
  publishToken: setting(
    "KASKADO_PUBLISH_TOKEN",
    secret,
    "Bearer token for WHIP; without it everybody may publish",
  ),
  watchToken: setting("KASKADO_WATCH_TOKEN", secret, "Bearer token for WHEP; without it everybody may watch"),
  strict: setting(
    "KASKADO_STRICT",
    flag,
    "WHIP and WHEP to the letter of RFC 9725 instead of tolerant of known clients",
  ),
  certificateRsa: setting(
    "KASKADO_CERTIFICATE_RSA",
    file,
    "PEM file with an RSA certificate and its private key, for DTLS with peers; empty: a new one at every start",
  ),
  certificateEcdsa: setting(
    "KASKADO_CERTIFICATE_ECDSA",
    file,
    "PEM file with an ECDSA certificate on P-256 and its private key, likewise",
  ),
  stunServer: setting(
    "KASKADO_STUN_SERVER",
    stunServer,
    'STUN server asked where this server is seen from outside, "address:port" (IPv6 in brackets); empty for none',
  ),
  turnUrl: setting(
    "KASKADO_TURN_URL",
    turnUrl,
    'TURN server that relays to clients this server cannot reach, "user:password@address:port?transport=udp", or ' +
      "tcp, or tls; empty for none",
  ),
  externalIpv4: setting(
    "KASKADO_EXTERNAL_IPV4",
    ipAddress(4),
    "Put in place of IPv4 addresses of this machine in candidates (static NAT), loopback aside; empty for none",
  ),
  externalIpv6: setting("KASKADO_EXTERNAL_IPV6", ipAddress(6), "Likewise for IPv6"),
  iceTcp: setting(
    "KASKADO_ICE_TCP",
    flagOn,
    "Take media over TCP too (RFC 6544), on the TCP ports of the same numbers as the UDP ones; where a door has one of " +
      "them, on those that follow",
  ),
  iceServers: setting(
    "KASKADO_ICE_SERVERS",
    iceServers,
    'STUN and TURN servers told to WHIP and WHEP clients, comma-separated: "stun:host:port", ' +
      '"user:password@turn:host:port?transport=udp"',
  ),
  corsOrigins: setting(
    "KASKADO_CORS_ORIGINS",
    list,
    "Origins whose pages may use /v1, comma-separated, * for all",
  ),
  mediaCorsOrigins: setting(
    "KASKADO_MEDIA_CORS_ORIGINS",
    listFrom("*"),
    "Origins whose pages may use /whip, /whep and /post, comma-separated, * for all",
  ),
  rateLimitPerMinute: setting(
    "KASKADO_RATE_LIMIT_PER_MINUTE",
    count(600),
    "WHIP and WHEP requests per minute and client address, 0 for no limit",
  ),
  rateLimitBurst: setting("KASKADO_RATE_LIMIT_BURST", count(300, 1), "How many of them may come at once"),
  connectSeconds: setting(
    "KASKADO_CONNECT_SECONDS",
    count(15, 1),
    "A session that has not connected after so long is ended",
  ),
  consentSeconds: setting(
    "KASKADO_CONSENT_SECONDS",
    count(30, 5),
    "A peer that gave no sign for so long is taken for gone (RFC 7675)",
  ),
  idleStreamSeconds: setting(
    "KASKADO_IDLE_STREAM_SECONDS",
    count(3600),
    "A pipeline that a publisher made ends after so long without a session, 0 for never",
  ),
  keepEvents: setting("KASKADO_KEEP_EVENTS", count(100_000, 1000), "Events kept for followers who come back"),
  maxPipelines: setting("KASKADO_MAX_PIPELINES", count(100_000, 1), "Most pipelines at one time"),
  maxElements: setting("KASKADO_MAX_ELEMENTS", count(10_000, 1), "Most elements in one pipeline"),
  maxSessions: setting("KASKADO_MAX_SESSIONS", count(10_000, 1), "Most WHIP and WHEP sessions at one time"),
  dotDir: setting(
    "KASKADO_DOT_DIR",
    z.string().optional().transform((text) => text || null),
    "Directory that the operation dumpGstreamerDot writes drawings of pipelines into; empty: it is refused",
  ),
  kurentoPath: setting(
    "KASKADO_KURENTO_PATH",
    z.string().regex(/^[\w.~-]+(\/[\w.~-]+)*$/, "is no path without a slash at either end").default(
      "kurento",
    ),
    "Path of Kurento's JSON-RPC over WebSocket",
  ),
  kurentoGcSeconds: setting(
    "KASKADO_KURENTO_GC_SECONDS",
    count(240, 1),
    "How often sessions of Kurento clients that vanished are looked for; what they held lives that long to twice " +
      "that long",
  ),
  kurentoMaxConnections: setting(
    "KASKADO_KURENTO_MAX_CONNECTIONS",
    count(4096, 1),
    "Most WebSockets of Kurento clients at one time",
  ),
  kurentoRequestCache: setting(
    "KASKADO_KURENTO_REQUEST_CACHE",
    flagOn,
    "Answer a Kurento request whose id came within the last 20 s again, without running it twice",
  ),
  kurentoMetadata: setting(
    "KASKADO_KURENTO_METADATA",
    jsonText,
    "JSON text that clients are given as the server's metadata",
  ),
  kurentoRegistrar: setting(
    "KASKADO_KURENTO_REGISTRAR",
    webSocketUrl,
    "ws: or wss: URL of a registrar that is told where this server is; empty for none",
  ),
  kurentoRegistrarLocalAddress: setting(
    "KASKADO_KURENTO_REGISTRAR_LOCAL_ADDRESS",
    z.string().default("localhost"),
    "Host that the registrar is told",
  ),
  resourceLimit: setting(
    "KASKADO_RESOURCE_LIMIT",
    fraction(0.8),
    "Fraction of the system's limits on threads and open files above which Kurento clients can create nothing",
  ),
  killLimit: setting(
    "KASKADO_KILL_LIMIT",
    z.coerce.number().gt(0).max(1).optional().transform((limit) => limit ?? null),
    "Fraction above which the server stops as soon as the last pipeline is released, so that its keeper starts it " +
      "anew; empty: never",
  ),
  mediaDir: setting(
    "KASKADO_MEDIA_DIR",
    z.string().optional().transform((text) => text || null),
    "Folder of recordings and of files to play, made at the start; empty: media in the directory of the database",
  ),
  mediaSchemes: setting(
    "KASKADO_MEDIA_SCHEMES",
    listFrom(mediaSchemes.join()).refine(
      (names) => names.every((name) => mediaSchemes.includes(name)),
      `is no comma-separated list of these: ${mediaSchemes.join(", ")}`,
    ),
    "Schemes of URIs that players and recorders may open, comma-separated; file below the media folder only",
  ),
  mediaPrivateHosts: setting(
    "KASKADO_MEDIA_PRIVATE_HOSTS",
    flag,
    "Players and recorders may reach hosts in private networks, this machine among them",
  ),
  mediaCaFile: setting(
    "KASKADO_MEDIA_CA_FILE",
    file,
    "PEM file of certificates that https servers of media may show or be certified by, beside the public authorities",
  ),
  frameWorkers: setting(
    "KASKADO_FRAME_WORKERS",
    count(64),
    "Most processes that decode and encode, one per pipeline that needs it; 0: nothing is transcoded, played or " +
      "recorded",
  ),
  frameMemoryMb: setting(
    "KASKADO_FRAME_MEMORY_MB",
    count(1024, 128),
    "Memory that one of them may have, in MiB; one that takes more is ended and started anew",
  ),
  frameHardware: setting(
    "KASKADO_FRAME_HARDWARE",
    z.enum(["auto", "off"]).default("auto"),
    "Decoders and encoders of graphics hardware: used where FFmpeg finds some that work (auto), or never (off)",
  ),
  s3AccessKeyId: setting(
    "KASKADO_S3_ACCESS_KEY_ID",
    optionalText,
    "Access key that signs uploads of recordings to an S3-compatible store, but those to a URL with a user or a signature; empty: none",
  ),
  s3SecretAccessKey: setting("KASKADO_S3_SECRET_ACCESS_KEY", optionalText, "Secret of that access key"),
  s3SessionToken: setting(
    "KASKADO_S3_SESSION_TOKEN",
    optionalText,
    "Session token, where the key is a temporary one",
  ),
  s3Region: setting("KASKADO_S3_REGION", z.string().min(1).default("us-east-1"), "Region of that store"),
  native: setting(
    "KASKADO_NATIVE",
    z.enum(["auto", "ffi", "portable"]).default("auto"),
    "Way to the operating system: libc and libcrypto by FFI, or the portable twin",
  ),
  logLevel: setting(
    "KASKADO_LOG_LEVEL",
    z.enum(["debug", "info", "warn", "error"]).default("info"),
    "Least level logged",
  ),
} as const;

export type Config = {
  readonly [Name in keyof typeof settings]: z.output<(typeof settings)[Name]["schema"]>;
};

/** Reads every setting from `env`. A wrong value, or a name nobody knows, throws a sentence that says which and why. */
export function readConfig(env: Readonly<Record<string, string>> = Deno.env.toObject()): Config {
  refuseUnknown(env);
  const config: Record<string, unknown> = {};
  for (const [name, { env: variable, schema, doc }] of Object.entries(settings)) {
    const result = schema.safeParse(env[variable] === "" ? undefined : env[variable]);
    if (!result.success) {
      const why = result.error.issues[0].message;
      // What may be a secret, or hold one, is not written into logs.
      const shown = schema === secret || schema === iceServers || schema === turnUrl
        ? ""
        : `="${env[variable]}"`;
      throw new Error(`Cannot start: ${variable}${shown}: ${why} (${doc})`);
    }
    config[name] = result.data;
  }
  return config as Config;
}

/** The addresses to announce when none are set: every one of this machine, loopback where nothing else is bound. */
export function reachableAddresses(bind: string, interfaces = networkInterfaces()): string[] {
  if (bind !== "" && bind !== "::" && bind !== "0.0.0.0") return [bind];
  const all = Object.values(interfaces).flatMap((entries) => entries ?? [])
    .filter((entry) => !entry.address.startsWith("fe80:") && (bind !== "0.0.0.0" || entry.family === "IPv4"));
  const outward = all.filter((entry) => !entry.internal);
  const order = (entries: typeof all) => [
    ...entries.filter((entry) => entry.family === "IPv4"),
    ...entries.filter((entry) => entry.family !== "IPv4"),
  ];
  // Loopback comes last: FFmpeg takes the first candidate, and browsers on this machine try them all.
  return [...order(outward), ...order(all.filter((entry) => entry.internal))].map((entry) => entry.address);
}

/**
 * TCP port for ICE beside a plane on this UDP port: of the same number, or moved up by as many as there are planes until
 * no door has one of them. Null where ICE over TCP is off.
 */
export function iceTcpPort(
  config: Pick<Config, "iceTcp" | "httpPort" | "tlsPort" | "postPort" | "udpPort" | "planeWorkers">,
  udpPort: number,
): number | null {
  const { iceTcp, httpPort, tlsPort, postPort, planeWorkers } = config;
  if (!iceTcp) return null;
  const first = config.udpPort === 0 ? udpPort : config.udpPort;
  let moved = 0;
  const isOurs = (port: number | null) =>
    port !== null && port >= first + moved && port < first + moved + planeWorkers;
  while ([httpPort, tlsPort, postPort].some(isOurs)) moved += planeWorkers;
  return udpPort + moved > 65_535 ? null : udpPort + moved;
}

/**
 * Beginning of the URLs under which clients send bodies: what the settings say, else the announced address that is best
 * with the port for bodies.
 */
export function bodyBase(
  { publicUrl }: Pick<Config, "publicUrl">,
  addresses: readonly string[],
  port: number,
): string {
  if (publicUrl !== null) return publicUrl;
  const [address = "localhost"] = addresses;
  return `http://${address.includes(":") ? `[${address}]` : address}:${port}`;
}

/** Host to put into links: localhost wherever that works, because browsers give cameras to secure origins only. */
export function linkHost(bind: string): string {
  if (bind === "" || bind === "::" || bind === "0.0.0.0" || isLoopback(bind)) return "localhost";
  return bind.includes(":") ? `[${bind}]` : bind;
}

/** Kubernetes gives every container such variables for a service that is named "kaskado". */
const givenByKubernetes = /^KASKADO_(SERVICE_|PORT(_\d+_(TCP|UDP)(_|$)|$))/;

function refuseUnknown(env: Readonly<Record<string, string>>): void {
  const known = new Set<string>(Object.values(settings).map((each) => each.env));
  const odd = Object.keys(env).find((name) =>
    name.startsWith("KASKADO_") && !known.has(name) && !givenByKubernetes.test(name)
  );
  if (odd) {
    throw new Error(`Cannot start: there is no setting ${odd}, the settings are ${[...known].join(", ")}`);
  }
}

function readIceServer(text: string): { url: string; username?: string; credential?: string } {
  const match = /^([^@]*):([^@:]*)@(turns?:.*)$/.exec(text);
  return match ? { url: match[3], username: match[1], credential: match[2] } : { url: text };
}

function isAddress(text: string): boolean {
  return parseAddress(text, new Uint32Array(ADDRESS_WORDS));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
