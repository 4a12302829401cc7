import { expect, test } from "vitest";
import { Plane } from "../../src/plane/mod.ts";
import { writeHeader } from "../../src/rtp/mod.ts";
import { SLOT_BYTES } from "../../src/native/mod.ts";
import { opus, vp8 } from "../kit/plane_rig.ts";
import { PlainCipher, SilentUdp } from "../kit/silent_udp.ts";

const SENDERS = 20;
const PACKETS = 200_000;
const CHUNK = 10_000;
const PACKETS_PER_TURN = 10;
const PAYLOAD_BYTES = 60;
/** What the 50 ms ticks and the test itself take, spread over packets; one boxed number per packet would add 16. */
const ALLOWED_BYTES_PER_PACKET = 10;

class Publisher {
  #sequence = 1000;
  #frame = 0;
  readonly #udp: SilentUdp;

  constructor(udp: SilentUdp) {
    this.#udp = udp;
  }

  fillTurn(): void {
    this.#frame++;
    for (let i = 0; i < PACKETS_PER_TURN; i++) this.#fill(i);
  }

  #fill(i: number): void {
    const udp = this.#udp;
    const slot = udp.nextSlot;
    const offset = slot * SLOT_BYTES;
    const { bytes } = udp.ring;
    writeHeader(
      bytes,
      offset,
      i === PACKETS_PER_TURN - 1,
      96,
      this.#sequence++ & 0xffff,
      this.#frame * 3000,
      77,
    );
    bytes[offset + 12] = i === 0 ? 0x10 : 0;
    bytes[offset + 13] = this.#frame % 100 === 1 ? 0 : 1;
    udp.slotLength[slot] = 12 + PAYLOAD_BYTES - (i < 3 ? 1 : 0) + 16;
    udp.slotAddress[slot * 4 + 2] = 0xffff;
    udp.slotAddress[slot * 4 + 3] = 0x7f000001;
    udp.slotPort[slot] = 4001;
    udp.arrive();
  }
}

function openPlane(udp: SilentUdp, nowMs: number): Plane {
  const plane = new Plane({ udp, openCipher: () => new PlainCipher(), random: () => 7, onEvents: () => {} });
  const connect = (transport: number) => {
    plane.apply({ do: "openTransport", transport }, nowMs);
    plane.apply(
      { do: "select", transport, address: { address: "127.0.0.1", port: 4000 + transport } },
      nowMs,
    );
    const none = new Uint8Array(0);
    const keys = {
      profile: "AEAD_AES_128_GCM" as const,
      localKey: none,
      localSalt: none,
      remoteKey: none,
      remoteSalt: none,
    };
    plane.apply({ do: "key", transport, keys }, nowMs);
  };
  const shared = {
    media: "video" as const,
    mid: "0",
    payloads: [vp8, opus],
    extensions: { mid: 1, videoOrientation: 2 },
  };
  connect(1);
  plane.apply({ do: "openSource", source: 1, media: "video" }, nowMs);
  plane.apply({
    do: "openReceiver",
    receiver: { ...shared, receiver: 1, transport: 1, source: 1, ssrcs: [], rids: [], localSsrc: 7 },
  }, nowMs);
  for (let i = 0; i < SENDERS; i++) {
    connect(2 + i);
    const sender = { ...shared, sender: i + 1, transport: 2 + i, ssrc: 100 + i, rtxSsrc: 0, cname: "alloc" };
    plane.apply({ do: "openSender", sender }, nowMs);
    plane.apply({ do: "bindSender", sender: i + 1, source: 1 }, nowMs);
  }
  return plane;
}

test("200 000 packets to 20 senders leave the heap as it was", () => {
  const udp = new SilentUdp();
  let nowMs = 1_790_000_000_000;
  const plane = openPlane(udp, nowMs);
  const publisher = new Publisher(udp);
  const push = (packets: number) => {
    for (let i = 0; i < packets; i += PACKETS_PER_TURN) {
      publisher.fillTurn();
      nowMs += 1;
      plane.turn(nowMs);
    }
  };
  push(CHUNK * 4);
  const sentBefore = udp.counters.packetsSent;
  let grown = 0;
  for (let done = 0; done < PACKETS; done += CHUNK) {
    const before = Deno.memoryUsage().heapUsed;
    push(CHUNK);
    // A collection inside a chunk would hide growth: such a chunk counts for nothing, and few are left out.
    grown += Math.max(0, Deno.memoryUsage().heapUsed - before);
  }
  const sent = udp.counters.packetsSent - sentBefore;
  expect(sent).toBeGreaterThanOrEqual(PACKETS * SENDERS);
  expect(grown / PACKETS).toBeLessThan(ALLOWED_BYTES_PER_PACKET);
});
