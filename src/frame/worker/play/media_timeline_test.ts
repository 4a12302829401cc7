import { expect, test } from "vitest";
import { MediaTimeline } from "./media_timeline.ts";

test("RTP time is wall time since the beginning, and grows over pauses and jumps of the medium", () => {
  const timeline = new MediaTimeline(1000);
  expect(timeline.isAnchored).toBe(false);
  timeline.anchor(20, 3000);
  expect(timeline.dueMs(21.5)).toBe(4500);
  expect(timeline.rtpSeconds(21.5)).toBe(3.5);
  expect(timeline.secondsAt(4000)).toBe(21);
  timeline.release();
  expect(timeline.isAnchored).toBe(false);
  timeline.anchor(5, 9000);
  expect(timeline.rtpSeconds(5)).toBe(8);
  expect(timeline.rtpSecondsAt(9000)).toBe(8);
});
