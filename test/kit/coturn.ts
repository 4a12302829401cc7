import { createSocket } from "node:dgram";
import process from "node:process";
import { freeTcpPort } from "./free_port.ts";

/** A coturn of Debian on loopback, one user, all transports. */
export interface Coturn {
  readonly port: number;
  readonly tlsPort: number;
  /** Kurento's form of a TURN URL. */
  url(transport: "udp" | "tcp" | "tls"): string;
  /** What RTCPeerConnection takes. */
  readonly iceServer: { urls: string; username: string; credential: string };
  log(): string;
  close(): Promise<void>;
}

const USER = "kaskado";
const PASSWORD = "open-sesame";
const started = new Set<Deno.ChildProcess>();
process.on("exit", () => started.forEach((child) => child.kill("SIGKILL")));

/** True when `turnserver` is installed; otherwise says so in one line that nobody overlooks. */
export function coturnIsThere(): boolean {
  if (["/usr/bin/turnserver", "/usr/local/bin/turnserver"].some(isFile)) return true;
  const line = "!!! TURN TESTS LEFT OUT: no turnserver found (apt-get install coturn) !!!\n";
  Deno.stderr.writeSync(new TextEncoder().encode(line));
  return false;
}

/** Starts it on this port, or on a free one, and waits until it answers. */
export async function startCoturn(port = freeTcpPort()): Promise<Coturn> {
  const directory = Deno.makeTempDirSync({ prefix: "kaskado_coturn_" });
  const tlsPort = freeTcpPort();
  await makeCertificate(directory);
  const child = new Deno.Command("turnserver", {
    args: [
      ...["-n", "--no-cli", "--log-file", "stdout", "--simple-log", "--pidfile", `${directory}/pid`],
      ...["--userdb", `${directory}/users`, "--listening-ip", "127.0.0.1", "--relay-ip", "127.0.0.1"],
      ...["--listening-port", String(port), "--tls-listening-port", String(tlsPort)],
      ...["--cert", `${directory}/cert.pem`, "--pkey", `${directory}/key.pem`, "--no-dtls"],
      ...["--lt-cred-mech", "--user", `${USER}:${PASSWORD}`, "--realm", "kaskado.test"],
      ...["--allow-loopback-peers"],
    ],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  started.add(child);
  let output = "";
  const collect = async (stream: ReadableStream<Uint8Array>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) output += text;
  };
  const collected = Promise.all([collect(child.stdout), collect(child.stderr)]);
  const close = async () => {
    if (started.delete(child)) child.kill("SIGKILL");
    await child.status;
    await collected;
    Deno.removeSync(directory, { recursive: true });
  };
  if (!await answers(port)) {
    await close();
    throw new Error(`Cannot start coturn: no answer on port ${port}. Its output:\n${output}`);
  }
  return {
    port,
    tlsPort,
    url: (transport) =>
      `${USER}:${PASSWORD}@127.0.0.1:${transport === "tls" ? tlsPort : port}?transport=${transport}`,
    iceServer: { urls: `turn:127.0.0.1:${port}?transport=udp`, username: USER, credential: PASSWORD },
    log: () => output,
    close,
  };
}

async function makeCertificate(directory: string): Promise<void> {
  const { success } = await new Deno.Command("openssl", {
    args: [
      ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=turn.test"],
      ...["-keyout", `${directory}/key.pem`, "-out", `${directory}/cert.pem`],
    ],
    stdout: "null",
    stderr: "null",
  }).output();
  if (!success) throw new Error("Cannot make a certificate: openssl failed");
}

/** Asks by a Binding request (RFC 8489) until there is a response, for 10 s. */
async function answers(port: number): Promise<boolean> {
  const request = new Uint8Array(20);
  request.set([0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42]);
  const socket = createSocket("udp4");
  let answered = false;
  socket.on("message", () => answered = true);
  socket.on("error", () => {});
  for (let i = 0; i < 100 && !answered; i++) {
    socket.send(request, port, "127.0.0.1");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  socket.close();
  return answered;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
