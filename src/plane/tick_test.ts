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

describe("the plane sleeps", () => {
  test("until its next tick while nobody is owed anything, and until then only", () => {
    const { rig, encoder } = openStream();
    rig.turn(1000);
    expect(rig.plane.sleepMs).toBe(50);
    encoder.send(true);
    rig.turn(30);
    expect(rig.plane.sleepMs).toBe(20);
  });

  test("until a publisher is to be told of arrivals", () => {
    const { rig, publisher, encoder } = openStream({ receiver: { extensions: { transportWideCc: 7 } } });
    const send = (number: number) => {
      for (const fields of encoder.frame(number === 0, 1)) {
        const payload = new Uint8Array([0, number]);
        rig.sendRtp(publisher, { ...fields, extensions: [{ id: 7, payload }] });
      }
    };
    send(0);
    rig.turn(1000);
    send(1);
    rig.turn(20);
    expect(rig.plane.sleepMs).toBe(30);
    rig.turn(30);
    send(2);
    rig.turn(45);
    // The tick is due first.
    expect(rig.plane.sleepMs).toBe(5);
  });

  test("10 ms at most while packets are missing, until they came", () => {
    const { rig, encoder } = openStream();
    encoder.send(true);
    rig.turn(1000);
    encoder.sequence += 2;
    encoder.send(false);
    rig.turn(1);
    expect(rig.plane.sleepMs).toBe(10);
    encoder.sequence -= 4;
    encoder.send(false);
    rig.turn(1);
    expect(rig.plane.sleepMs).toBeGreaterThan(10);
  });

  test("no less for a publisher that cannot be told, as no address of it is selected", () => {
    const { rig, publisher, encoder } = openStream({ receiver: { extensions: { transportWideCc: 7 } } });
    rig.apply({ do: "openTransport", transport: 9 });
    rig.apply({ do: "key", transport: 9, keys: publisher.keys });
    rig.apply({ do: "admit", transport: 9, address: publisher.address });
    rig.openReceiver({ ...publisher, transport: 9 } as typeof publisher, 9, 1, {
      extensions: { transportWideCc: 7 },
    });
    for (const fields of encoder.frame(true, 1)) {
      rig.sendRtp(publisher, { ...fields, extensions: [{ id: 7, payload: new Uint8Array([0, 1]) }] });
    }
    rig.turn(1000);
    rig.turn(100);
    expect(rig.plane.sleepMs).toBe(50);
  });
});
