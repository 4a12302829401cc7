import { afterEach, describe, expect, test } from "vitest";
import { parseAddress } from "../base/mod.ts";
import { openNative, SLOT_BYTES, type UdpPort } from "../native/mod.ts";
import { openPlane, type PlaneEvent, type PlaneHandle } from "./mod.ts";
import { isContinuous, numbersOf, RigPeer, vp8, vp8More, vp8Start } from "../../test/kit/plane_rig.ts";

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.close();
});

/** A socket of the test on loopback. */
class TestSocket {
  readonly #udp: UdpPort;

  constructor(udp: UdpPort) {
    this.#udp = udp;
  }

  static async open(): Promise<TestSocket> {
    const options = { bind: "127.0.0.1", port: 0, slotCount: 256, egressSlotCount: 64, destinationCount: 1 };
    const udp = await openNative().openUdp(options);
    opened.push(udp);
    return new TestSocket(udp);
  }

  get address(): { address: string; port: number } {
    return { address: "127.0.0.1", port: this.#udp.localPort };
  }

  send(bytes: Uint8Array, port: number): void {
    const words = new Uint32Array(4);
    parseAddress("127.0.0.1", words);
    const offset = this.#udp.nextEgress();
    this.#udp.setDestination(0, words, 0, port);
    this.#udp.egress.bytes.set(bytes, offset);
    this.#udp.push(0, offset, bytes.length);
    this.#udp.flush();
  }

  /** What came since the last call. */
  take(): Uint8Array[] {
    const taken: Uint8Array[] = [];
    for (let count = this.#udp.receive(); count > 0; count = this.#udp.receive()) {
      for (let slot = this.#udp.firstSlot; slot < this.#udp.firstSlot + count; slot++) {
        const start = slot * SLOT_BYTES;
        taken.push(this.#udp.ring.bytes.slice(start, start + this.#udp.slotLength[slot]));
      }
    }
    return taken;
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 300 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
}

function connect(plane: PlaneHandle, peer: RigPeer): void {
  const { transport, address, keys } = peer;
  plane.apply([
    { do: "openTransport", transport },
    { do: "admit", transport, address },
    { do: "select", transport, address },
    { do: "key", transport, keys },
  ]);
}

describe.each(["ffi", "portable"] as const)("a plane in its own thread (%s)", (prefer) => {
  test.each(["AEAD_AES_128_GCM", "AES128_CM_HMAC_SHA1_80"] as const)(
    "forwards SRTP from werift to werift over real sockets (%s)",
    async (profile) => {
      const events: PlaneEvent[] = [];
      const plane = await openPlane({ bind: "127.0.0.1", port: 0, prefer }, (more) => events.push(...more));
      opened.push(plane);
      expect(plane.kind).toBe(prefer);
      const publishing = await TestSocket.open();
      const watching = await TestSocket.open();
      const publisher = new RigPeer(1, publishing.address, profile);
      const viewer = new RigPeer(2, watching.address, profile);
      connect(plane, publisher);
      connect(plane, viewer);
      const shared = { media: "video" as const, mid: "0", payloads: [vp8], extensions: {} };
      plane.apply([
        { do: "openSource", source: 1, media: "video" },
        {
          do: "openReceiver",
          receiver: { ...shared, receiver: 1, transport: 1, source: 1, ssrcs: [], rids: [], localSsrc: 7 },
        },
        {
          do: "openSender",
          sender: { ...shared, sender: 1, transport: 2, ssrc: 99, rtxSsrc: 0, cname: "c" },
        },
        { do: "bindSender", sender: 1, source: 1 },
      ]);
      await plane.stats();
      const watched = () => {
        for (const bytes of watching.take()) viewer.take(bytes);
        return viewer.rtp.length;
      };
      const publish = (i: number) => {
        const payload = i % 5 === 0 ? vp8Start(i === 0, 1000) : vp8More(1000);
        const fields = {
          ssrc: 5,
          payloadType: 96,
          sequenceNumber: 65500 + i,
          timestamp: 3000 * Math.floor(i / 5),
          payload,
        };
        publishing.send(publisher.protectRtp({ ...fields, marker: i % 5 === 4 }), plane.port);
      };
      for (let i = 0; i < 100; i++) {
        publish(i);
        // In step with the plane: on a busy machine a socket of the portable twin holds fewer than all of them.
        if (i % 10 === 9) await until(() => watched() > i);
      }
      await until(() => watched() >= 100 && viewer.rtcp.some((part) => part.type === 200));
      expect(viewer.rtp.length).toBe(100);
      expect(new Set(viewer.rtp.map((packet) => packet.header.ssrc))).toEqual(new Set([99]));
      expect(isContinuous(numbersOf(viewer.rtp))).toBe(true);
      expect(viewer.rtcp.some((part) => part.type === 200)).toBe(true);
      const stats = await plane.stats();
      expect(stats.receivers[0].packetsReceived).toBe(100);
      expect(stats.senders[0].packetsSent).toBe(100);
      expect(Object.values(stats.drops).every((count) => count === 0)).toBe(true);
      // The portable twin learns of datagrams by its event loop only, after the command.
      if (prefer === "portable") return;
      // So much to do that the packets and the end of their transport wait for the plane together.
      plane.apply(Array.from({ length: 100_000 }, () => ({ do: "bindSender", sender: 9, source: null })));
      for (let i = 100; i < 140; i++) publish(i);
      plane.apply([{ do: "closeTransport", transport: 1, bye: false }]);
      await until(() => watched() >= 140);
      expect(viewer.rtp.length).toBe(140);
    },
  );
});

describe("opening and closing a plane", () => {
  test("a port that is taken is refused with a reason", async () => {
    const first = await openPlane({ bind: "127.0.0.1", port: 0 }, () => {});
    opened.push(first);
    await expect(openPlane({ bind: "127.0.0.1", port: first.port }, () => {})).rejects.toThrow();
  });

  test("STUN from a stranger goes up, and what the control side sends goes out", async () => {
    const events: PlaneEvent[] = [];
    const plane = await openPlane({ bind: "127.0.0.1", port: 0 }, (more) => events.push(...more));
    opened.push(plane);
    const answers: Uint8Array[] = [];
    const stranger = await TestSocket.open();
    const request = new Uint8Array(20).fill(7);
    request.set([0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42]);
    stranger.send(request, plane.port);
    await until(() => events.length > 0);
    const from = stranger.address;
    expect(events).toEqual([{ on: "datagram", kind: "stun", transport: null, from, bytes: request }]);
    plane.apply([{ do: "send", address: from, bytes: Uint8Array.of(1, 2, 3) }]);
    await until(() => answers.push(...stranger.take()) > 0);
    expect([...answers[0]]).toEqual([1, 2, 3]);
  });

  test("after close there are no stats and closing again is harmless", async () => {
    const plane = await openPlane({ bind: "127.0.0.1", port: 0 }, () => {});
    await plane.close();
    await plane.close();
    await expect(plane.stats()).rejects.toThrow("closed");
  });
});
