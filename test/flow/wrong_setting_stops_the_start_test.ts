import { expect, test } from "vitest";
import { startServer } from "../kit/server.ts";

/** The first line of what a server says that must not start, without the server's own prefix. */
async function complaint(env: Record<string, string>): Promise<string> {
  const server = await startServer({ env }).catch((error: Error) => error.message);
  if (typeof server === "string") return server;
  await server.kill();
  throw new Error("it started");
}

test("a wrong value stops the start with a sentence that names the setting", async () => {
  const cases: [Record<string, string>, RegExp][] = [
    [{ KASKADO_HTTP_PORT: "http" }, /ended with code 1.*\n.*Cannot start: KASKADO_HTTP_PORT="http"/],
    [
      { KASKADO_HTTP_PROT: "8080" },
      /there is no setting KASKADO_HTTP_PROT, the settings are KASKADO_HTTP_PORT/,
    ],
    [{ KASKADO_BIND: "everywhere" }, /Cannot start: KASKADO_BIND="everywhere": is no IP address/],
    [
      { KASKADO_MODULES_DIR: "/nowhere" },
      /Cannot load element modules: directory "\/nowhere" cannot be read/,
    ],
    [
      { KASKADO_CERTIFICATE_RSA: "/nowhere.pem" },
      /Cannot start: KASKADO_CERTIFICATE_RSA="\/nowhere.pem": No such file/,
    ],
    [
      { KASKADO_CERTIFICATE_ECDSA: new URL(import.meta.url).pathname },
      /Cannot start: KASKADO_CERTIFICATE_ECDSA=".*": it holds no certificate, put a CERTIFICATE block/,
    ],
    [
      { KASKADO_MEDIA_CA_FILE: new URL(import.meta.url).pathname.replace(/[^/]+$/, "") },
      /Cannot start: KASKADO_MEDIA_CA_FILE=".*": Is a directory/,
    ],
    [
      { KASKADO_S3_ACCESS_KEY_ID: "AKIA" },
      /Cannot start: one of KASKADO_S3_ACCESS_KEY_ID and KASKADO_S3_SECRET_ACCESS_KEY is set/,
    ],
  ];
  for (const [env, sentence] of cases) expect(await complaint(env)).toMatch(sentence);
});

test("a port that is taken stops the start and is named", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  expect(await complaint({ KASKADO_HTTP_PORT: String(port) })).toContain(`TCP port ${port} cannot be opened`);
});
