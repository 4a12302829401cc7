import { afterAll, beforeAll, expect, test } from "vitest";
import { publishByFfmpeg } from "../kit/publish_by_ffmpeg.ts";
import { sdpOffer } from "../kit/sdp_offer.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { postOffer } from "../kit/whip_client.ts";

const CONNECT_S = 2;
/** More than the 6 s that may lie between two checks of consent (RFC 7675 section 5.1). */
const CONSENT_S = 8;
/** Media counts as consent until it has been away for two of the periods of 3 s in which it is looked at. */
const MEDIA_MEMORY_S = 9;
/** What a timer and a busy machine may add. */
const SLACK_MS = 4000;

let server: TestServer;
const children = new Set<Deno.ChildProcess>();
beforeAll(async () => {
  const env = { KASKADO_CONNECT_SECONDS: String(CONNECT_S), KASKADO_CONSENT_SECONDS: String(CONSENT_S) };
  server = await startServer({ env });
});
afterAll(async () => {
  children.forEach((child) => child.kill("SIGKILL"));
  await server?.stop();
});

const clip = { width: 320, height: 180, fps: 25, keyframeInterval: 25, bitrateBps: 400_000, seconds: 40 };
const statusOf = async (url: string) => (await fetch(url)).status;

/** Milliseconds until the session is gone; throws when it is still there after `limitMs`. */
async function lifeOf(location: string, limitMs: number): Promise<number> {
  const startMs = performance.now();
  await expect.poll(() => statusOf(location), { timeout: limitMs, interval: 100 }).toBe(404);
  return performance.now() - startMs;
}

async function watchInProcess(stream: string): Promise<{ location: string; kill(): void }> {
  const program = new URL("../kit/watch_until_killed.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", program, `${server.baseUrl}/whep/${stream}`],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  children.add(child);
  child.status.then(() => children.delete(child));
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await reader.read();
  return { location: (value ?? "").trim(), kill: () => child.kill("SIGKILL") };
}

test("item 37: a viewer that vanishes is ended when its consent expires, one that stays is not", async () => {
  const publisher = await publishByFfmpeg({ ...clip, whipUrl: `${server.baseUrl}/whip/demo` });
  const stays = await watchInProcess("demo");
  const vanishes = await watchInProcess("demo");
  await new Promise((resolve) => setTimeout(resolve, CONSENT_S * 1000 + SLACK_MS));
  expect(await statusOf(vanishes.location)).toBe(204);
  vanishes.kill();
  const lifeMs = await lifeOf(vanishes.location, CONSENT_S * 1000 + SLACK_MS);
  expect(lifeMs).toBeGreaterThan((CONSENT_S - 6) * 1000);
  expect(await statusOf(stays.location)).toBe(204);
  stays.kill();
  await publisher.kill();
});

test("item 37: a publisher that answers no checks lives by its media, and ends by its silence", async () => {
  const publisher = await publishByFfmpeg({ ...clip, whipUrl: `${server.baseUrl}/whip/silent` });
  const sessions = async () =>
    (await (await fetch(`${server.baseUrl}/v1/sessions?kind=whip&stream=silent`)).json()).items;
  await new Promise((resolve) => setTimeout(resolve, CONSENT_S * 1000 + SLACK_MS));
  expect(await sessions()).toHaveLength(1);
  await publisher.kill();
  await expect.poll(sessions, { timeout: (CONSENT_S + MEDIA_MEMORY_S) * 1000 + SLACK_MS, interval: 100 })
    .toEqual([]);
});

test("item 38: a session whose client never starts ICE is reaped, and its viewer's element with it", async () => {
  const offer = (direction: "sendonly" | "recvonly") =>
    sdpOffer({ sections: [{ kind: "audio", direction }, { kind: "video", direction }] });
  const publisher = await postOffer(`${server.baseUrl}/whip/nobody`, offer("sendonly"));
  const viewer = await postOffer(`${server.baseUrl}/whep/nobody`, offer("recvonly"));
  expect(await statusOf(viewer.location)).toBe(204);
  expect(await lifeOf(publisher.location, CONNECT_S * 1000 + SLACK_MS)).toBeGreaterThan(
    CONNECT_S * 1000 - 500,
  );
  await lifeOf(viewer.location, SLACK_MS);
  const { items } = await (await fetch(`${server.baseUrl}/v1/pipelines?name=nobody`)).json();
  expect(items[0].elementCount).toBe(1);
});
