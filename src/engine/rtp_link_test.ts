import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openHouse, refusalOf, type TestHouse } from "../../test/kit/house.ts";
import { answered, type OfferedRtp, rtpOffer } from "../../test/kit/rtp_offer.ts";

let house: TestHouse;
beforeEach(async () => void (house = await openHouse()));
afterEach(() => house.close());

const nothing = { transports: 0, sources: 0, receivers: 0, senders: 0 };

async function anEndpoint(
  options: Record<string, unknown> = {},
  properties: Record<string, unknown> = {},
): Promise<string> {
  const view = await house.commands.createPipeline({
    elements: [{ type: "RtpEndpoint", options, properties }],
  });
  return view.elements[0].id;
}

const video = (more: Partial<OfferedRtp> = {}): OfferedRtp => ({
  kind: "video",
  port: 5004,
  payloadType: 96,
  codec: "VP8",
  direction: "sendrecv",
  ...more,
});
const audio = (more: Partial<OfferedRtp> = {}) =>
  video({ kind: "audio", port: 5006, payloadType: 0, codec: "", ...more });
const invoke = (id: string, operation: string, input: object) =>
  house.commands.invoke(id, operation, input) as Promise<{ result: string }>;
const offer = async (id: string, ...sections: OfferedRtp[]) => {
  const told = await invoke(id, "processOffer", { offer: rtpOffer(sections) });
  await house.quiet();
  return (told as { result?: string }).result ?? told as unknown as string;
};
const namesOf = (id: string) =>
  house.events().filter((event) => event.elementId === id).map(({ type }) => type);
const stateOf = (id: string, name: string) => house.commands.getElement(id).properties[name];

test("each m-line has a transport on ports of its own, which knows where its peer is", async () => {
  const id = await anEndpoint();
  const answer = await offer(id, audio({ direction: "sendonly" }), video({ direction: "recvonly" }));
  expect(answered(answer, "video").port).toBe(10_002);
  const [first, second] = house.plane.all("openTransport");
  expect([...house.plane.ports]).toEqual([[first.port, 10_000], [second.port, 10_002]]);
  expect(house.plane.all("select").map(({ address }) => address.port)).toEqual([5006, 5004]);
  expect(house.plane.all("selectRtcp").map(({ address }) => address.port)).toEqual([5007, 5005]);
  expect(house.plane.all("accept")).toMatchObject([{ from: "127.0.0.1", latch: false }, { latch: false }]);
  expect(house.plane.all("key")).toMatchObject([{ keys: { profile: "NONE" } }, {
    keys: { profile: "NONE" },
  }]);
  expect([...house.plane.open.receivers.values()]).toMatchObject([{
    transport: first.transport,
    media: "audio",
  }]);
  expect([...house.plane.open.senders.values()]).toMatchObject([{
    transport: second.transport,
    media: "video",
  }]);
  expect(namesOf(id)).toEqual(["ObjectCreated", "MediaSessionStarted", "ConnectionStateChanged"]);
  expect(stateOf(id, "connectionState")).toBe("CONNECTED");
});

test("what is connected is sent, and its own media is the element's", async () => {
  const source = await anEndpoint();
  await offer(source, video({ direction: "sendonly" }));
  const { pipelineId } = house.commands.getElement(source);
  const sink = (await house.commands.createElement(pipelineId, { type: "RtpEndpoint" })).id;
  await house.commands.connect({ source, sink });
  await offer(sink, video({ direction: "recvonly" }));
  const [receiver] = house.plane.open.receivers.values();
  const [sender] = house.plane.open.senders.values();
  expect(sender.source).toBe(receiver.source);
});

test("media states follow all m-lines together", async () => {
  const id = await anEndpoint();
  await offer(id, audio(), video());
  const [first, second] = house.plane.all("openTransport").map(({ transport }) => transport);
  const tell = async (transport: number, active: boolean) => {
    house.plane.tell({ on: "transportMedia", transport, active, reason: "first" });
    await house.quiet();
    return stateOf(id, "mediaState");
  };
  expect(await tell(first, true)).toBe("CONNECTED");
  expect(await tell(second, true)).toBe("CONNECTED");
  expect(await tell(first, false)).toBe("CONNECTED");
  expect(await tell(second, false)).toBe("DISCONNECTED");
  expect(namesOf(id).filter((name) => name === "MediaStateChanged").length).toBe(2);
});

test("with COMEDIA an endpoint is connected once each m-line was heard from", async () => {
  const id = await anEndpoint();
  const active = { port: 9, lines: ["a=direction:active"] };
  await offer(id, audio(active), video(active));
  expect(house.plane.all("select")).toEqual([]);
  expect(house.plane.all("accept")).toMatchObject([{ from: null, latch: true }, { from: null, latch: true }]);
  const states: unknown[] = [stateOf(id, "connectionState")];
  for (const { transport } of house.plane.all("openTransport")) {
    for (let again = 0; again < 2; again++) {
      house.plane.tell({ on: "transportLatched", transport, address: { address: "192.0.2.1", port: 7 } });
    }
    await house.quiet();
    states.push(stateOf(id, "connectionState"));
  }
  expect(states).toEqual(["DISCONNECTED", "DISCONNECTED", "CONNECTED"]);
  expect(namesOf(id).filter((name) => name === "ConnectionStateChanged").length).toBe(1);
});

test("the nearing end of a key is told by its kind of media", async () => {
  const key = Buffer.alloc(30, 1).toString("base64");
  const id = await anEndpoint({ crypto: { crypto: "AES_128_CM_HMAC_SHA1_80" } });
  const lines = [`a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key}|2^20`];
  await offer(id, video({ protocol: "RTP/SAVP", lines }));
  const [{ transport, keys }] = house.plane.all("key");
  expect(keys).toMatchObject({ profile: "AES128_CM_HMAC_SHA1_80", remoteLifetimePackets: 2 ** 20 });
  house.plane.tell({ on: "keyNearlyUsed", transport });
  await house.quiet();
  expect(house.events().at(-1)).toMatchObject({ type: "OnKeySoftLimit", data: { mediaType: "VIDEO" } });
});

test("rates are those of the properties, within what the peer's b= line allows, and follow changes", async () => {
  const id = await anEndpoint({}, { maxVideoSendBandwidth: 900 });
  await offer(id, video({ lines: ["b=AS:384"] }));
  const bounds = () => house.plane.all("setRates").map(({ rates }) => rates.maxSendKbps);
  expect(bounds()).toEqual([384]);
  await house.commands.editElement(id, { properties: { maxVideoSendBandwidth: 200 } });
  await house.commands.editElement(id, { properties: { maxVideoSendBandwidth: 0 } });
  expect(bounds()).toEqual([384, 200, 384]);
});

test("an offer of ours opens its transports with the answer", async () => {
  const id = await anEndpoint();
  const told = await house.commands.invoke(id, "generateOffer", {});
  expect(JSON.stringify(told)).toContain("m=audio 10000 RTP/AVPF");
  expect([house.plane.ports.size, house.plane.counts.transports]).toEqual([2, 0]);
  await house.commands.invoke(id, "processAnswer", {
    answer: rtpOffer([audio({ port: 0, payloadType: 111 }), video({ protocol: "RTP/AVPF" })]),
  });
  await house.quiet();
  expect(house.plane.counts).toMatchObject({ transports: 1, receivers: 1, senders: 1 });
  expect(house.plane.all("openTransport")[0].port).toBe([...house.plane.ports.keys()][1]);
});

describe("nothing is left", () => {
  test("of an endpoint that is released: BYE first, then its ports", async () => {
    const id = await anEndpoint();
    await offer(id, audio(), video());
    const { pipelineId } = house.commands.getElement(id);
    await house.commands.releasePipeline(pipelineId);
    await house.quiet();
    expect(house.plane.all("closeTransport")).toMatchObject([{ bye: true }, { bye: true }]);
    const last = house.plane.commands.findLastIndex((command) => command.do === "closeTransport");
    expect(house.plane.commands.findIndex((command) => command.do === "closePort")).toBeGreaterThan(last);
    expect([house.plane.counts, house.plane.ports.size]).toEqual([nothing, 0]);
  });

  test("of an offer that could not be answered, and another may be tried", async () => {
    const id = await anEndpoint();
    house.plane.portFault = "all are taken";
    const refused = await refusalOf(invoke(id, "processOffer", { offer: rtpOffer([video()]) }));
    expect(refused).toMatchObject({
      code: "limit_reached",
      message: expect.stringContaining("all are taken vs one that is free"),
    });
    expect((await refusalOf(invoke(id, "processOffer", { offer: rtpOffer([video()], "nowhere") }))).code)
      .toBe("sdp_unacceptable");
    house.plane.portFault = "";
    expect(house.plane.counts).toMatchObject({ transports: 0 });
    expect(await offer(id, video())).toContain("m=video 1");
  });

  test("of m-lines that were all turned down: neither session nor connection", async () => {
    const id = await anEndpoint();
    expect(await offer(id, video({ protocol: "RTP/SAVP" }))).toContain("m=video 0");
    expect(namesOf(id)).toEqual(["ObjectCreated"]);
    expect(house.plane.ports.size).toBe(0);
  });

  test("of ports that open after the element has gone", async () => {
    const id = await anEndpoint();
    const { pipelineId } = house.commands.getElement(id);
    const live = house.house.engine.pipeline(pipelineId).live(id)!;
    const tell = vi.spyOn(house.plane, "tell").mockImplementation(() => {});
    const answering = invoke(id, "processOffer", { offer: rtpOffer([video()]) });
    await expect.poll(() => tell.mock.calls.length).toBe(1);
    live.close();
    const [opened] = tell.mock.calls;
    tell.mockRestore();
    house.plane.tell(...opened);
    expect((await refusalOf(answering)).code).toBe("element_not_found");
    await house.quiet();
    expect(house.plane.ports.size).toBe(0);
  });
});

test("figures of its streams are the element's", async () => {
  const id = await anEndpoint();
  await offer(id, video());
  const [transport] = house.plane.open.transports;
  const [receiver] = house.plane.open.receivers.keys();
  const [sender] = house.plane.open.senders.keys();
  const source = [...house.plane.open.receivers.values()][0].source;
  house.plane.figures = {
    transports: [{ transport, packetsReceived: 3 } as never],
    receivers: [{ receiver, source, ssrc: 5 } as never],
    senders: [{ sender, ssrc: 6 } as never],
  };
  const stats = Object.values(await house.commands.elementStats(id)) as { type: string }[];
  expect(stats.map(({ type }) => type).sort()).toEqual(["inbound-rtp", "outbound-rtp", "transport"]);
});
