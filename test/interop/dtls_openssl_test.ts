import { createSocket, type Socket } from "node:dgram";
import { afterAll, describe, expect, test } from "vitest";
import { systemClock } from "../../src/base/mod.ts";
import { createCertificate } from "../../src/peer/certificate.ts";
import { DtlsSession } from "../../src/peer/dtls/session.ts";
import type { CertificateKeyType, DtlsState, SrtpKeys } from "../../src/peer/mod.ts";

const ours = { ECDSA: await createCertificate("ECDSA"), RSA: await createCertificate("RSA") };
const directory = await Deno.makeTempDir();
const profiles = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";

async function openssl(...args: string[]): Promise<void> {
  const { success } = await new Deno.Command("openssl", { args, stdout: "null", stderr: "null" }).output();
  expect(success).toBe(true);
}
for (
  const [name, ...newKey] of [["RSA", "rsa:2048"], ["ECDSA", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]]
) {
  const files = ["-keyout", `${directory}/${name}.key`, "-out", `${directory}/${name}.pem`];
  await openssl("req", "-x509", "-newkey", ...newKey, "-nodes", "-days", "2", "-subj", "/CN=x", ...files);
}
await Deno.writeTextFile(
  `${directory}/no_ems.cnf`,
  "openssl_conf = init\n[init]\nssl_conf = ssl\n[ssl]\nsystem_default = all\n[all]\nOptions = -ExtendedMasterSecret\n",
);
afterAll(() => Deno.remove(directory, { recursive: true }));

interface Rig {
  session: DtlsSession;
  states: DtlsState[];
  keys: SrtpKeys[];
  ends: string[];
  /** What OpenSSL wrote. */
  said(): string;
  type(text: string): Promise<void>;
  until(condition: () => boolean): Promise<boolean>;
  close(): Promise<void>;
}

/** OpenSSL's s_client or s_server against a session of ours on a UDP socket. */
async function rig(
  role: "client" | "server",
  own: CertificateKeyType,
  its: CertificateKeyType,
  options: string[] = [],
  configuration = "/dev/null",
): Promise<Rig> {
  const socket = createSocket("udp4");
  const port = await bind(socket);
  const theirPort = role === "client" ? port + 1 : 0;
  const place = role === "client"
    ? ["s_server", "-port", String(theirPort), "-Verify", "1"]
    : ["s_client", "-connect", `127.0.0.1:${port}`];
  const files = ["-cert", `${directory}/${its}.pem`, "-key", `${directory}/${its}.key`];
  const child = new Deno.Command("openssl", {
    args: [...place, "-dtls1_2", "-use_srtp", profiles, ...files, "-keymatexport", "x", ...options],
    env: { OPENSSL_CONF: configuration },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let output = "";
  const readers = [child.stdout, child.stderr].map(async (stream) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) output += text;
  });
  let remote = theirPort;
  const said = { states: [] as DtlsState[], keys: [] as SrtpKeys[], ends: [] as string[] };
  const session = new DtlsSession(
    role,
    { certificate: ours[own], trusts: () => true },
    { clock: systemClock, connectMs: 5000 },
    {
      send: (datagram) => {
        if (remote !== 0) socket.send(datagram, remote, "127.0.0.1");
      },
      state: (state) => said.states.push(state),
      keys: (keys) => said.keys.push(keys),
      data: () => {},
      ended: (end, detail) => said.ends.push(`${end}: ${detail}`),
    },
  );
  socket.on("message", (bytes, from) => {
    remote = from.port;
    session.receive(bytes);
  });
  const until = async (condition: () => boolean) => {
    for (let i = 0; i < 300 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 20));
    return condition();
  };
  if (role === "client") await until(() => output.includes("ACCEPT"));
  session.start();
  const writer = child.stdin.getWriter();
  return {
    session,
    ...said,
    said: () => output,
    until,
    type: (text) => writer.write(new TextEncoder().encode(text)),
    async close() {
      session.close();
      child.kill();
      await writer.close().catch(() => {});
      await Promise.all([child.status, ...readers]);
      await new Promise<void>((resolve) => socket.close(() => resolve()));
    },
  };
}

function bind(socket: Socket): Promise<number> {
  return new Promise((resolve) => socket.bind(0, "127.0.0.1", () => resolve(socket.address().port)));
}

const suites = { ECDSA: "ECDHE-ECDSA-AES128-GCM-SHA256", RSA: "ECDHE-RSA-AES128-GCM-SHA256" };

describe.each(["ECDSA", "RSA"] as const)("with OpenSSL, our certificate being %s,", (own) => {
  test.each(["ECDSA", "RSA"] as const)("a client with %s that has our suite only connects", async (its) => {
    const peer = await rig("server", own, its, ["-cipher", suites[own]]);
    expect(await peer.until(() => peer.keys.length > 0), peer.said()).toBe(true);
    expect(peer.keys[0].profile).toBe("AEAD_AES_128_GCM");
    expect(await peer.until(() => peer.said().includes(`Cipher is ${suites[own]}`))).toBe(true);
    await peer.close();
  });

  test("a client that has the other suite only is refused, and both know", async () => {
    const other = own === "RSA" ? "ECDSA" : "RSA";
    const peer = await rig("server", own, "ECDSA", ["-cipher", suites[other]]);
    expect(await peer.until(() => peer.ends.length > 0)).toBe(true);
    expect(peer.ends[0]).toContain(`lacks TLS_ECDHE_${own}`);
    expect(await peer.until(() => peer.said().includes("handshake failure"))).toBe(true);
    await peer.close();
  });

  test.each(["ECDSA", "RSA"] as const)("a server with %s takes our certificate", async (its) => {
    const peer = await rig("client", own, its);
    expect(await peer.until(() => peer.keys.length > 0), peer.said()).toBe(true);
    expect(await peer.until(() => peer.said().includes("kaskado"))).toBe(true);
    await peer.close();
  });

  test("a client that wants to renegotiate gets no answer, and the connection stays", async () => {
    const peer = await rig("server", own, "ECDSA");
    expect(await peer.until(() => peer.keys.length > 0), peer.said()).toBe(true);
    await peer.type("R\n");
    expect(await peer.until(() => peer.said().includes("RENEGOTIATING"))).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect([peer.keys.length, peer.ends, peer.session.state]).toEqual([1, [], "connected"]);
    await peer.close();
  });
});

describe("with OpenSSL,", () => {
  test.each([["RSA+SHA256"], ["rsa_pss_rsae_sha256"]])(
    "a client that takes %s only gets it",
    async (scheme) => {
      const peer = await rig("server", "RSA", "RSA", ["-sigalgs", scheme]);
      expect(await peer.until(() => peer.keys.length > 0), peer.said()).toBe(true);
      expect(await peer.until(() => /Peer signature type: (RSA|rsa)/.test(peer.said()))).toBe(true);
      expect(/Peer signature type: (RSA-PSS|rsa_pss_rsae_sha256)/.test(peer.said())).toBe(
        scheme !== "RSA+SHA256",
      );
      await peer.close();
    },
  );

  test.each([["RSA+SHA256"], ["rsa_pss_rsae_sha256"]])(
    "a server that takes %s only gets it",
    async (scheme) => {
      const peer = await rig("client", "RSA", "RSA", ["-client_sigalgs", scheme]);
      expect(await peer.until(() => peer.keys.length > 0), peer.said()).toBe(true);
      await peer.close();
    },
  );

  // The group of a P-256 certificate counts too (RFC 8422 section 5.1.1), so this is for RSA.
  test.each([["P-256"], ["X25519"]])("a client that has the group %s only connects", async (group) => {
    const peer = await rig("server", "RSA", "RSA", ["-groups", group]);
    expect(await peer.until(() => peer.keys.length > 0), peer.said()).toBe(true);
    await peer.close();
  });

  test("a client without extended_master_secret connects all the same", async () => {
    const peer = await rig("server", "ECDSA", "ECDSA", [], `${directory}/no_ems.cnf`);
    expect(await peer.until(() => peer.keys.length > 0), peer.said()).toBe(true);
    expect(await peer.until(() => peer.said().includes("Extended master secret: no"))).toBe(true);
    await peer.close();
  });

  test("a client that takes none of our signatures is refused", async () => {
    const peer = await rig("server", "ECDSA", "RSA", ["-sigalgs", "RSA+SHA256"]);
    expect(await peer.until(() => peer.ends.length > 0)).toBe(true);
    expect(peer.keys).toEqual([]);
    await peer.close();
  });
});
