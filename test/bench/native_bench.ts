/**
 * Cost of the native room per packet, both twins. Run: deno run -A test/bench/native_bench.ts
 * Prints a table and one line of JSON; ends within about ten seconds.
 */
import { systemClock } from "../../src/base/mod.ts";
import { type Native, openNative, SLOT_BYTES, type SrtpCipher, type UdpPort } from "../../src/native/mod.ts";

const PAYLOAD_BYTES = 1188;
const HEADER_BYTES = 12;
const VIEWERS = 200;
const SEGMENTS = 10;
const LOOPBACK = new Uint32Array([0, 0, 0xffff, 0x7f000001]);
const ROUND_MS = 500;

interface Figure {
  what: string;
  microsecondsPerPacket: number;
  /** Growth of the heap per packet, median of rounds (a collection in a round makes it negative). */
  heapBytesPerPacket: number;
}

/** Runs `round` (which returns packets and the milliseconds they took) for a while after a warm-up. */
function measure(what: string, round: () => { packets: number; ms: number }): Figure {
  const endOfWarmUp = systemClock.now() + ROUND_MS / 2;
  while (systemClock.now() < endOfWarmUp) round();
  const costs: number[] = [];
  const growths: number[] = [];
  const end = systemClock.now() + ROUND_MS;
  while (systemClock.now() < end) {
    const heapBefore = Deno.memoryUsage().heapUsed;
    const { packets, ms } = round();
    costs.push(ms * 1000 / packets);
    growths.push((Deno.memoryUsage().heapUsed - heapBefore) / packets);
  }
  return { what, microsecondsPerPacket: median(costs), heapBytesPerPacket: median(growths) };
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1];
}

function timed(packets: number, run: () => void): { packets: number; ms: number } {
  const start = systemClock.now();
  run();
  return { packets, ms: systemClock.now() - start };
}

function cipherFigures(native: Native, profile: SrtpCipher["profile"], packets: number): Figure[] {
  const cipher = native.openCipher(
    profile,
    new Uint8Array(16).fill(7),
    new Uint8Array(14).fill(9).subarray(0, saltOf(profile)),
  );
  const source = native.memory(SLOT_BYTES);
  const target = native.memory(SLOT_BYTES);
  const protect = (sequence: number) =>
    cipher.protectRtp(target, 0, HEADER_BYTES, source, HEADER_BYTES, PAYLOAD_BYTES, 1, 0, sequence & 0xffff);
  const length = protect(0);
  const sealed = target.bytes.slice(0, length);
  const figures = [
    measure(`${native.kind} ${profile} protect`, () =>
      timed(packets, () => {
        for (let i = 0; i < packets; i++) protect(i);
      })),
    measure(`${native.kind} ${profile} unprotect`, () =>
      timed(packets, () => {
        for (let i = 0; i < packets; i++) {
          target.bytes.set(sealed);
          if (cipher.unprotectRtp(target, 0, length, HEADER_BYTES, 1, 0, 0) < 0) {
            throw new Error("Not authentic");
          }
        }
      })),
  ];
  cipher.close();
  return figures;
}

function saltOf(profile: SrtpCipher["profile"]): number {
  return profile === "AEAD_AES_128_GCM" ? 12 : 14;
}

async function openPair(native: Native): Promise<{ sender: UdpPort; sink: UdpPort }> {
  const options = { bind: "", port: 0, slotCount: 4096, egressSlotCount: 2048, destinationCount: VIEWERS };
  const sender = await native.openUdp(options);
  const sink = await native.openUdp(options);
  for (let viewer = 0; viewer < VIEWERS; viewer++) sender.setDestination(viewer, LOOPBACK, 0, sink.localPort);
  return { sender, sink };
}

function drain(sink: UdpPort): number {
  let total = 0;
  for (let count = sink.receive(); count > 0; count = sink.receive()) total += count;
  return total;
}

/** One message per viewer (`grouped`) or destinations in turn, so that no two neighbours can share a message. */
function fanOut(port: UdpPort, grouped: boolean): void {
  for (let i = 0; i < VIEWERS * SEGMENTS; i++) {
    const destination = grouped ? Math.floor(i / SEGMENTS) : i % VIEWERS;
    port.push(destination, port.nextEgress(), HEADER_BYTES + PAYLOAD_BYTES);
  }
  port.flush();
}

async function udpFigures(native: Native): Promise<Figure[]> {
  const { sender, sink } = await openPair(native);
  const packets = VIEWERS * SEGMENTS;
  const send = (grouped: boolean) => () => {
    const result = timed(packets, () => fanOut(sender, grouped));
    drain(sink);
    return result;
  };
  const figures = [
    measure(`sendmmsg, ${SEGMENTS}-segment GSO messages x ${VIEWERS}`, send(true)),
    measure("sendmmsg, one datagram per message", send(false)),
    measure("recvmmsg", () => {
      fanOut(sender, true);
      const start = systemClock.now();
      const received = drain(sink);
      return { packets: received, ms: systemClock.now() - start };
    }),
    fanOutFigure(native, sender, sink),
  ];
  const { packetsUnsent } = sender.counters;
  console.log(
    `unsent ${packetsUnsent}, received ${sink.counters.packetsReceived} of ${sender.counters.packetsSent}`,
  );
  sender.close();
  sink.close();
  return figures;
}

function fanOutFigure(native: Native, sender: UdpPort, sink: UdpPort): Figure {
  const ciphers = Array.from(
    { length: VIEWERS },
    (_, i) => native.openCipher("AEAD_AES_128_GCM", new Uint8Array(16).fill(i), new Uint8Array(12)),
  );
  const source = native.memory(SLOT_BYTES);
  const figure = measure("GCM protect and send, 10 packets x 200 viewers", () => {
    const result = timed(VIEWERS * SEGMENTS, () => {
      for (let viewer = 0; viewer < VIEWERS; viewer++) {
        for (let i = 0; i < SEGMENTS; i++) {
          const at = sender.nextEgress();
          const length = ciphers[viewer]
            .protectRtp(sender.egress, at, HEADER_BYTES, source, HEADER_BYTES, PAYLOAD_BYTES - 16, 1, 0, i);
          sender.push(viewer, at, length);
        }
      }
      sender.flush();
    });
    drain(sink);
    return result;
  });
  for (const cipher of ciphers) cipher.close();
  return figure;
}

async function wakeLatency(native: Native): Promise<Figure> {
  const { sender, sink } = await openPair(native);
  const latencies: number[] = [];
  for (let i = 0; i < 200; i++) {
    const waiting = sink.wait(1000);
    await new Promise((resolve) => systemClock.after(1, () => resolve(null)));
    const start = systemClock.now();
    sender.push(0, sender.nextEgress(), 100);
    sender.flush();
    await waiting;
    latencies.push((systemClock.now() - start) * 1000);
    drain(sink);
  }
  sender.close();
  sink.close();
  return {
    what: "send to wake-up from wait, median",
    microsecondsPerPacket: median(latencies),
    heapBytesPerPacket: 0,
  };
}

const ffi = openNative();
const portable = openNative("portable");
const figures = [
  ...cipherFigures(ffi, "AEAD_AES_128_GCM", 20_000),
  ...cipherFigures(ffi, "AES128_CM_HMAC_SHA1_80", 20_000),
  ...cipherFigures(portable, "AEAD_AES_128_GCM", 2_000),
  ...cipherFigures(portable, "AES128_CM_HMAC_SHA1_80", 2_000),
  ...(ffi.kind === "ffi" ? await udpFigures(ffi) : []),
  await wakeLatency(ffi),
];
for (const { what, microsecondsPerPacket, heapBytesPerPacket } of figures) {
  console.log(
    `${what.padEnd(54)} ${microsecondsPerPacket.toFixed(2).padStart(7)} µs ${
      heapBytesPerPacket.toFixed(2).padStart(9)
    } B`,
  );
}
console.log(JSON.stringify({ bench: "native", kind: ffi.kind, figures }));
