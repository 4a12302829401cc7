import { describe, expect, test } from "vitest";
import { KeyframeRequests } from "./keyframe_requests.ts";

describe("keyframe requests", () => {
  test("many wishes are one request while it is on its way", () => {
    const requests = new KeyframeRequests();
    expect(requests.want(1000)).toBe(true);
    for (let nowMs = 1001; nowMs < 1500; nowMs += 7) expect(requests.want(nowMs)).toBe(false);
  });

  test("an answered request may be followed by the next after 300 ms", () => {
    const requests = new KeyframeRequests();
    requests.want(1000);
    requests.answered(1050);
    expect(requests.want(1200)).toBe(false);
    expect(requests.due(1299)).toBe(false);
    expect(requests.due(1300)).toBe(true);
  });

  test("unanswered ones are repeated, ever more slowly", () => {
    const requests = new KeyframeRequests();
    const sent: number[] = [];
    requests.want(1000);
    for (let nowMs = 1001; nowMs < 12_000; nowMs++) if (requests.due(nowMs)) sent.push(nowMs - 1000);
    expect(sent).toEqual([500, 1500, 3500, 7500]);
  });

  test("a publisher is known to ignore requests after 300 ms, and is remembered by a late keyframe", () => {
    const requests = new KeyframeRequests();
    requests.want(1000);
    expect(requests.ignored(1299)).toBe(false);
    expect(requests.ignored(1300)).toBe(true);
    requests.answered(3000);
    expect(requests.ignored(3000)).toBe(true);
    requests.want(4000);
    requests.answered(4050);
    expect(requests.ignored(4050)).toBe(false);
  });
});
