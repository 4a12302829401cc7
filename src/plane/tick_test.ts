import { describe, expect, test } from "vitest";
import { openStream } from "../../test/kit/plane_rig.ts";

describe("flow", () => {
  test("begins with the first packet, ends when nothing comes for two seconds, and begins again", () => {
    const { rig, encoder } = openStream();
    encoder.send(true);
    rig.turn();
    rig.run(1900);
    encoder.send(true);
    rig.turn();
    rig.run(1900);
    expect(rig.eventsOf("sourceFlow")).toEqual([{ on: "sourceFlow", source: 1, flowing: true }]);
    rig.run(200);
    encoder.send(true);
    rig.turn();
    expect(rig.eventsOf("sourceFlow").map((event) => event.flowing)).toEqual([true, false, true]);
    expect(rig.eventsOf("senderFlow").map((event) => event.flowing)).toEqual([true, false, true]);
  });

  test("ten seconds without an authentic packet are silence", () => {
    const { rig, encoder } = openStream();
    encoder.send(true);
    rig.turn();
    rig.run(9900);
    expect(rig.eventsOf("transportMedia").length).toBe(1);
    rig.run(200);
    expect(rig.eventsOf("transportMedia").at(-1)).toMatchObject({ active: false, reason: "silence" });
  });

  test("bitrates are those of the last second", () => {
    const { rig, encoder } = openStream();
    encoder.send(true);
    rig.turn();
    encoder.sendMany(100, 2, 600);
    const [receiver] = rig.stats().receivers;
    // 2 × (600 + 28) bytes each 30 ms.
    expect(Math.abs(receiver.bitrateBps - 335_000)).toBeLessThan(20_000);
    expect(Math.abs(rig.stats().senders[0].bitrateBps - 335_000)).toBeLessThan(20_000);
  });
});

describe("a lossy day", () => {
  test("commands about what is closed already change nothing and are counted", () => {
    const { rig, encoder, viewer } = openStream();
    encoder.send(true);
    rig.turn();
    rig.apply({ do: "closeSender", sender: 77 });
    rig.apply({ do: "bindSender", sender: 1, source: 99 });
    rig.apply({ do: "closeTransport", transport: 77, bye: true });
    rig.apply({ do: "requestKeyframe", source: 99 });
    rig.apply({ do: "openTransport", transport: 1 });
    rig.apply({ do: "admit", transport: 1, address: { address: "host.invalid", port: 9 } });
    encoder.send(false);
    rig.turn();
    expect(viewer.rtp.length).toBe(4);
    expect(rig.stats().drops.staleCommand).toBe(6);
  });

  test("closing everything while it flows leaves nothing behind, and it can be opened again", () => {
    const { rig, publisher, viewer, encoder } = openStream();
    encoder.send(true);
    rig.turn();
    rig.apply({ do: "closeSource", source: 1 });
    encoder.send(true);
    rig.turn();
    rig.apply({ do: "closeTransport", transport: publisher.transport, bye: false });
    rig.apply({ do: "closeTransport", transport: viewer.transport, bye: true });
    encoder.send(true);
    rig.turn();
    const { transports, receivers, senders, drops } = rig.stats();
    expect({ transports, receivers, senders }).toEqual({ transports: [], receivers: [], senders: [] });
    expect(drops.unknownAddress).toBe(2);
    rig.openPeer();
    expect(rig.stats().transports.length).toBe(1);
  });
});
