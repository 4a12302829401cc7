import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { afterAll, beforeAll, expect, test } from "vitest";
import { continuityOf, framesOf, unbroken } from "../kit/continuity.ts";
import { type LibdatachannelViewer, watch } from "../kit/libdatachannel.ts";
import { type FfmpegPublisher, publishByFfmpeg } from "../kit/publish_by_ffmpeg.ts";
import { type RestClient, restClient } from "../kit/rest_client.ts";
import { sdpOffer } from "../kit/sdp_offer.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { bindingRequest } from "../kit/stun_forgery.ts";
import { openUdpRelay, type UdpRelay } from "../kit/udp_relay.ts";

/** Where the relay stands: announced to clients, while the server itself listens on 127.0.0.1. */
const RELAY_ADDRESS = "127.0.0.2";
const MIB = 2 ** 20;
/** Until the plane has touched its whole ring (24 MiB) and the heap has the size that such requests ask for. */
const WARM_UP_ROUNDS = 12;
const ROUNDS = 12;

let server: TestServer;
let rest: RestClient;
let relay: UdpRelay;
let stranger: Socket;
let publisher: FfmpegPublisher;
let viewer: LibdatachannelViewer;

beforeAll(async () => {
  server = await startServer({
    env: { KASKADO_ANNOUNCED_ADDRESSES: RELAY_ADDRESS, KASKADO_RATE_LIMIT_PER_MINUTE: "0" },
  });
  rest = restClient(server.baseUrl);
  relay = await openUdpRelay(RELAY_ADDRESS, server.udpPort);
  stranger = createSocket("udp4");
  const clip = { width: 320, height: 180, fps: 25, keyframeInterval: 25, bitrateBps: 400_000, seconds: 60 };
  publisher = await publishByFfmpeg({ ...clip, whipUrl: `${server.baseUrl}/whip/demo` });
  viewer = await watch({ whepUrl: `${server.baseUrl}/whep/demo` });
});

afterAll(async () => {
  await publisher?.kill().catch(() => {});
  await viewer?.close();
  relay?.close();
  stranger?.close();
  await server?.stop();
});

const sdp = { "content-type": "application/sdp" };
const json = { "content-type": "application/json" };
const head = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n";

/** Requests nobody should make, each with the status that it gets. */
function badRequests(): [
  string,
  number,
  string,
  string,
  string | Uint8Array | undefined,
  Record<string, string>,
][] {
  const nobody = "00000000-0000-4000-8000-000000000000";
  const valid = sdpOffer({ sections: [{ kind: "video", direction: "sendonly" }] });
  return [
    ["broken JSON", 400, "POST", "/v1/pipelines", '{"name": ', json],
    ["JSON that is no UTF-8", 400, "POST", "/v1/pipelines", new Uint8Array([0x7b, 0xff, 0xfe]), json],
    ["deep JSON", 422, "POST", "/v1/pipelines", `{"tags":${"[".repeat(50_000)}${"]".repeat(50_000)}}`, json],
    ["wrong types", 422, "POST", "/v1/pipelines", '{"name": 7, "elements": {}, "connections": [1]}', json],
    ["a JSON array", 422, "POST", "/v1/pipelines", "[]", json],
    ["2 MB of JSON", 413, "POST", "/v1/pipelines", `{"name":"${"x".repeat(2 * MIB)}"}`, json],
    ["form data", 415, "POST", "/v1/pipelines", "name=x", { "content-type": "text/plain" }],
    ["an unknown pipeline", 404, "GET", `/v1/pipelines/${nobody}`, undefined, {}],
    ["an unknown element", 404, "POST", `/v1/elements/${nobody}/processOffer`, '{"offer":"v=0"}', json],
    ["an unknown session", 404, "DELETE", `/v1/sessions/${nobody}`, undefined, {}],
    ["an odd id", 404, "GET", "/v1/pipelines/%2e%2e%2f%00", undefined, {}],
    ["a made-up cursor", 400, "GET", "/v1/pipelines?cursor=zzz", undefined, {}],
    ["no SDP", 400, "POST", "/whip/bad", "hello", sdp],
    ["an empty body", 400, "POST", "/whip/bad", "", sdp],
    ["SDP in JSON", 415, "POST", "/whip/bad", "{}", json],
    ["half an offer", 422, "POST", "/whip/bad", valid.slice(0, valid.indexOf("a=fingerprint")), sdp],
    ["1 MB of SDP", 413, "POST", "/whip/bad", valid + "a=x\r\n".repeat(MIB / 5), sdp],
    ["200 KB of SDP", 422, "POST", "/whip/bad", valid + "a=x\r\n".repeat(40_000), sdp],
    ["10 000 m-lines", 422, "POST", "/whip/bad", head + "m=a 9 X 0\r\n".repeat(10_000), sdp],
    ["10 000 m-lines to watch", 422, "POST", "/whep/demo", head + "m=a 9 X 0\r\n".repeat(10_000), sdp],
    ["a stream that nobody publishes", 409, "POST", "/whep/nobody", valid, sdp],
    ["candidates for no session", 404, "PATCH", `/whip/demo/${nobody}`, "a=mid:0", {
      "content-type": "application/trickle-ice-sdpfrag",
    }],
    ["a name of 5000 characters", 422, "POST", `/whip/${"x".repeat(5000)}`, valid, sdp],
  ];
}

async function requestAllBadly(): Promise<void> {
  const outcomes: [string, number, string | null][] = [];
  for (const [what, _status, method, path, body, headers] of badRequests()) {
    const response = await fetch(server.baseUrl + path, { method, headers, body: body as BodyInit });
    await response.body?.cancel();
    outcomes.push([what, response.status, response.headers.get("content-type")]);
  }
  expect(outcomes).toEqual(badRequests().map(([what, status]) => [what, status, "application/problem+json"]));
}

const isMedia = ({ bytes }: { bytes: Uint8Array }) => bytes[0] >> 6 === 2 && bytes.length > 40;

/** Datagrams of every first byte from a stranger and from the publisher's own address, in several lengths. */
function sendGarbage(client: string): void {
  for (let first = 0; first < 256; first++) {
    for (const length of [1, 12, 60, 1300]) {
      const bytes = randomBytes(length);
      bytes[0] = first;
      stranger.send(bytes, server.udpPort, "127.0.0.1");
      relay.sendAs(client, bytes);
    }
  }
}

/** What would end a session if it were taken in the clear: DTLS close_notify and a fatal alert, RTCP BYE. */
function sayGoodbye(client: string): void {
  for (const alert of [[1, 0], [2, 40]]) {
    relay.sendAs(client, new Uint8Array([21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 99, 0, 2, ...alert]));
    relay.sendAs(client, new Uint8Array([21, 254, 253, 0, 1, 0, 0, 0, 0, 0, 99, 0, 2, ...alert]));
  }
  const media = relay.seen.findLast((packet) => packet.client === client && isMedia(packet))!.bytes;
  const bye = new Uint8Array([0x81, 203, 0, 1, ...media.subarray(8, 12)]);
  relay.sendAs(client, bye);
  relay.sendAs(client, new Uint8Array([...bye, 0x80, 0, 0, 1, ...randomBytes(10)]));
}

/** The publisher's packets again, and changed in one byte, from its own address and from another. */
function replayAndForge(client: string): void {
  const packets = relay.seen.filter((packet) => packet.client === client && isMedia(packet));
  expect(packets.length).toBeGreaterThan(20);
  for (const { bytes } of packets.slice(-100)) {
    relay.sendAs(client, bytes);
    stranger.send(Buffer.from(bytes), server.udpPort, "127.0.0.1");
    const forged = bytes.slice();
    forged[bytes.length - 20] ^= 0xff;
    relay.sendAs(client, forged);
    const future = bytes.slice();
    future[2] ^= 0x40;
    relay.sendAs(client, future);
  }
}

/** STUN for nobody, and for a real session with a password that is not its own. */
async function askStunBadly(): Promise<void> {
  const offer = sdpOffer({ sections: [{ kind: "video", direction: "sendonly" }] });
  const opened = await rest.post("/whip/victim", offer, sdp);
  const ufrag = /a=ice-ufrag:(\S+)/.exec(opened.body)![1];
  let answers = 0;
  const count = () => answers++;
  stranger.on("message", count);
  for (let i = 0; i < 50; i++) {
    for (const name of [`${ufrag}:kitu`, "nobody:kitu", `${ufrag}`, `:${ufrag}`]) {
      stranger.send(Buffer.from(bindingRequest(name, "a password of nobody")), server.udpPort, "127.0.0.1");
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 200));
  stranger.off("message", count);
  expect(answers).toBe(0);
  const { status } = await rest.delete(new URL(opened.headers.get("location")!, server.baseUrl).pathname);
  expect(status).toBe(200);
}

async function everythingBad(): Promise<void> {
  const client = relay.seen.findLast((packet) => isMedia(packet) && packet.bytes.length > 200)!.client;
  await requestAllBadly();
  sendGarbage(client);
  await new Promise((resolve) => setTimeout(resolve, 100));
  replayAndForge(client);
  sayGoodbye(client);
  await askStunBadly();
}

/** What was dropped without an answer is at least counted, by reason, where an operator can see it. */
async function everyDropIsCounted(): Promise<void> {
  const { drops } = (await rest.get("/v1/server")).body.media[0];
  const rounds = WARM_UP_ROUNDS + ROUNDS;
  for (
    const reason of [
      "unknownKind",
      "unknownAddress",
      "notAuthentic",
      "replayed",
      "stunUnknown",
      "stunUnauthentic",
    ]
  ) {
    expect(drops[reason], reason).toBeGreaterThanOrEqual(rounds);
  }
}

test("bad input gets its 4xx or is dropped; memory stays flat and the running stream loses nothing", async () => {
  await expect.poll(() => framesOf(viewer), { timeout: 8000 }).toBeGreaterThan(25);
  for (let round = 0; round < WARM_UP_ROUNDS; round++) await everythingBad();
  const warmBytes = server.rssBytes();
  for (let round = 0; round < ROUNDS; round++) await everythingBad();
  const growthBytes = server.rssBytes() - warmBytes;
  console.log(
    `bad input: RSS ${Math.round(warmBytes / MIB)} MiB, grown by ${(growthBytes / MIB).toFixed(1)} MiB`,
  );
  expect(growthBytes).toBeLessThan(32 * MIB);

  const before = framesOf(viewer);
  await expect.poll(() => framesOf(viewer), { timeout: 5000 }).toBeGreaterThan(before + 20);
  expect(viewer.state()).toBe("connected");
  expect(continuityOf(viewer.video)).toEqual(unbroken);
  expect(continuityOf(viewer.audio)).toEqual(unbroken);
  const { items } = (await rest.get("/v1/pipelines")).body;
  expect(items.map(({ name }: { name: string }) => name)).toEqual(["demo", "victim"]);
  expect((await rest.get("/v1/sessions")).body.items).toHaveLength(2);
  await everyDropIsCounted();
});
