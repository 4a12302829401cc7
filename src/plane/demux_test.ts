import { describe, expect, test } from "vitest";
import { isContinuous, numbersOf, openStream, vp8Start } from "../../test/kit/plane_rig.ts";

describe("hostile datagrams", () => {
  test("replayed and forged packets are counted and harm nothing", () => {
    const { rig, publisher, viewer, encoder } = openStream();
    encoder.send(true);
    rig.turn();
    const [fields] = encoder.frame(false, 1);
    const genuine = publisher.protectRtp(fields);
    const forged = genuine.slice();
    forged[forged.length - 1] ^= 1;
    const jump = genuine.slice();
    jump[2] ^= 0x40;
    for (const bytes of [forged, jump, genuine, genuine, forged]) rig.deliver(publisher, bytes);
    encoder.send(false);
    rig.turn();
    expect(viewer.rtp.length).toBe(5);
    expect(isContinuous(numbersOf(viewer.rtp))).toBe(true);
    expect(rig.stats().drops).toMatchObject({ notAuthentic: 2, replayed: 2 });
  });

  test("RTP, RTCP and DTLS from addresses that were not admitted are dropped, STUN goes up", () => {
    const { rig, publisher } = openStream();
    const stranger = { address: "198.51.100.1", port: 4000 };
    rig.udp.deliver(
      stranger,
      publisher.protectRtp({
        ssrc: 1,
        payloadType: 96,
        sequenceNumber: 1,
        timestamp: 1,
        payload: vp8Start(true),
      }),
    );
    rig.udp.deliver(stranger, Uint8Array.from({ length: 40 }, (_, i) => i === 0 ? 128 : i === 1 ? 201 : 0));
    rig.udp.deliver(stranger, new Uint8Array(60).fill(22));
    rig.udp.deliver(stranger, new Uint8Array(20));
    rig.udp.deliver(publisher.address, new Uint8Array(60).fill(22));
    rig.turn();
    expect(rig.stats().drops.unknownAddress).toBe(3);
    expect(rig.eventsOf("datagram").map(({ kind, transport }) => ({ kind, transport }))).toEqual([
      { kind: "stun", transport: null },
      { kind: "dtls", transport: 1 },
    ]);
  });

  test("a flood of STUN goes up to a bound per turn only", () => {
    const { rig } = openStream();
    for (let i = 0; i < 1500; i++) {
      rig.udp.deliver({ address: "198.51.100.1", port: 4000 }, new Uint8Array(20));
    }
    rig.turn();
    expect(rig.eventsOf("datagram").length).toBe(1024);
    expect(rig.stats().drops.controlFlood).toBe(476);
  });

  test("garbage of every first byte and many lengths, from a stranger and from a peer, costs the stream nothing", () => {
    const { rig, publisher, viewer, encoder } = openStream();
    encoder.send(true);
    rig.turn();
    let state = 7;
    const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24;
    for (let first = 0; first < 256; first++) {
      for (const length of [0, 1, 7, 8, 11, 12, 13, 19, 20, 27, 28, 60, 1200, 1536, 2000]) {
        const bytes = Uint8Array.from({ length }, (_, i) => i === 0 ? first : next());
        rig.udp.deliver(publisher.address, bytes);
        rig.udp.deliver({ address: "198.51.100.1", port: 4000 }, bytes);
      }
      encoder.send(false);
      rig.turn(10);
    }
    expect(viewer.rtp.length).toBe(2 + 512);
    expect(isContinuous(numbersOf(viewer.rtp))).toBe(true);
  });

  test("authentic packets with broken insides are counted", () => {
    const { rig, publisher, encoder } = openStream();
    encoder.send(true);
    rig.turn();
    const badPadding = { ...encoder.frame(false, 1)[0], payload: Uint8Array.of(1, 2, 3) };
    const bytes = publisher.protectRtp({ ...badPadding, padding: 0 });
    rig.deliver(publisher, bytes);
    const raw = (content: number[]) => ({ serialize: () => Uint8Array.from(content) });
    // RTCP: a length beyond the packet, report and FCI counts beyond theirs.
    rig.sendRtcp(publisher, raw([0x80, 201, 0, 9, 0, 0, 0, 1]));
    rig.sendRtcp(publisher, raw([0x9f, 201, 0, 1, 0, 0, 0, 1]));
    rig.sendRtcp(publisher, raw([0x9f, 200, 0, 1, 0, 0, 0, 1]));
    rig.sendRtcp(publisher, raw([0x81, 205, 0, 1, 0, 0, 0, 1]));
    rig.sendRtcp(publisher, raw([0x9f, 203, 0, 1, 0, 0, 0, 1]));
    rig.turn();
    expect(rig.stats().drops.malformed).toBe(3);
  });
});
