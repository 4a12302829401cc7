import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { PeerHandlers, PeerRates, PeerWish } from "../module/mod.ts";
import { PeerLink } from "./peer_link.ts";
import { offers, openHouse, refusalOf, request, type TestHouse } from "../../test/kit/house.ts";

let house: TestHouse;
beforeEach(async () => void (house = await openHouse()));
afterEach(() => house.close());

async function anEndpoint() {
  const view = await house.commands.createPipeline({
    name: "p",
    elements: [{ type: "WebRtcEndpoint", name: "a" }],
  });
  return view.elements[0].id;
}

test("a publisher's m-lines become receivers that fill the element's sources", async () => {
  await house.commands.openSession(request("whip", { elementId: await anEndpoint() }));
  const receivers = [...house.plane.open.receivers.values()];
  expect(receivers.map(({ media, source, mid }) => ({ media, source, mid }))).toEqual([
    { media: "audio", source: 1, mid: "0" },
    { media: "video", source: 2, mid: "1" },
  ]);
  expect(receivers.every(({ localSsrc, payloads }) => localSsrc > 0 && payloads.length > 0)).toBe(true);
  expect(house.plane.counts).toMatchObject({ transports: 1, senders: 0 });
});

test("a viewer's m-lines become senders with SSRCs that its description announces", async () => {
  const elementId = await anEndpoint();
  await house.commands.openSession(request("whip", { elementId }));
  const { description } = await house.commands.openSession(request("whep", { elementId }));
  const senders = [...house.plane.open.senders.values()];
  expect(senders.map(({ media }) => media)).toEqual(["audio", "video"]);
  for (const { ssrc, cname } of senders) expect(description).toContain(`a=ssrc:${ssrc} cname:${cname}`);
});

test("a viewer that cannot take what flows now is refused, and leaves nothing", async () => {
  const elementId = await anEndpoint();
  await house.commands.openSession(request("whip", { elementId }));
  house.plane.tell({ on: "sourceFormat", source: 2, codec: "H265", format: "H265/odd" });
  house.plane.tell({ on: "sourceFlow", source: 2, flowing: true });
  await house.quiet();
  const before = house.plane.counts;
  const refusal = await refusalOf(house.commands.openSession(request("whep", { elementId })));
  expect(refusal.code).toBe("codec_mismatch");
  expect(house.plane.counts).toEqual(before);
});

test("closing says BYE before close_notify and lets go of transport, receivers and owners", async () => {
  const elementId = await anEndpoint();
  const { session } = await house.commands.openSession(request("whip", { elementId }));
  await house.commands.closeSession(session.id);
  expect(house.plane.all("closeTransport")).toMatchObject([{ bye: true }]);
  expect(house.plane.counts).toEqual({ transports: 0, sources: 2, receivers: 0, senders: 0 });
  const from = house.store.events.newest();
  const [{ transport }] = house.plane.all("openTransport");
  house.plane.tell({ on: "transportMedia", transport, active: true, reason: "first" });
  await house.quiet();
  expect(house.events(from)).toEqual([]);
});

test("what was told of a peer before another took over is not taken for the other's", async () => {
  const elementId = await anEndpoint();
  await house.commands.openSession(request("whip", { elementId }));
  const [{ transport }] = house.plane.all("openTransport");
  const takeover = house.commands.openSession(request("whip", { elementId }));
  house.plane.tell({ on: "transportMedia", transport, active: true, reason: "first" });
  await takeover;
  await house.quiet();
  expect(house.commands.getElement(elementId).properties.mediaState).toBe("DISCONNECTED");
});

test("a peer that ends by itself closes its side of the plane", async () => {
  const elementId = await anEndpoint();
  await house.commands.invoke(elementId, "processOffer", { offer: offers.publish });
  expect(house.plane.counts.receivers).toBe(2);
  house.clock.advance(16_000);
  await house.quiet();
  expect(house.plane.counts).toEqual({ transports: 0, sources: 2, receivers: 0, senders: 0 });
});

test("data channels are counted once when they open, and when what had opened closes", async () => {
  const openPeer = vi.spyOn(house.house.engine.planes[0], "openPeer");
  const elementId = await anEndpoint();
  await house.commands.openSession(request("whip", { elementId }));
  const [link] = house.house.engine.homeOf(elementId, "element_not_found").live(elementId)!.links;
  const [, callbacks] = openPeer.mock.lastCall!;
  const tell = (channelId: number, state: "connecting" | "open" | "closing" | "closed") =>
    callbacks.dataChannel({
      channelId,
      state,
      label: "",
      protocol: "",
      messagesSent: 0,
      bytesSent: 0,
      messagesReceived: 0,
      bytesReceived: 0,
    });
  expect(link.channelCounts).toEqual({ opened: 0, closed: 0 });
  tell(0, "open");
  tell(0, "open");
  tell(2, "open");
  tell(4, "closed");
  expect(link.channelCounts).toEqual({ opened: 2, closed: 0 });
  tell(0, "closed");
  tell(0, "closed");
  tell(0, "open");
  expect(link.channelCounts).toEqual({ opened: 3, closed: 1 });
});

describe("what a peer is given and tells beyond its media", () => {
  const rates = { minReceiveKbps: 0, maxReceiveKbps: 300, minSendKbps: 100, maxSendKbps: 500 } as PeerRates;

  /** A link without an element: works for later turns are done at once, and their actions kept. */
  function aLink(wish: Partial<PeerWish> = {}, handlers: Partial<PeerHandlers> = {}) {
    const plane = house.house.engine.planes[0];
    const openPeer = vi.spyOn(plane, "openPeer");
    const heard: unknown[] = [];
    const link = new PeerLink(
      plane,
      {
        sourceOf: () => 1,
        atHand: () => null,
        later: (work) => void heard.push(...work()),
        sendersChanged: () => {},
        senderFlow: () => {},
        senderMismatch: () => [],
        media: () => [],
      },
      { receive: true, send: true, rules: null, maxReceiveKbps: { audio: 0, video: 0 }, ...wish },
      { iceState: () => [], dtlsState: () => [], selected: () => [], ended: () => [], ...handlers },
    );
    const [options, callbacks] = openPeer.mock.lastCall!;
    return { link, options, callbacks, heard };
  }

  async function commands() {
    await house.quiet();
    return house.plane.commands;
  }

  test("its code point is set before anything is sent, and none is set when none is wished for", async () => {
    const { link } = aLink({ dscp: 46 });
    aLink();
    expect((await commands()).map((command) => command.do)).toEqual([
      "openTransport",
      "setDscp",
      "openTransport",
    ]);
    expect(house.plane.all("setDscp")).toEqual([{ do: "setDscp", transport: link.transport, dscp: 46 }]);
  });

  test("rates go to its transport, and nowhere once it is closed", async () => {
    const { link } = aLink();
    link.setRates(rates);
    link.close();
    link.setRates(rates);
    await commands();
    expect(house.plane.all("setRates")).toEqual([{ do: "setRates", transport: link.transport, rates }]);
  });

  test("candidates and data channels are told in later turns", () => {
    const told = (what: string) => [{ do: "emit" as const, event: what, data: {} }];
    const { callbacks, heard } = aLink({ data: true }, {
      candidate: (text) => told(text),
      gathered: () => told("gathered"),
      dataChannel: ({ label }) => told(label),
    });
    const figures = { messagesSent: 0, bytesSent: 0, messagesReceived: 0, bytesReceived: 0 };
    callbacks.candidate("candidate:1");
    callbacks.gathered();
    callbacks.dataChannel({ channelId: 1, label: "chat", protocol: "", state: "open", ...figures });
    expect(heard).toEqual([...told("candidate:1"), ...told("gathered"), ...told("chat")]);
  });

  test("who does not want to hear of them hears nothing", () => {
    const { callbacks, heard } = aLink();
    callbacks.candidate("candidate:1");
    callbacks.gathered();
    callbacks.dataMessage(1, "hello");
    expect(heard).toEqual([]);
  });

  test("a message comes with the label of its channel, at once; a fault over it stays with the element", () => {
    const messages: unknown[] = [];
    const { link, callbacks } = aLink({ data: true }, {
      dataMessage: (channelId, message) => {
        messages.push([channelId, message]);
        throw new Error("a bug of the element");
      },
    });
    vi.spyOn(link, "dataChannels", "get").mockReturnValue([{ channelId: 3, label: "chat" } as never]);
    callbacks.dataMessage(3, "hello");
    callbacks.dataMessage(5, "who?");
    expect(messages).toEqual([[3, { payload: "hello", label: "chat" }], [5, {
      payload: "who?",
      label: "",
    }]]);
  });
});
