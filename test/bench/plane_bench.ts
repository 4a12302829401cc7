/**
 * CPU per forwarded packet of the whole plane: one publisher, 100 and 200 viewers, real sockets on loopback, FFI.
 * Run: deno run -A test/bench/plane_bench.ts
 * A turn takes a frame of ten packets and forwards it to every viewer; the sinks are emptied outside the measured
 * time. Prints a table and one line of JSON; ends within about 20 seconds.
 */
import { randomUint32, systemClock } from "../../src/base/mod.ts";
import {
  type Memory,
  type Native,
  openNative,
  SLOT_BYTES,
  type SrtpProfile,
  type UdpPort,
} from "../../src/native/mod.ts";
import { Plane } from "../../src/plane/mod.ts";
import { setSequenceNumber, setTimestamp, writeHeader } from "../../src/rtp/mod.ts";

const LOOPBACK = new Uint32Array([0, 0, 0xffff, 0x7f000001]);
const PACKETS_PER_FRAME = 10;
const PAYLOAD_BYTES = 1188;
const ROUND_MS = 3000;
const WARM_UP_MS = 1200;
const SINKS = 10;
const SSRC = 0x1234;

interface Figure {
  profile: SrtpProfile;
  viewers: number;
  packetsForwarded: number;
  microsecondsPerForwardedPacket: number;
  packetsPerSendCall: number;
}

const payload = {
  payloadType: 96,
  codec: "VP8",
  format: "VP8/90000/1",
  clockRate: 90000,
  rtxPayloadType: null,
  feedback: { nack: true, pli: true, fir: false, remb: false, transportCc: true },
};

function port(native: Native, slotCount: number, destinationCount: number): Promise<UdpPort> {
  return native.openUdp({ bind: "127.0.0.1", port: 0, slotCount, egressSlotCount: 512, destinationCount });
}

function keys(profile: SrtpProfile) {
  const salt = new Uint8Array(profile === "AEAD_AES_128_GCM" ? 12 : 14).fill(2);
  const key = new Uint8Array(16).fill(1);
  return { profile, localKey: key, localSalt: salt, remoteKey: key, remoteSalt: salt };
}

/** Sends one frame of protected packets to the plane. */
class Publisher {
  readonly #udp: UdpPort;
  readonly #cipher;
  readonly #source: Memory;
  #sequence = 0;
  #frame = 0;

  constructor(native: Native, udp: UdpPort, planePort: number, profile: SrtpProfile) {
    this.#udp = udp;
    const { localKey, localSalt } = keys(profile);
    this.#cipher = native.openCipher(profile, localKey, localSalt);
    this.#source = native.memory(SLOT_BYTES);
    udp.setDestination(0, LOOPBACK, 0, planePort);
  }

  sendFrame(): void {
    const { bytes } = this.#udp.egress;
    this.#frame++;
    for (let i = 0; i < PACKETS_PER_FRAME; i++) {
      const offset = this.#udp.nextEgress();
      writeHeader(bytes, offset, i === PACKETS_PER_FRAME - 1, 96, 0, 0, SSRC);
      setSequenceNumber(bytes, offset, this.#sequence & 0xffff);
      setTimestamp(bytes, offset, this.#frame * 3000);
      this.#source.bytes[0] = i === 0 ? 0x10 : 0;
      // Encoders split a frame into packets that differ by a byte.
      const length = PAYLOAD_BYTES - (i < 5 ? 1 : 0);
      const rollover = Math.floor(this.#sequence / 65536);
      const total = this.#cipher.protectRtp(
        this.#udp.egress,
        offset,
        12,
        this.#source,
        0,
        length,
        SSRC,
        rollover,
        this.#sequence & 0xffff,
      );
      this.#udp.push(0, offset, total);
      this.#sequence++;
    }
    this.#udp.flush();
  }
}

async function measure(native: Native, profile: SrtpProfile, viewers: number): Promise<Figure> {
  const udp = await port(native, 16384, 8192);
  const publishing = await port(native, 64, 4);
  const sinks: UdpPort[] = [];
  for (let i = 0; i < SINKS; i++) sinks.push(await port(native, 4096, 1));
  const plane = new Plane({
    udp,
    openCipher: native.openCipher.bind(native),
    random: randomUint32,
    onEvents: () => {},
  });
  open(plane, profile, publishing.localPort, sinks, viewers);
  const publisher = new Publisher(native, publishing, udp.localPort, profile);
  round(plane, publisher, sinks, WARM_UP_MS);
  const sentBefore = udp.counters.packetsSent;
  const callsBefore = udp.counters.sendCalls;
  const turnsMs = round(plane, publisher, sinks, ROUND_MS);
  const sent = udp.counters.packetsSent - sentBefore;
  const forwarded = turnsMs.length * PACKETS_PER_FRAME * viewers;
  if (sent < forwarded * 0.99) throw new Error(`only ${sent} of ${forwarded} packets were sent`);
  for (const each of [udp, publishing, ...sinks]) each.close();
  return {
    profile,
    viewers,
    packetsForwarded: forwarded,
    microsecondsPerForwardedPacket: Math.round(median(turnsMs) * 100_000 / (PACKETS_PER_FRAME * viewers)) /
      100,
    packetsPerSendCall: Math.round(sent / (udp.counters.sendCalls - callsBefore)),
  };
}

function open(
  plane: Plane,
  profile: SrtpProfile,
  publisherPort: number,
  sinks: UdpPort[],
  viewers: number,
): void {
  const nowMs = systemClock.now();
  const connect = (transport: number, port: number) => {
    const address = { address: "127.0.0.1", port };
    plane.apply({ do: "openTransport", transport }, nowMs);
    plane.apply({ do: "select", transport, address }, nowMs);
    plane.apply({ do: "key", transport, keys: keys(profile) }, nowMs);
  };
  const shared = { media: "video" as const, mid: "0", payloads: [payload], extensions: { mid: 1 } };
  connect(1, publisherPort);
  plane.apply({ do: "openSource", source: 1, media: "video" }, nowMs);
  const receiver = { ...shared, receiver: 1, transport: 1, source: 1, ssrcs: [], rids: [], localSsrc: 7 };
  plane.apply({ do: "openReceiver", receiver }, nowMs);
  for (let i = 0; i < viewers; i++) {
    connect(2 + i, sinks[i % sinks.length].localPort);
    const sender = { ...shared, sender: i + 1, transport: 2 + i, ssrc: 100 + i, rtxSsrc: 0, cname: "bench" };
    plane.apply({ do: "openSender", sender }, nowMs);
    plane.apply({ do: "bindSender", sender: i + 1, source: 1 }, nowMs);
  }
}

/** Forwards frames for `durationMs`; returns the time spent in each of the plane's turns. */
function round(plane: Plane, publisher: Publisher, sinks: UdpPort[], durationMs: number): number[] {
  const turnsMs: number[] = [];
  const end = systemClock.now() + durationMs;
  while (systemClock.now() < end) {
    publisher.sendFrame();
    const start = systemClock.now();
    plane.turn(start);
    turnsMs.push(systemClock.now() - start);
    for (const sink of sinks) while (sink.receive() > 0);
  }
  return turnsMs;
}

/** What other programs of the machine take meets single turns: the middle one shows what a turn costs. */
function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1];
}

const native = openNative("ffi");
const figures: Figure[] = [];
for (const profile of ["AEAD_AES_128_GCM", "AES128_CM_HMAC_SHA1_80"] as const) {
  for (const viewers of [100, 200]) figures.push(await measure(native, profile, viewers));
}
console.table(figures);
console.log(JSON.stringify({ bench: "plane", figures }));
