import { beforeEach, describe, expect, test } from "vitest";
import { RigPeer } from "../../test/kit/plane_rig.ts";
import { receiverReport, SideRig } from "../../test/kit/side_rig.ts";

let rig: SideRig;
beforeEach(() => void (rig = new SideRig()));

const peer = { address: "192.0.2.7", port: 6000 };
const elsewhere = { address: "192.0.2.7", port: 7000 };
const stranger = { address: "198.51.100.9", port: 6000 };

describe("plain RTP from a known host", () => {
  test("counts from any port of the host, and from no other host", async () => {
    await rig.open({ from: peer.address });
    rig.take(peer, rig.packet());
    rig.take(elsewhere, rig.packet());
    rig.take(stranger, rig.packet());
    expect(rig.stats().receivers[0].packetsReceived).toBe(2);
    expect(rig.drops()).toEqual({ unknownAddress: 1 });
  });

  test("what comes by the shared port, or is no RTP, does not count", async () => {
    await rig.open({ from: peer.address });
    rig.take(peer, rig.packet(), 0);
    rig.take(peer, Uint8Array.of(0, 1, 0, 0));
    rig.take(peer, rig.packet(), rig.rtcpSide);
    rig.take(peer, new Uint8Array(0));
    expect(rig.stats().receivers).toEqual([]);
    expect(rig.drops()).toEqual({ unknownAddress: 1, unknownKind: 3 });
  });

  test("media goes where it was told, RTCP to the port after, each by its own port", async () => {
    await rig.open({ from: peer.address });
    rig.apply({ do: "select", transport: 1, address: { address: "192.0.2.7", port: 5004 } });
    rig.apply({ do: "selectRtcp", transport: 1, address: { address: "192.0.2.7", port: 5005 } });
    const sent = rig.take(peer, rig.packet());
    for (let i = 0; i < 60; i++) sent.push(...rig.take(peer, rig.packet()));
    const ways = new Set(
      sent.map(({ to, side, bytes }) => `${bytes[1] >= 192 && bytes[1] < 224} ${to.port} ${side}`),
    );
    expect([...ways].sort()).toEqual([`false 5004 ${rig.rtpSide}`, `true 5005 ${rig.rtcpSide}`]);
  });

  test("with one port for both, RTCP goes and comes with the media", async () => {
    await rig.open({ from: peer.address, mux: true });
    expect(rig.rtcpSide).toBe(rig.rtpSide);
    rig.apply({ do: "select", transport: 1, address: { address: "192.0.2.7", port: 5004 } });
    rig.take(peer, rig.packet());
    rig.take(peer, receiverReport());
    const sent = Array.from({ length: 60 }, () => rig.take(peer, rig.packet())).flat();
    expect(new Set(sent.map(({ to }) => to.port))).toEqual(new Set([5004]));
    expect(rig.stats().transports[0].packetsReceived).toBe(62);
  });

  test("without an address nothing is sent, and the first host that comes is kept", async () => {
    await rig.open({ from: null, latch: false });
    expect(rig.take(peer, rig.packet())).toEqual([]);
    rig.take(stranger, rig.packet());
    rig.take(elsewhere, rig.packet());
    expect(rig.stats().receivers[0].packetsReceived).toBe(2);
    expect(rig.drops()).toEqual({ unknownAddress: 1 });
  });

  test("RTP/AVP is asked for no keyframe, RTP/AVPF is", async () => {
    for (const feedback of [false, true]) {
      rig = new SideRig();
      await rig.open({ from: peer.address, feedback });
      rig.apply({ do: "select", transport: 1, address: peer });
      rig.take(peer, rig.packet());
      rig.apply({ do: "requestKeyframe", source: 1 });
      for (let i = 0; i < 40; i++) rig.take(peer, rig.packet({ payload: Uint8Array.of(16, 1, 0) }));
      const asked = rig.stats().receivers[0].pliCount > 0;
      expect(asked).toBe(feedback);
    }
  });
});

describe("a peer that opens the connection (COMEDIA)", () => {
  test("is sent to where its first media comes from, and nobody else takes that over", async () => {
    await rig.open({ latch: true });
    expect(rig.take(stranger, Uint8Array.of(0x80, 0x7f, 0, 0))).toEqual([]);
    expect(rig.take(stranger, receiverReport(), rig.rtcpSide)).toEqual([]);
    expect(rig.take(stranger, rig.packet({ payloadType: 33, ssrc: 5 }))).toEqual([]);
    expect(rig.eventsOf("transportLatched")).toEqual([]);
    rig.take(peer, rig.packet());
    expect(rig.mediaTo(rig.take(peer, rig.packet()))).toEqual([peer]);
    rig.take(stranger, rig.packet());
    expect(rig.mediaTo(rig.take(elsewhere, rig.packet()))).toEqual([]);
    expect(rig.mediaTo(rig.take(peer, rig.packet()))).toEqual([peer]);
    expect(rig.eventsOf("transportLatched")).toEqual([{
      on: "transportLatched",
      transport: 1,
      address: peer,
    }]);
  });

  test("gets its reports at the next port until its own come from another", async () => {
    await rig.open({ latch: true });
    const reportsTo = () =>
      Array.from({ length: 60 }, () => rig.take(peer, rig.packet())).flat()
        .filter(({ side }) => side === rig.rtcpSide).map(({ to }) => to.port);
    expect(new Set(reportsTo())).toEqual(new Set([6001]));
    rig.take({ ...stranger, port: 9999 }, receiverReport(), rig.rtcpSide);
    rig.take({ ...peer, port: 6543 }, receiverReport(), rig.rtcpSide);
    expect(new Set(reportsTo())).toEqual(new Set([6543]));
  });

  test("is found by any RTP where it only watches, so that media has a way to it", async () => {
    await rig.open({ latch: true, sendOnly: true });
    rig.take(peer, rig.packet({ payloadType: 33 }));
    expect(rig.eventsOf("transportLatched").length).toBe(1);
  });

  test("with SRTP is whoever proves authentic, also after it moved; noise moves nothing", async () => {
    const crypto = new RigPeer(1, peer, "AES128_CM_HMAC_SHA1_80");
    await rig.open({ latch: true, keys: crypto.keys });
    const media = (sequenceNumber: number) =>
      crypto.protectRtp({
        ssrc: 1234,
        payloadType: 96,
        sequenceNumber,
        timestamp: sequenceNumber * 3000,
        marker: true,
        payload: Uint8Array.of(0x10, 0, 1, 2),
      });
    rig.take(stranger, rig.packet());
    expect(rig.eventsOf("transportLatched")).toEqual([]);
    const first = media(1);
    rig.take(peer, first);
    expect(rig.mediaTo(rig.take(peer, media(2)))).toEqual([peer]);
    rig.take(stranger, first);
    expect(rig.mediaTo(rig.take(elsewhere, media(3)))).toEqual([elsewhere]);
    expect(rig.eventsOf("transportLatched").map(({ address }) => address)).toEqual([peer, elsewhere]);
    expect(rig.drops()).toEqual({ notAuthentic: 1, replayed: 1 });
  });
});

describe("a sender that starts anew without a word", () => {
  test("goes on with the same SSRC and other numbers after two packets", async () => {
    await rig.open({ from: peer.address });
    rig.apply({ do: "select", transport: 1, address: peer });
    for (let i = 0; i < 5; i++) rig.take(peer, rig.packet({ sequenceNumber: 50_000 + i }));
    const after = [900, 901, 902, 903].map((sequenceNumber) =>
      rig.take(peer, rig.packet({ sequenceNumber }))
    );
    expect(after.map((sent) => rig.mediaTo(sent).length)).toEqual([0, 1, 1, 1]);
    expect(rig.drops()).toEqual({ replayed: 1 });
  });

  test("one stray packet, repeated ones and those out of order change nothing", async () => {
    await rig.open({ from: peer.address });
    rig.apply({ do: "select", transport: 1, address: peer });
    for (const sequenceNumber of [500, 501, 501, 502, 502, 503]) {
      rig.take(peer, rig.packet({ sequenceNumber }));
    }
    rig.take(peer, rig.packet({ sequenceNumber: 40_000 }));
    for (const sequenceNumber of [505, 504, 506]) rig.take(peer, rig.packet({ sequenceNumber }));
    expect(rig.stats().receivers[0].packetsReceived).toBe(7);
    expect(rig.drops()).toEqual({ replayed: 3 });
  });

  test("may use as many SSRCs one after the other as it likes", async () => {
    await rig.open({ from: peer.address });
    rig.apply({ do: "select", transport: 1, address: peer });
    for (let ssrc = 1; ssrc <= 100; ssrc++) {
      rig.nowMs += 1500;
      expect(rig.mediaTo(rig.take(peer, rig.packet({ ssrc })))).toEqual([peer]);
    }
    expect(rig.drops()).toEqual({});
  });

  test("also with SRTP, where none that was given up may come again, and noise takes nobody's place", async () => {
    const crypto = new RigPeer(1, peer, "AES128_CM_HMAC_SHA1_80");
    await rig.open({ from: peer.address, keys: crypto.keys });
    rig.apply({ do: "select", transport: 1, address: peer });
    const media = (ssrc: number, sequenceNumber = 1) =>
      crypto.protectRtp({
        ssrc,
        payloadType: 96,
        sequenceNumber,
        timestamp: 3000,
        marker: true,
        payload: Uint8Array.of(0x10, 0, 1, 2),
      });
    const first = media(1);
    for (let ssrc = 1; ssrc <= 100; ssrc++) {
      rig.nowMs += 1500;
      expect(rig.mediaTo(rig.take(peer, ssrc === 1 ? first : media(ssrc)))).toEqual([peer]);
    }
    rig.nowMs += 1500;
    rig.take(peer, first);
    for (let ssrc = 1000; ssrc < 1100; ssrc++) rig.take(peer, rig.packet({ ssrc }));
    expect(rig.mediaTo(rig.take(peer, media(100, 2)))).toEqual([peer]);
    expect(rig.drops()).toEqual({ tooManySsrcs: 1, notAuthentic: 100 });
    expect(rig.stats().receivers.map(({ ssrc }) => ssrc)).toContain(69);
  });
});
