import { afterEach, describe, expect, test } from "vitest";
import type { BodyListener } from "./api/post/mod.ts";
import { systemClock } from "./base/mod.ts";
import { type Config, readConfig } from "./config.ts";
import { type Http, listenForHttp, listenForPosts } from "./listen.ts";

const config = (env: Record<string, string> = {}): Config =>
  readConfig({ KASKADO_BIND: "127.0.0.1", KASKADO_HTTP_PORT: "0", ...env });
const open: (BodyListener | Http)[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) {
    if ("close" in each) each.close();
    else await Promise.all([each.plain.shutdown(), each.tls?.shutdown()]);
  }
});
const answer = () => new Response("here");

async function posts(env?: Record<string, string>): Promise<BodyListener | null> {
  const listener = await listenForPosts(config(env), systemClock, answer);
  if (listener) open.push(listener);
  return listener;
}

describe("the port for bodies", () => {
  test("is the usual one, or another where that is taken", async () => {
    // Something else on this machine may have it.
    const [first, second] = [await posts(), await posts()];
    expect(second!.port).not.toBe(9091);
    expect(second!.port).not.toBe(first!.port);
    for (const { port } of [first!, second!]) {
      expect(await (await fetch(`http://127.0.0.1:${port}/`, { method: "POST" })).text()).toBe("here");
    }
  });

  test("is the one of the settings, and no other where that is taken", async () => {
    const { port } = (await posts({ KASKADO_POST_PORT: "0" }))!;
    await expect(posts({ KASKADO_POST_PORT: String(port) })).rejects.toThrow(
      new RegExp(
        `^Cannot start: TCP port ${port} cannot be opened: .*; see KASKADO_POST_PORT and KASKADO_BIND$`,
      ),
    );
  });

  test("cannot be opened at an address that is not this machine's, which is told with its setting", async () => {
    await expect(posts({ KASKADO_BIND: "192.0.2.250" })).rejects.toThrow(
      /^Cannot start: .* and KASKADO_BIND$/,
    );
  });

  test("is not opened where clients come by another address, or nothing could be played", async () => {
    const publicUrl = { KASKADO_PUBLIC_URL: "https://media.example" };
    expect(await posts(publicUrl)).toBeNull();
    expect(await posts({ KASKADO_FRAME_WORKERS: "0" })).toBeNull();
    expect(await posts({ ...publicUrl, KASKADO_POST_PORT: "0" })).not.toBeNull();
  });
});

test("a port of HTTP that is taken is told with its setting, and TLS needs its certificate", () => {
  const http = listenForHttp(config(), answer);
  open.push(http);
  const taken = String(http.plain.addr.port);
  expect(() => listenForHttp(config({ KASKADO_HTTP_PORT: taken }), answer)).toThrow("see KASKADO_HTTP_PORT");
  expect(() => listenForHttp(config({ KASKADO_TLS_PORT: "0" }), answer)).toThrow(
    "KASKADO_TLS_CERTIFICATE is not",
  );
});
