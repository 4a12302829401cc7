import { describe, expect, test } from "vitest";
import { openStream, type RigPeer, vp8 } from "../../test/kit/plane_rig.ts";
import { writeRemb } from "../rtp/mod.ts";
import type { TransportRates } from "./mod.ts";
import { UNBOUNDED } from "./rates.ts";

const feedback = { nack: false, pli: true, fir: false, remb: true, transportCc: false };
/** A publisher that leaves the estimate to us, and one that measures by itself. */
const led = { payloads: [{ ...vp8, feedback }] };
const measuring = { payloads: [{ ...vp8, feedback: { ...feedback, transportCc: true } }] };

/** Bit/s of each REMB that the peer got (draft-alvestrand-rmcat-remb-03 section 2.2). */
function rembs(peer: RigPeer): number[] {
  return peer.rtcp.filter((part) => part.type === 206 && part.count === 15).map(({ bytes }) => {
    expect(new TextDecoder().decode(bytes.slice(12, 16))).toBe("REMB");
    const packed = (bytes[17] << 16) | (bytes[18] << 8) | bytes[19];
    return (packed & 0x3ffff) * 2 ** (packed >>> 18);
  });
}

function rig(receiver: typeof led, options: { rids?: string[]; viewers?: number } = {}) {
  const stream = openStream({
    viewers: options.viewers ?? 1,
    receiver: { ...receiver, rids: options.rids ?? [] },
  });
  const { rig, publisher, encoder } = stream;
  const setRates = (peer: RigPeer, rates: Partial<TransportRates>) =>
    rig.apply({ do: "setRates", transport: peer.transport, rates: { ...UNBOUNDED, ...rates } });
  /** About 1.4 Mbit/s; gives what was told meanwhile. */
  const run = (ms: number) => {
    const before = rembs(publisher).length;
    for (let passed = 0; passed < ms; passed += 20) {
      encoder.send(passed % 1000 === 0, 3, 1150);
      rig.turn(20);
    }
    return rembs(publisher).slice(before);
  };
  return { ...stream, setRates, run };
}

const near = (bps: number, kbps: number) => expect(Math.abs(bps - kbps * 1000)).toBeLessThan(kbps * 20);

describe("what a publisher is told", () => {
  test("one that measures its path itself hears nothing as long as there is no bound", () => {
    const { run } = rig(measuring);
    expect(run(3000)).toEqual([]);
  });

  test("a bound of its own is told each second, and its end is told too", () => {
    const { publisher, setRates, run, rig: plane } = rig(measuring);
    setRates(publisher, { maxReceiveKbps: 300 });
    const told = run(5000);
    expect(told.length).toBeGreaterThanOrEqual(4);
    expect(told.length).toBeLessThanOrEqual(7);
    for (const bps of told) near(bps, 300);
    near(plane.stats().receivers[0].rembBps, 300);
    setRates(publisher, { maxReceiveKbps: 500 });
    near(run(250)[0], 500);
    setRates(publisher, {});
    const lifted = run(10_000);
    expect(lifted.length).toBe(5);
    for (const bps of lifted) expect(bps).toBeGreaterThan(1e9);
  });

  test("the least bound among its viewers counts, and at least the minimum is asked for", () => {
    const { publisher, viewers, setRates, run } = rig(measuring, { viewers: 3 });
    setRates(publisher, { maxReceiveKbps: 2000 });
    setRates(viewers[0], { maxSendKbps: 700 });
    setRates(viewers[1], { maxSendKbps: 400 });
    near(run(300)[0], 400);
    setRates(publisher, { maxReceiveKbps: 2000, minReceiveKbps: 600 });
    near(run(300)[0], 600);
    setRates(publisher, {});
    setRates(viewers[1], {});
    near(run(300)[0], 700);
  });

  test("with simulcast the bounds of viewers leave the publisher alone", () => {
    const { viewer, setRates, run } = rig(measuring, { rids: ["h", "l"] });
    setRates(viewer, { maxSendKbps: 400 });
    expect(run(2000)).toEqual([]);
  });

  test("what a viewer's path carries slows nobody down", () => {
    const { rig: plane, viewer, run } = rig(measuring);
    plane.sendRtcp(viewer, { serialize: () => rembPacket(100_000) });
    expect(run(2000)).toEqual([]);
    expect(plane.stats().senders[0].rembBps).toBe(100_000);
  });

  test("one without transport-wide feedback is led from rembOnConnect upwards, five times a second, within its bounds", () => {
    const { publisher, setRates, run } = rig(led);
    setRates(publisher, { maxReceiveKbps: 500, remb: { ...UNBOUNDED.remb, rembOnConnect: 300_000 } });
    run(1000);
    const told = run(1800);
    expect(told.length).toBeGreaterThanOrEqual(7);
    for (let i = 1; i < told.length; i++) expect(told[i] / told[i - 1]).toBeCloseTo(1.04, 1);
    near(run(5000).at(-1)!, 500);
  });

  test("without bounds there is no ceiling but what it sends", () => {
    const { run } = rig(led);
    run(1000);
    expect(run(1000).at(-1)).toBeGreaterThan(2_000_000);
  });

  test("loss takes the rate down", () => {
    const { encoder, run } = rig(led);
    run(3000);
    const [before] = run(1500).slice(-1);
    for (let i = 0; i < 30; i++) encoder.frame(false, 1, 100);
    expect(Math.min(...run(1000))).toBeLessThan(before * 0.6);
  });
});

/** A REMB about no SSRC. */
function rembPacket(bps: number): Uint8Array {
  const bytes = new Uint8Array(20);
  bytes.set([0x8f, 206, 0, 4]);
  bytes.set(new TextEncoder().encode("REMB"), 12);
  bytes.set([0, (bps >>> 16) & 3, (bps >>> 8) & 255, bps & 255], 16);
  return bytes;
}

describe("an encoder of ours is told", () => {
  const own = {
    payloads: [{ ...vp8, feedback: { ...feedback, remb: false } }],
    followsSinks: true,
  };

  const report = (plane: ReturnType<typeof rig>["rig"], viewer: RigPeer, kbps: number) => {
    const bytes = new Uint8Array(20);
    const length = writeRemb(bytes, 0, 1, kbps * 1000, Uint32Array.of(), 0);
    plane.sendRtcp(viewer, { serialize: () => bytes.slice(0, length) });
  };

  test("nothing while nobody says what can be taken", () => {
    expect(rig(own, { viewers: 2 }).run(3000)).toEqual([]);
  });

  test("the least of its viewers' bounds and reports, and when that is over", () => {
    const { viewers, setRates, run, rig: plane } = rig(own, { viewers: 2 });
    setRates(viewers[0], { maxSendKbps: 900 });
    near(run(1000).at(-1)!, 900);
    report(plane, viewers[1], 400);
    near(run(1500).at(-1)!, 900);
    near(run(3000).at(-1)!, 400);
    report(plane, viewers[1], 1200);
    near(run(1000).at(-1)!, 900);
    setRates(viewers[0], {});
    near(run(1000).at(-1)!, 1200);
    // It stopped telling.
    expect(run(12_000).at(-1)).toBe(2 ** 30);
  });

  test("no less than what a viewer is to get whatever it reports, nor what makes no picture", () => {
    const { viewers, setRates, run, rig: plane } = rig(own);
    setRates(viewers[0], { minSendKbps: 300 });
    report(plane, viewers[0], 80);
    near(run(4500).at(-1)!, 300);
    setRates(viewers[0], {});
    report(plane, viewers[0], 10);
    near(run(4500).at(-1)!, 50);
  });
});
