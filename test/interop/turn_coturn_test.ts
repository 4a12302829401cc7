import { afterAll, beforeAll, describe, expect, test, type TestContext, vi } from "vitest";
import { type Coturn, coturnIsThere, startCoturn } from "../kit/coturn.ts";
import { encodeAudioClip, encodeVideoClip } from "../kit/ffmpeg.ts";
import { type IceChoice, publish, watch } from "../kit/libdatachannel.ts";
import { openLoopback, publisher } from "../kit/loopback_peer.ts";
import { sdpOffer } from "../kit/sdp_offer.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { readTurnUrl } from "../../src/module/mod.ts";
import { deleteSession, postOffer } from "../kit/whip_client.ts";
import { decodeClip, expectWhole } from "./received_clip.ts";

vi.setConfig({ maxConcurrency: 3 });

const clip = {
  video: encodeVideoClip({
    width: 320,
    height: 180,
    fps: 25,
    frameCount: 100,
    keyframeInterval: 25,
    bitrateBps: 500_000,
  }),
  audio: encodeAudioClip(200),
};

/** The client's address is told, so that our relay lets it in, and a port where nobody listens. */
const hidePorts = (sdp: string) => sdp.replace(/^(a=candidate:\S+ \d+ udp \d+ \S+) \d+/gim, "$1 9");
const relayOnly = (sdp: string) =>
  sdp.split("\r\n").filter((line) => !line.startsWith("a=candidate:") || line.includes("typ relay")).join(
    "\r\n",
  );

const byCoturn = coturnIsThere() ? describe.concurrent : describe.skip;
byCoturn("libdatachannel by way of coturn", () => {
  let coturn: Coturn;
  beforeAll(async () => void (coturn = await startCoturn()));
  afterAll(() => coturn?.close());

  /** A server of the test's own. */
  async function start({ onTestFinished }: TestContext, env: Record<string, string>): Promise<TestServer> {
    const server = await startServer({ env });
    onTestFinished(() => server.stop());
    return server;
  }

  /** Publishes and watches the clip by one kind of way; what arrives must be whole. */
  async function expectPassage({ baseUrl }: TestServer, ice: IceChoice): Promise<void> {
    const publishing = await publish({ whipUrl: `${baseUrl}/whip/turn`, ...clip, ice });
    const viewer = await watch({ whepUrl: `${baseUrl}/whep/turn`, ice });
    await publishing.finished;
    await new Promise((resolve) => setTimeout(resolve, 500));
    const received = decodeClip(viewer.video, viewer.audio);
    expectWhole(received);
    expect(received.counters.at(-1)).toBe(99);
    expect(received.counters.length).toBeGreaterThan(40);
    await viewer.close();
    await publishing.close();
  }

  /** An answer does not wait long for a relay that a busy machine has not got yet. */
  async function offersRelay({ baseUrl }: TestServer): Promise<boolean> {
    const sections = [{ kind: "audio", direction: "sendonly" } as const];
    const { answer, location } = await postOffer(`${baseUrl}/whip/relay`, sdpOffer({ sections }));
    await deleteSession(location);
    return answer.includes("typ relay");
  }

  test("its own relay is all that it may use", async (context) => {
    const server = await start(context, {});
    const [credentials, place] = coturn.url("udp").split("?")[0].split("@");
    const configuration = {
      iceServers: [`turn:${credentials}@${place}`],
      iceTransportPolicy: "relay" as const,
    };
    await expectPassage(server, { configuration, offer: relayOnly });
  });

  test("the server's relay is all that it knows", async (context) => {
    const server = await start(context, { KASKADO_TURN_URL: coturn.url("udp") });
    await context.expect.poll(() => offersRelay(server), { timeout: 5000 }).toBe(true);
    await expectPassage(server, { offer: hidePorts, answer: relayOnly });
  });

  test("one peer gathers from servers of its own, and its description has all at the end", async ({ expect }) => {
    const stunServer = { address: "127.0.0.1", port: coturn.port };
    const ice = { ...publisher.ice, stunServer, turnServer: readTurnUrl(coturn.url("udp")) };
    const ours = await openLoopback({ ...publisher, ice }, undefined, "127.0.0.1", "192.0.2.77");
    const first = ours.peer.generateOffer({ audio: true, video: true });
    expect(first).not.toMatch(/srflx|relay|end-of-candidates/);
    ours.peer.gather();
    ours.peer.gather();
    await expect.poll(() => ours.gathered).toEqual(["gathered"]);
    expect(ours.candidates).toHaveLength(2);
    const lines = ours.peer.localDescription!.split("\r\n").filter((line) => line.includes("candidate"));
    expect(lines).toEqual([
      expect.stringMatching(/^a=candidate:1 1 udp 2130706431 192\.0\.2\.77 \d+ typ host$/),
      expect.stringMatching(/ 127\.0\.0\.1 \d+ typ srflx raddr 192\.0\.2\.77 rport \d+$/),
      expect.stringMatching(/ 127\.0\.0\.1 \d+ typ relay raddr 127\.0\.0\.1 rport \d+$/),
      "a=end-of-candidates",
    ]);
    await ours.close();
  });

  test("a server-reflexive address that is the host's own is not told twice", async ({ expect }) => {
    const stunServer = { address: "127.0.0.1", port: coturn.port };
    const ours = await openLoopback({ ...publisher, ice: { ...publisher.ice, stunServer } });
    ours.peer.generateOffer({ audio: true, video: true });
    ours.peer.gather();
    await expect.poll(() => ours.gathered).toEqual(["gathered"]);
    expect(ours.candidates).toEqual([]);
    expect(ours.peer.localDescription).toContain("a=end-of-candidates");
    await ours.close();
  });

  test("the server gets a new relay when the one it had is lost", async (context) => {
    const { expect, onTestFinished } = context;
    let relay = await startCoturn();
    onTestFinished(() => relay.close());
    const server = await start(context, { KASKADO_TURN_URL: relay.url("tcp") });
    const isOffered = () => offersRelay(server);
    await expect.poll(isOffered, { timeout: 5000 }).toBe(true);
    await relay.close();
    await expect.poll(isOffered, { timeout: 5000 }).toBe(false);
    relay = await startCoturn(relay.port);
    await expect.poll(isOffered, { timeout: 20_000, interval: 500 }).toBe(true);
  });
});
