import { describe, expect, test } from "vitest";
import {
  isContinuous,
  keyframeRequests,
  numbersOf,
  openStream,
  RigEncoder,
  type RigPeer,
} from "../../test/kit/plane_rig.ts";
import type { TransportRates } from "./mod.ts";
import { UNBOUNDED } from "./rates.ts";

const text = (value: string) => new TextEncoder().encode(value);

/** Layers 0 (large), 1 and 2 (small) as OBS sends them, of one peer: about 1.3 Mbit/s, 560 and 190 kbit/s with framing. */
function layered(viewerCount = 1) {
  const { rig, publisher, viewer, viewers } = openStream({
    viewers: viewerCount,
    receiver: { rids: ["0", "1", "2"], extensions: { mid: 4, rid: 5 } },
  });
  const layers = layersOf(rig, publisher, 100);
  let frames = 0;
  /** Sends frames of the given layers for a while, with a keyframe of each every `keyframeEach` frames. */
  const run = (ms: number, active: number[], keyframeEach = 50, sending = layers) => {
    for (let passed = 0; passed < ms; passed += 20) {
      for (const rid of active) sending[rid].encoder.send(frames % keyframeEach === 0, 3, sending[rid].size);
      frames++;
      rig.turn(20);
    }
  };
  const setRates = (peer: RigPeer, rates: Partial<TransportRates>) =>
    rig.apply({ do: "setRates", transport: peer.transport, rates: { ...UNBOUNDED, ...rates } });
  return { rig, publisher, viewer, viewers, layers, run, setRates, lastSize: () => sizeAt(viewer) };
}

function layersOf(rig: ConstructorParameters<typeof RigEncoder>[0], peer: RigPeer, firstSsrc: number) {
  return [1000, 400, 100].map((size, rid) => {
    const extensions = [{ id: 4, payload: text("0") }, { id: 5, payload: text(String(rid)) }];
    return { size, encoder: new RigEncoder(rig, peer, firstSsrc + rid, 5000 * (rid + 1), extensions) };
  });
}

const sizeAt = (viewer: RigPeer) => viewer.rtp.at(-1)!.payload.length;

/** A REMB of the viewer about no SSRC. */
function tellEstimate(rig: ReturnType<typeof layered>["rig"], viewer: RigPeer, bps: number): void {
  let mantissa = bps;
  let exponent = 0;
  for (; mantissa >= 2 ** 18; exponent++) mantissa = Math.floor(mantissa / 2);
  const packed = (exponent << 18) | mantissa;
  const bytes = new Uint8Array(20);
  bytes.set([0x8f, 206, 0, 4]);
  bytes.set(text("REMB"), 12);
  bytes.set([0, packed >>> 16, (packed >>> 8) & 255, packed & 255], 16);
  rig.sendRtcp(viewer, { serialize: () => bytes });
}

describe("simulcast", () => {
  test("the layer with the highest bitrate is forwarded, whatever its place in the offer", () => {
    const { viewer, run, lastSize } = layered();
    run(100, [2]);
    expect(lastSize()).toBe(100);
    run(3000, [2, 1, 0]);
    expect(lastSize()).toBe(1000);
    expect(isContinuous(numbersOf(viewer.rtp))).toBe(true);
  });

  test("when it falls silent the next one follows at a keyframe, and it comes back when it flows again", () => {
    const { viewer, run, lastSize } = layered();
    run(3000, [0, 1, 2]);
    expect(lastSize()).toBe(1000);
    run(3000, [1, 2]);
    expect(lastSize()).toBe(400);
    run(1000, [2]);
    run(2500, [2]);
    expect(lastSize()).toBe(100);
    run(4000, [0, 1, 2]);
    expect(lastSize()).toBe(1000);
    expect(isContinuous(numbersOf(viewer.rtp))).toBe(true);
    const timestamps = viewer.rtp.map((packet) => packet.header.timestamp);
    expect(timestamps.every((timestamp, i) => i === 0 || ((timestamp - timestamps[i - 1]) | 0) >= 0)).toBe(
      true,
    );
  });
});

describe("each viewer's own layer", () => {
  const all = [0, 1, 2];

  test("is the highest that fits its bound, whatever others watch, and never none", () => {
    const { viewers, run, setRates } = layered(3);
    setRates(viewers[1], { maxSendKbps: 700 });
    setRates(viewers[2], { maxSendKbps: 30 });
    run(5000, all);
    expect(viewers.map(sizeAt)).toEqual([1000, 400, 100]);
    for (const viewer of viewers) expect(isContinuous(numbersOf(viewer.rtp))).toBe(true);
  });

  test("changes at a keyframe that is asked for, with continuous numbers and rising time", () => {
    const { rig, publisher, viewer, run, setRates, layers, lastSize } = layered();
    run(4000, all);
    expect(lastSize()).toBe(1000);
    const asked = keyframeRequests(publisher).length;
    setRates(viewer, { maxSendKbps: 300 });
    run(400, all, Infinity);
    expect(lastSize()).toBe(1000);
    const requests = keyframeRequests(publisher).slice(asked);
    expect(requests.length).toBeGreaterThanOrEqual(1);
    for (const { bytes } of requests) {
      expect(new DataView(bytes.buffer, bytes.byteOffset).getUint32(8)).toBe(102);
    }
    const before = viewer.rtp.length;
    layers[2].encoder.send(true, 3, 100);
    layers[0].encoder.send(false, 3, 1000);
    rig.turn(20);
    // The old layer's frame is whole before the new one's first.
    expect(viewer.rtp.slice(before).map((packet) => packet.payload.length)).toEqual([
      1000,
      1000,
      1000,
      100,
      100,
      100,
    ]);
    expect(viewer.rtp[before + 3].payload[1] & 1).toBe(0);
    run(1000, all, Infinity);
    expect(lastSize()).toBe(100);
    expect(isContinuous(numbersOf(viewer.rtp))).toBe(true);
    const times = viewer.rtp.map((packet) => packet.header.timestamp);
    expect(times.every((time, i) => i === 0 || ((time - times[i - 1]) | 0) >= 0)).toBe(true);
    expect(rig.stats().senders[0].packetsSent).toBe(viewer.rtp.length);
  });

  test("rises again when the bound is lifted", () => {
    const { viewer, run, setRates, lastSize } = layered();
    setRates(viewer, { maxSendKbps: 300 });
    run(4000, all);
    expect(lastSize()).toBe(100);
    setRates(viewer, {});
    run(2000, all);
    expect(lastSize()).toBe(1000);
  });

  test("falls when the path says less than it did, and not below what minSendKbps allows", () => {
    const { rig, viewers, run, setRates } = layered(2);
    setRates(viewers[1], { minSendKbps: 2000 });
    run(3000, all);
    for (let i = 0; i < 3; i++) {
      for (const viewer of viewers) tellEstimate(rig, viewer, 2_000_000);
      run(1000, all);
    }
    expect(viewers.map(sizeAt)).toEqual([1000, 1000]);
    for (const viewer of viewers) tellEstimate(rig, viewer, 700_000);
    run(1500, all);
    expect(viewers.map(sizeAt)).toEqual([400, 1000]);
  });

  test("is not left for an estimate that is low because it is still growing", () => {
    const { rig, viewer, run, lastSize } = layered();
    run(3000, all);
    for (let i = 0, bps = 300_000; i < 15; i++, bps *= 1.08) {
      tellEstimate(rig, viewer, Math.round(bps));
      run(1000, all);
      expect(lastSize()).toBe(1000);
    }
  });

  test("is tried one higher after a while, given up when that does not work, and then tried less often", () => {
    const { rig, viewer, run, lastSize } = layered();
    run(3000, all);
    const switches: number[] = [];
    let size = lastSize();
    for (let second = 0; second < 60; second++) {
      // A path of 700 kbit/s: what is sent beyond that does not make the estimate grow.
      tellEstimate(rig, viewer, size === 1000 ? 640_000 : 700_000);
      run(1000, all);
      if (lastSize() === size) continue;
      size = lastSize();
      switches.push(second);
    }
    const falls = switches.filter((_, i) => i % 2 === 0);
    expect(falls.length).toBeGreaterThanOrEqual(2);
    expect(falls.length).toBeLessThanOrEqual(5);
    expect(sizeAt(viewer)).not.toBe(100);
    const tries = switches.filter((_, i) => i % 2 === 1).map((at, i) => at - falls[i]);
    expect(tries[0]).toBeGreaterThanOrEqual(4);
    expect(tries.at(-1)!).toBeGreaterThan(tries[0] * 1.5);
  });

  test("goes on with a publisher who comes back, with layers of other names or without any", () => {
    const { rig, publisher, viewer, run, lastSize } = layered();
    run(3000, all);
    rig.apply({ do: "closeTransport", transport: publisher.transport, bye: false });
    run(500, []);
    const plain = rig.openPeer();
    rig.openReceiver(plain, 2, 1, {});
    const encoder = new RigEncoder(rig, plain, 999);
    for (let i = 0; i < 50; i++) {
      encoder.send(i % 25 === 0, 3, 640);
      rig.turn(20);
    }
    expect(lastSize()).toBe(640);
    const again = rig.openPeer();
    rig.openReceiver(again, 3, 1, { rids: ["0", "1", "2"], extensions: { mid: 4, rid: 5 } });
    run(3000, all, 50, layersOf(rig, again, 300));
    expect(lastSize()).toBe(1000);
    expect(isContinuous(numbersOf(viewer.rtp))).toBe(true);
    expect(rig.eventsOf("sourceFlow").map((event) => event.flowing)).toEqual([true]);
    expect(rig.eventsOf("sourceFormat").length).toBe(1);
  });

  test("outlives the publisher that another one with the same layers has replaced", () => {
    const { rig, publisher, viewer, run, lastSize } = layered();
    run(3000, all);
    const again = rig.openPeer();
    rig.openReceiver(again, 2, 1, { rids: ["0", "1", "2"], extensions: { mid: 4, rid: 5 } });
    const layers = layersOf(rig, again, 300);
    run(3000, all, 50, layers);
    rig.apply({ do: "closeTransport", transport: publisher.transport, bye: false });
    const before = viewer.rtp.length;
    run(500, all, Infinity, layers);
    expect(viewer.rtp.length - before).toBe(75);
    expect(lastSize()).toBe(1000);
    expect(isContinuous(numbersOf(viewer.rtp))).toBe(true);
  });

  test("a lost packet of it is sent again", () => {
    const { rig, viewer, run, setRates } = layered();
    setRates(viewer, { maxSendKbps: 300 });
    run(4000, all);
    const lost = viewer.rtp.at(-2)!;
    rig.sendRtcp(viewer, { serialize: () => nackOf(lost.header.ssrc, lost.header.sequenceNumber) });
    rig.turn(1);
    const repeated = viewer.rtp.at(-1)!;
    expect(repeated.header.sequenceNumber).toBe(lost.header.sequenceNumber);
    expect(repeated.payload.equals(lost.payload)).toBe(true);
  });
});

function nackOf(ssrc: number, sequence: number): Uint8Array {
  const bytes = new Uint8Array(16);
  bytes.set([0x81, 205, 0, 3]);
  new DataView(bytes.buffer).setUint32(8, ssrc);
  new DataView(bytes.buffer).setUint16(12, sequence);
  return bytes;
}
