import { createSocket } from "node:dgram";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { formatAddress, parseAddress, systemClock } from "../base/mod.ts";
import { type Native, openNative, SLOT_BYTES, type UdpOptions, type UdpPort } from "./mod.ts";

const twins: Native[] = [openNative("portable")];
const best = openNative();
if (best.kind === "ffi") twins.unshift(best);

const defaults: UdpOptions = { bind: "", port: 0, slotCount: 256, egressSlotCount: 64, destinationCount: 8 };

function words(address: string): Uint32Array {
  const result = new Uint32Array(4);
  if (!parseAddress(address, result)) throw new Error(`Cannot read ${address}`);
  return result;
}

function pushBytes(port: UdpPort, destination: number, bytes: Uint8Array): void {
  const at = port.nextEgress();
  port.egress.bytes.set(bytes, at);
  port.push(destination, at, bytes.length);
}

interface Arrival {
  slot: number;
  bytes: Uint8Array;
  address: string;
  port: number;
}

/** Takes datagrams until there are `count`, or nothing has come for half a second. */
async function collect(port: UdpPort, count: number): Promise<Arrival[]> {
  const arrivals: Arrival[] = [];
  let quietSince = systemClock.now();
  while (arrivals.length < count && systemClock.now() - quietSince < 500) {
    await port.wait(50);
    for (let taken = port.receive(); taken > 0; taken = port.receive()) {
      quietSince = systemClock.now();
      for (let slot = port.firstSlot; slot < port.firstSlot + taken; slot++) {
        arrivals.push(arrivalAt(port, slot));
      }
    }
  }
  return arrivals;
}

function arrivalAt(port: UdpPort, slot: number): Arrival {
  const start = slot * SLOT_BYTES;
  const bytes = port.ring.bytes.slice(start, start + port.slotLength[slot]);
  return { slot, bytes, address: formatAddress(port.slotAddress, slot * 4), port: port.slotPort[slot] };
}

/** A packet that says which it is in every byte. */
function packet(index: number, length: number): Uint8Array {
  return new Uint8Array(length).fill(index);
}

async function withPorts(
  native: Native,
  run: (from: UdpPort, to: UdpPort) => Promise<void>,
  options: Partial<UdpOptions> = {},
): Promise<void> {
  const from = await native.openUdp({ ...defaults, ...options });
  const to = await native.openUdp({ ...defaults, ...options });
  try {
    await run(from, to);
  } finally {
    from.close();
    to.close();
  }
}

describe.each(twins)("the UDP port, $kind", (native) => {
  test.each(["127.0.0.1", "::1"])("a datagram reaches %s with its bytes and its sender", async (address) => {
    await withPorts(native, async (from, to) => {
      if (from.family === "ipv4" && address === "::1") return;
      from.setDestination(3, words(address), 0, to.localPort);
      pushBytes(from, 3, Uint8Array.of(1, 2, 3));
      from.flush();
      const [arrival] = await collect(to, 1);
      expect(arrival).toEqual({ slot: 0, bytes: Uint8Array.of(1, 2, 3), address, port: from.localPort });
    });
  });

  test("the time of a datagram is when it came, not when it was read, or it is not told", async () => {
    await withPorts(native, async (from, to) => {
      from.setDestination(0, words("127.0.0.1"), 0, to.localPort);
      for (let i = 0; i < 2; i++) {
        pushBytes(from, 0, packet(i, 10));
        from.flush();
        await new Promise<void>((resolve) => systemClock.after(40, resolve));
      }
      const [first, second] = (await collect(to, 2)).map(({ slot }) => to.slotTimeMs[slot]);
      if (native.kind === "portable") return expect([first, second]).toEqual([0, 0]);
      expect(second - first).toBeGreaterThanOrEqual(39);
      expect(second - first).toBeLessThan(200);
    });
  });

  test("runs of equal packets, a shorter last one and a longer next arrive whole and in order", async () => {
    await withPorts(native, async (from, to) => {
      from.setDestination(0, words("127.0.0.1"), 0, to.localPort);
      const lengths = [900, 900, 900, 500, 500, 1200, 1200, 7, 8, 1];
      const sent = lengths.map((length, i) => packet(i + 1, length));
      for (const bytes of sent) pushBytes(from, 0, bytes);
      from.flush();
      const arrivals = await collect(to, sent.length);
      expect(arrivals.map(({ bytes }) => bytes)).toEqual(sent);
      expect(from.counters.packetsSent).toBe(sent.length);
      expect(from.counters.bytesSent).toBe(lengths.reduce((a, b) => a + b));
    });
  });

  test("packets of changing destinations go each to its own", async () => {
    await withPorts(native, async (from, to) => {
      const other = await native.openUdp(defaults);
      from.setDestination(0, words("127.0.0.1"), 0, to.localPort);
      from.setDestination(1, words("127.0.0.1"), 0, other.localPort);
      for (let i = 0; i < 12; i++) pushBytes(from, i % 3 === 0 ? 0 : 1, packet(i, 100));
      from.flush();
      expect((await collect(to, 4)).map(({ bytes }) => bytes[0])).toEqual([0, 3, 6, 9]);
      expect((await collect(other, 8)).map(({ bytes }) => bytes[0])).toEqual([1, 2, 4, 5, 7, 8, 10, 11]);
      other.close();
    });
  });

  test("a destination that moves takes what is pushed after the move", async () => {
    await withPorts(native, async (from, to) => {
      const other = await native.openUdp(defaults);
      from.setDestination(0, words("127.0.0.1"), 0, to.localPort);
      pushBytes(from, 0, packet(1, 50));
      from.flush();
      from.setDestination(0, words("127.0.0.1"), 0, other.localPort);
      pushBytes(from, 0, packet(2, 50));
      from.flush();
      expect((await collect(to, 1)).map(({ bytes }) => bytes[0])).toEqual([1]);
      expect((await collect(other, 1)).map(({ bytes }) => bytes[0])).toEqual([2]);
      other.close();
    });
  });

  test("more packets than egress slots flush by themselves, none lost or mixed up", async () => {
    await withPorts(native, async (from, to) => {
      from.setDestination(0, words("127.0.0.1"), 0, to.localPort);
      // No more than the portable twin's socket holds while a busy machine lets nobody read.
      for (let i = 0; i < 80; i++) pushBytes(from, 0, packet(i, 300));
      from.flush();
      const arrivals = await collect(to, 80);
      expect(arrivals.map(({ bytes }) => bytes[299])).toEqual(Array.from({ length: 80 }, (_, i) => i));
    });
  });

  test("the same bytes may be pushed to several destinations", async () => {
    await withPorts(native, async (from, to) => {
      for (let i = 0; i < 8; i++) from.setDestination(i, words("127.0.0.1"), 0, to.localPort);
      const at = from.nextEgress();
      from.egress.bytes.set(packet(5, 40), at);
      for (let i = 0; i < 8; i++) from.push(i, at, 40);
      from.flush();
      expect((await collect(to, 8)).map(({ bytes }) => bytes)).toEqual(Array(8).fill(packet(5, 40)));
    });
  });

  test("the ring goes round: slots follow each other and a batch never wraps", async () => {
    await withPorts(native, async (from, to) => {
      from.setDestination(0, words("127.0.0.1"), 0, to.localPort);
      for (let round = 0; round < 5; round++) {
        for (let i = 0; i < 10; i++) pushBytes(from, 0, packet(round * 10 + i, 30));
        from.flush();
        const arrivals = await collect(to, 10);
        expect(arrivals.map(({ slot }) => slot)).toEqual(arrivals.map((_, i) => (round * 10 + i) % 32));
        expect(arrivals.map(({ bytes }) => bytes[0])).toEqual(arrivals.map((_, i) => round * 10 + i));
      }
      const spare = to.ring.bytes.subarray(32 * SLOT_BYTES);
      expect([spare.length, spare.some((byte) => byte !== 0)]).toEqual([2 * SLOT_BYTES, false]);
    }, { slotCount: 32, spareSlotCount: 2 });
  });

  test("a datagram longer than a slot is counted and has length 0; its neighbours are whole", async () => {
    const to = await native.openUdp(defaults);
    const socket = createSocket("udp4");
    const send = async (length: number) => {
      await new Promise((resolve) => socket.send(packet(length, length), to.localPort, "127.0.0.1", resolve));
    };
    for (const length of [10, SLOT_BYTES, SLOT_BYTES + 1, 60000, 20]) await send(length);
    const arrivals = await collect(to, 5);
    expect(arrivals.map(({ bytes }) => bytes.length)).toEqual([10, SLOT_BYTES, 0, 0, 20]);
    expect(to.counters.packetsTruncated).toBe(2);
    expect(to.counters.packetsReceived).toBe(5);
    socket.close();
    to.close();
  });

  test("destinations that cannot be reached are counted and cost the others nothing", async () => {
    await withPorts(native, async (from, to) => {
      from.setDestination(0, words("127.0.0.1"), 0, to.localPort);
      // Port 0 is refused by the system; 255.255.255.255 needs a permission that the socket has not; nobody is at 9.
      from.setDestination(1, words("127.0.0.1"), 0, 0);
      from.setDestination(2, words("255.255.255.255"), 0, 4000);
      from.setDestination(3, words("127.0.0.1"), 0, 9);
      for (let i = 0; i < 15; i++) {
        pushBytes(from, [0, 1, 0, 2, 3][i % 5], packet(i, 100));
        if (i % 5 === 1) pushBytes(from, 1, packet(i, 100));
      }
      from.flush();
      const arrivals = await collect(to, 6);
      expect(arrivals.map(({ bytes }) => bytes[0])).toEqual([0, 2, 5, 7, 10, 12]);
      expect(from.counters.packetsUnsent).toBe(9);
      expect(from.counters.packetsSent).toBe(9);
    });
  });

  test("an impossible push is a counted drop", async () => {
    await withPorts(native, async (from, to) => {
      from.setDestination(0, words("127.0.0.1"), 0, to.localPort);
      from.push(0, -1, 10);
      from.push(0, from.egress.bytes.length - 5, 10);
      from.push(0, 0, 0);
      from.push(0, 0, SLOT_BYTES + 1);
      from.push(99, 0, 10);
      from.flush();
      await collect(to, 1);
      expect(from.counters.packetsUnsent).toBe(5);
      expect(from.counters.packetsSent).toBe(0);
    });
  });

  test("wait ends after its time, with a datagram, and when the port is closed", async () => {
    const from = await native.openUdp(defaults);
    const to = await native.openUdp(defaults);
    const timed = async (wait: Promise<void>) => {
      const start = systemClock.now();
      await wait;
      return systemClock.now() - start;
    };
    const quiet = await timed(to.wait(40));
    expect(quiet).toBeGreaterThan(30);
    expect(quiet).toBeLessThan(1000);
    const withDatagram = timed(to.wait(5000));
    from.setDestination(0, words("127.0.0.1"), 0, to.localPort);
    pushBytes(from, 0, packet(1, 10));
    from.flush();
    expect(await withDatagram).toBeLessThan(1000);
    expect(await collect(to, 1)).toHaveLength(1);
    const closing = timed(Promise.all([to.wait(5000), to.wait(5000)]).then(() => {}));
    systemClock.after(20, () => to.close());
    expect(await closing).toBeLessThan(1000);
    from.close();
  });

  test("sides fill the same ring, say which they are, and are sent by", async () => {
    await withPorts(native, async (from, to) => {
      const sides = [await to.openSide(0), await to.openSide(0)];
      expect(sides.map(({ side }) => side)).toEqual([1, 2]);
      const ports = [to.localPort, ...sides.map(({ port }) => port)];
      expect(new Set(ports).size).toBe(3);
      ports.forEach((port, i) => from.setDestination(i, words("127.0.0.1"), 0, port));
      for (let i = 0; i < 90; i++) pushBytes(from, i % 3, packet(i, 50 + i));
      from.flush();
      const arrivals = await collect(to, 90);
      expect(arrivals.map(({ slot }) => slot)).toEqual(arrivals.map((_, i) => i));
      for (const side of [0, 1, 2]) {
        const own = arrivals.filter(({ slot }) => to.slotSide[slot] === side);
        const sent = Array.from({ length: 30 }, (_, i) => packet(3 * i + side, 50 + 3 * i + side));
        expect(own.map(({ bytes }) => bytes)).toEqual(sent);
      }
      // Back by each of them, so that the other end sees three senders.
      ports.forEach((_, i) => to.setDestination(i, words("127.0.0.1"), 0, from.localPort, i));
      for (let i = 0; i < 12; i++) pushBytes(to, [0, 1, 1, 2][i % 4], packet(i, 40));
      to.flush();
      const back = await collect(from, 12);
      const bySender = (port: number) => back.filter((a) => a.port === port).map(({ bytes }) => bytes[0]);
      expect(ports.map(bySender)).toEqual([[0, 4, 8], [1, 2, 5, 6, 9, 10], [3, 7, 11]]);
      expect(to.counters.packetsSent).toBe(12);
    });
  });

  test("a wait ends with a datagram at a side, also one opened during a wait before", async () => {
    await withPorts(native, async (from, to) => {
      const first = to.wait(20);
      const { port } = await to.openSide(0);
      await first;
      from.setDestination(0, words("127.0.0.1"), 0, port);
      const start = systemClock.now();
      const waiting = to.wait(5000);
      pushBytes(from, 0, packet(1, 10));
      from.flush();
      await waiting;
      expect(systemClock.now() - start).toBeLessThan(1000);
      expect(await collect(to, 1)).toHaveLength(1);
    });
  });

  test("a closed side hears and sends nothing, and its number and port are free again", async () => {
    await withPorts(native, async (from, to) => {
      const { side, port } = await to.openSide(0);
      await expect(to.openSide(port)).rejects.toMatchObject({ code: "unavailable" });
      to.closeSide(side);
      to.closeSide(side);
      to.closeSide(0);
      from.setDestination(0, words("127.0.0.1"), 0, port);
      pushBytes(from, 0, packet(1, 10));
      from.flush();
      expect(await collect(to, 1)).toEqual([]);
      to.setDestination(0, words("127.0.0.1"), 0, from.localPort, side);
      pushBytes(to, 0, packet(1, 10));
      to.flush();
      expect(to.counters).toMatchObject({ packetsSent: 0, packetsUnsent: 1 });
      expect(await to.openSide(port)).toEqual({ side, port });
    });
  });

  test("a flood at the port starves no side", async () => {
    await withPorts(native, async (from, to) => {
      const { side, port } = await to.openSide(0);
      from.setDestination(0, words("127.0.0.1"), 0, to.localPort);
      from.setDestination(1, words("127.0.0.1"), 0, port);
      for (let i = 0; i < 200; i++) pushBytes(from, 0, packet(i, 10));
      pushBytes(from, 1, packet(7, 10));
      from.flush();
      const arrivals = await collect(to, 201);
      const at = arrivals.findIndex(({ slot }) => to.slotSide[slot] === side);
      expect(arrivals).toHaveLength(201);
      // The other twin has one line for all of them, in order of arrival.
      if (native.kind === "ffi") expect(at).toBeLessThan(200);
    });
  });

  test("a closed port does nothing, closes twice, and its number is free again", async () => {
    const port = await native.openUdp(defaults);
    port.close();
    port.close();
    await port.wait(1000);
    port.push(0, port.nextEgress(), 10);
    port.flush();
    expect(port.receive()).toBe(0);
    // Deno closes a node:dgram socket a turn of the event loop later.
    await new Promise((resolve) => systemClock.after(20, () => resolve(null)));
    const again = await native.openUdp({ ...defaults, port: port.localPort });
    expect(again.localPort).toBe(port.localPort);
    again.close();
  });

  test("an explicit IPv4 address is bound and says so", async () => {
    const port = await native.openUdp({ ...defaults, bind: "127.0.0.1" });
    expect(port.family).toBe("ipv4");
    port.setDestination(0, words("127.0.0.1"), 0, port.localPort);
    port.setDestination(1, words("::1"), 0, port.localPort);
    pushBytes(port, 1, packet(9, 10));
    pushBytes(port, 0, packet(1, 10));
    port.flush();
    expect(await collect(port, 1)).toMatchObject([{ address: "127.0.0.1", port: port.localPort }]);
    expect(port.counters.packetsUnsent).toBe(1);
    port.close();
  });

  test("a taken port, a foreign address and a name are refused with a sentence", async () => {
    const port = await native.openUdp({ ...defaults, bind: "127.0.0.1" });
    const refused = (options: Partial<UdpOptions>) =>
      expect(native.openUdp({ ...defaults, ...options })).rejects.toMatchObject({
        code: "unavailable",
        message: expect.stringMatching(/^Cannot bind UDP port \d+ of ".*": .+ vs a free UDP port/),
      });
    await refused({ bind: "127.0.0.1", port: port.localPort });
    await refused({ bind: "198.51.100.7" });
    await refused({ bind: "localhost.invalid" });
    port.close();
  });

  test("it talks with a socket of Node.js in both directions", async () => {
    const port = await native.openUdp(defaults);
    const socket = createSocket("udp4");
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    port.setDestination(0, words("127.0.0.1"), 0, socket.address().port);
    const heard = once(socket, "message");
    pushBytes(port, 0, packet(3, 77));
    port.flush();
    const [bytes, from] = await heard;
    expect(new Uint8Array(bytes)).toEqual(packet(3, 77));
    expect(from.port).toBe(port.localPort);
    socket.send(packet(4, 5), port.localPort, "127.0.0.1");
    expect((await collect(port, 1))[0].bytes).toEqual(packet(4, 5));
    socket.close();
    port.close();
  });
});
