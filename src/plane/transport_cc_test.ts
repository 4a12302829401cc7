import { describe, expect, test } from "vitest";
import { readTransportFeedback, transportFeedbackBase, transportFeedbackCount } from "../rtp/mod.ts";
import { TransportCc } from "./transport_cc.ts";

function feedback(
  cc: TransportCc,
  nowMs: number,
): { base: number; count: number; arrivedMs: number[] } | null {
  const bytes = new Uint8Array(1500);
  const length = cc.write(bytes, 0, 1, 2, nowMs);
  if (length === 0) return null;
  const arrivals = new Float64Array(1024);
  const statuses = readTransportFeedback(bytes, 0, length, arrivals);
  const arrivedMs = [...arrivals.slice(0, statuses)].map((ticks) => ticks / 4);
  return { base: transportFeedbackBase(bytes, 0), count: transportFeedbackCount(bytes, 0), arrivedMs };
}

const at = (arrivedMs: number) => Float64Array.of(arrivedMs);

describe("transport-wide feedback", () => {
  test("tells which packets came and when, across the wrap, and counts its packets", () => {
    const cc = new TransportCc();
    cc.record(65534, at(1000));
    cc.record(65535, at(1001.25));
    cc.record(1, at(1010));
    expect(cc.due(1010)).toBe(true);
    expect(feedback(cc, 1050)).toEqual({ base: 65534, count: 0, arrivedMs: [1000, 1001.25, NaN, 1010] });
    expect(cc.due(1200)).toBe(false);
    cc.record(2, at(1201));
    expect(feedback(cc, 1250)).toEqual({ base: 2, count: 1, arrivedMs: [1201] });
  });

  test("is due every 50 ms, or when many packets came", () => {
    const cc = new TransportCc();
    cc.record(0, at(1000));
    feedback(cc, 1000);
    cc.record(1, at(1010));
    expect(cc.due(1049)).toBe(false);
    expect(cc.due(1050)).toBe(true);
    for (let i = 2; i < 220; i++) cc.record(i, at(1011));
    expect(cc.due(1011)).toBe(true);
    expect(cc.dueMs()).toBe(1050);
    feedback(cc, 1051);
    expect(cc.dueMs()).toBe(Infinity);
  });

  test("a jump by more than the window loses only what was not reported yet", () => {
    const cc = new TransportCc();
    cc.record(10, at(1000));
    cc.record(30_000, at(1001));
    expect(feedback(cc, 1050)).toEqual({ base: 30_000, count: 0, arrivedMs: [1001] });
  });

  test("a packet that comes after its number was reported changes nothing", () => {
    const cc = new TransportCc();
    cc.record(10, at(1000));
    cc.record(12, at(1000));
    feedback(cc, 1050);
    cc.record(11, at(1060));
    expect(cc.due(2000)).toBe(false);
  });
});
