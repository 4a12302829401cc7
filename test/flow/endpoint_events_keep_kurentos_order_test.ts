import * as ndc from "node-datachannel";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EventFollower, followEvents } from "../kit/event_follower.ts";
import { type RestClient, restClient } from "../kit/rest_client.ts";
import { startServer, type TestServer } from "../kit/server.ts";

let server: TestServer;
let rest: RestClient;
let follower: EventFollower;
beforeAll(async () => {
  server = await startServer();
  rest = restClient(server.baseUrl);
  follower = await followEvents(`${server.baseUrl}/v1/events`, 0);
});
afterAll(async () => {
  follower?.stop();
  await server?.stop();
});

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(condition()).toBe(true);
}

/** ICE and DTLS events so far, states in place of the names of their events. */
const told = () =>
  follower.events.flatMap(({ type, data }) => {
    const payload = data.data ?? data;
    if (type === "IceComponentStateChanged") return [payload.state as string];
    return /^(IceCandidateFound|IceGatheringDone|NewCandidatePairSelected)$/.test(type) ? [type] : [];
  });

test("a client that trickles is told of candidates, states and the pair in Kurento's order", async () => {
  const { body: pipeline } = await rest.post("/v1/pipelines", {});
  const { body: element } = await rest.post(`/v1/pipelines/${pipeline.id}/elements`, {
    type: "WebRtcEndpoint",
  });
  const ask = (operation: string, input: object = {}) =>
    rest.post(`/v1/elements/${element.id}/${operation}`, input);

  const connection = new ndc.PeerConnection("test", { iceServers: [], disableAutoNegotiation: true });
  const audio = new ndc.Audio("0", "SendOnly");
  audio.addOpusCodec(111);
  audio.addSSRC(1001, "cname", "stream", "audio");
  const track = connection.addTrack(audio);
  const candidates: { candidate: string; sdpMid: string; sdpMLineIndex: number }[] = [];
  connection.onLocalCandidate((candidate, sdpMid) =>
    candidates.push({ candidate, sdpMid, sdpMLineIndex: 0 })
  );
  connection.setLocalDescription("offer" as ndc.DescriptionType);
  await until(() => connection.localDescription() !== null && candidates.length > 0);
  const offer = connection.localDescription()!.sdp.replace(/a=(candidate|end-of-candidates).*\r\n/g, "");

  expect((await ask("addIceCandidate", { candidate: candidates[0] })).status).toBe(200);
  const { body } = await ask("processOffer", { offer });
  // A client that has the answer sends checks at once: sooner than a busy machine hears of the gathering.
  await ask("gatherCandidates");
  connection.setRemoteDescription(body.result, "answer" as ndc.DescriptionType);
  for (const candidate of candidates) await ask("addIceCandidate", { candidate });
  await until(() => told().includes("READY") && told().includes("IceGatheringDone"));

  const order = told();
  expect(order[0]).toBe("IceCandidateFound");
  const without = order.filter((name) => name !== "IceCandidateFound" && name !== "IceGatheringDone");
  expect(without).toEqual(["GATHERING", "CONNECTING", "NewCandidatePairSelected", "CONNECTED", "READY"]);
  expect(order.indexOf("IceGatheringDone")).toBeLessThan(order.indexOf("READY"));
  expect(order.lastIndexOf("IceCandidateFound")).toBeLessThan(order.indexOf("IceGatheringDone"));

  await until(() => connection.state() === "connected");
  const { body: view } = await rest.get(`/v1/elements/${element.id}`);
  expect(view.properties).toMatchObject({
    IceConnectionState: [{ streamId: "0", componentId: 1, state: "READY" }],
    DtlsConnectionState: [{ state: "CONNECTED" }],
    connectionState: "CONNECTED",
  });
  expect(view.properties.ICECandidatePairs[0].localCandidate).toMatch(/^candidate:/);
  track.close();
  connection.close();
});

test("wrong requests are refused with codes of their own, and the endpoint goes on", async () => {
  const { body: pipeline } = await rest.post("/v1/pipelines", {});
  const { body: element } = await rest.post(`/v1/pipelines/${pipeline.id}/elements`, {
    type: "WebRtcEndpoint",
  });
  const codeOf = async (operation: string, input: object = {}) =>
    (await rest.post(`/v1/elements/${element.id}/${operation}`, input)).body.code;
  expect(await codeOf("processOffer", { offer: "" })).toBe("sdp_invalid");
  expect(await codeOf("processOffer", { offer: "v=0\r\nnonsense" })).toBe("sdp_invalid");
  expect(await codeOf("processAnswer", { answer: "v=0\r\n" })).toBe("offer_not_generated");
  expect(await codeOf("requestKeyframe")).toBe("operation_not_supported");
  expect(await codeOf("addIceCandidate", { candidate: { candidate: "x", sdpMid: "0", sdpMLineIndex: 0 } }))
    .toBe(
      "candidate_invalid",
    );
  const patched = await rest.patch(`/v1/elements/${element.id}`, {
    properties: { stunServerAddress: "stun.example.org" },
  });
  expect([patched.status, JSON.stringify(patched.body)]).toEqual([
    422,
    expect.stringContaining("not looked up"),
  ]);
  expect(await codeOf("generateOffer")).toBeUndefined();
  expect(await codeOf("generateOffer")).toBe("endpoint_negotiated");
});
