import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { encodeAudioClip, encodeVideoClip } from "../kit/ffmpeg.ts";
import { type KurentoClient, openKurentoClient } from "../kit/kurento_client.ts";
import { type KurentoPeer, publishTo, watchByAnswer, watchFrom } from "../kit/kurento_peer.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { continueUntil } from "../kit/until.ts";
import { decodeClip, expectWhole } from "./received_clip.ts";

const clip = {
  video: encodeVideoClip({
    width: 640,
    height: 360,
    fps: 25,
    frameCount: 300,
    keyframeInterval: 25,
    bitrateBps: 400_000,
  }),
  audio: encodeAudioClip(600),
};

let server: TestServer;
let client: KurentoClient;
let peers: KurentoPeer[] = [];
beforeAll(async () => {
  server = await startServer();
  client = await openKurentoClient(`${server.baseUrl.replace("http", "ws")}/kurento`);
});
beforeEach(() => client.create("pipeline", "MediaPipeline"));
afterEach(() => {
  for (const peer of peers) peer.close();
  peers = [];
});
afterAll(async () => {
  await client?.kill();
  await server?.stop();
});

async function endpoints(...names: string[]): Promise<void> {
  for (const name of names) await client.create(name, "WebRtcEndpoint", { mediaPipeline: "@pipeline" });
}

async function added<Peer extends KurentoPeer>(peer: Promise<Peer>): Promise<Peer> {
  peers.push(await peer);
  return await peer;
}

// deno-lint-ignore no-explicit-any
const statsOf = async (name: string, type: string): Promise<any> =>
  Object.values<{ type: string }>(await client.call(name, "getStats", "VIDEO"))
    .find((each) => each.type === type);

test("a program gives two viewers what a publisher sends, one of them behind a PassThrough, and hears of it", async () => {
  await endpoints("source", "direct");
  await client.create("behind", "WebRtcEndpoint", { mediaPipeline: "@pipeline", sendonly: true });
  await client.create("pass", "PassThrough", { mediaPipeline: "@pipeline" });
  await client.call("source", "connect", "@direct");
  await client.call("source", "connect", "@pass");
  await client.call("pass", "connect", "@behind");
  for (const event of ["MediaSessionStarted", "MediaStateChanged", "ConnectionStateChanged"]) {
    await client.on("source", event);
  }
  await client.on("source", "MediaFlowOutStateChanged");
  for (const name of ["direct", "pass", "behind"]) await client.on(name, "MediaFlowInStateChanged");

  // Each way of telling candidates is the only one by which that viewer can connect.
  const direct = await added(watchFrom(client, "direct", "from the server"));
  const publisher = await added(publishTo(client, "source", clip));
  const behind = await added(watchByAnswer(client, "behind"));
  await client.event("source", "MediaSessionStarted");
  await client.event("source", "ConnectionStateChanged", ({ newState }) => newState === "CONNECTED");
  await client.event("source", "MediaStateChanged", ({ newState }) => newState === "CONNECTED");
  const flows = ({ state, mediaType }: Record<string, string>) =>
    state === "FLOWING" && mediaType === "VIDEO";
  await client.event("source", "MediaFlowOutStateChanged", flows);
  for (const name of ["direct", "pass", "behind"]) await client.event(name, "MediaFlowInStateChanged", flows);
  const decoded = (viewer: typeof direct) => decodeClip(viewer.video, viewer.audio);
  for (const viewer of [direct, behind]) {
    await continueUntil("two seconds of pictures", () => viewer.video.accessUnits().length > 50);
    expectWhole(decoded(viewer));
  }
  expect(await client.call("behind", "isMediaFlowingIn", "AUDIO")).toBe(true);
  expect(await statsOf("source", "inboundrtp")).toMatchObject({ isRemote: false, packetsLost: 0 });
  expect((await statsOf("source", "inboundrtp")).packetsReceived).toBeGreaterThan(50);
  expect((await statsOf("behind", "outboundrtp")).packetsSent).toBeGreaterThan(50);

  await client.call("direct", "release");
  await continueUntil("the released viewer's end", () => direct.state() !== "connected");
  const before = behind.video.packetCount;
  await continueUntil("more at the other one", () => behind.video.packetCount > before + 50);
  await client.call("pipeline", "release");
  await continueUntil(
    "the end of all",
    () => [publisher, behind].every((each) => each.state() !== "connected"),
  );
  expectWhole(decoded(behind));
  await expect(client.call("source", "getName")).rejects.toMatchObject({ code: 40101 });
});

test("a program routes a publisher by a Dispatcher to one viewer, to another as well, and away from the first", async () => {
  await endpoints("speaker", "one", "two");
  await client.create("hub", "Dispatcher", { mediaPipeline: "@pipeline" });
  for (const name of ["speaker", "one", "two"]) {
    await client.create(`${name} port`, "HubPort", { hub: "@hub" });
  }
  await client.call("speaker", "connect", "@speaker port");
  for (const name of ["one", "two"]) await client.call(`${name} port`, "connect", `@${name}`);
  await client.call("hub", "connect", "@speaker port", "@one port");

  await added(publishTo(client, "speaker", clip));
  const one = await added(watchFrom(client, "one", "to the server"));
  const two = await added(watchFrom(client, "two", "both ways"));
  await continueUntil("pictures at the first", () => one.video.accessUnits().length > 30);
  expect([two.video.packetCount, two.audio.packetCount]).toEqual([0, 0]);

  await client.call("hub", "connect", "@speaker port", "@two port");
  await continueUntil("pictures at the second", () => two.video.accessUnits().length > 30);
  for (const viewer of [one, two]) expectWhole(decodeClip(viewer.video, viewer.audio));

  await client.call("one port", "release");
  // What was on its way comes yet.
  let [last, before] = [0, 0];
  await continueUntil("nothing more at the first while there is at the second", () => {
    if (one.video.packetCount > last) [last, before] = [one.video.packetCount, two.video.packetCount];
    return two.video.packetCount > before + 50;
  });
  expect(one.state()).toBe("connected");
  await client.call("pipeline", "release");
  await continueUntil("the end of all", () => peers.every((peer) => peer.state() !== "connected"));
});

test("plain RTP offered to a WebRtcEndpoint is answered, and no media session begins by that", async () => {
  await endpoints("plain");
  await client.on("plain", "MediaSessionStarted");
  const offer = "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nt=0 0\r\nm=video 5004 RTP/AVP 96\r\n" +
    "c=IN IP4 192.0.2.9\r\nb=AS:384\r\na=rtpmap:96 H264/90000\r\na=recvonly\r\n";
  expect(await client.call("plain", "processOffer", offer)).toMatch(/^m=video 0 RTP\/AVP 96\r$/m);
  await client.call("plain", "gatherCandidates");
  expect(await client.call("plain", "getConnectionState")).toBe("DISCONNECTED");
  // Events of one connection come in order: this one is behind all that the offer could have brought.
  await client.on("plain", "ElementConnected");
  await client.call("plain", "connect", "@plain");
  await client.event("plain", "ElementConnected");
  expect(client.events.filter(({ object, event }) => object === "plain" && event === "MediaSessionStarted"))
    .toEqual([]);
  await client.call("pipeline", "release");
});
