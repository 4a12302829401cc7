import { expect, test } from "vitest";
import { StartGate } from "./start_gate.ts";

test("one kind begins with its first frame", () => {
  const gate = new StartGate(["audio"], 3000);
  expect(gate.isOpen(Infinity)).toBe(false);
  gate.frame("audio", false, 0);
  expect(gate.isOpen(0)).toBe(true);
});

test("two kinds begin when both are there and tied to one clock, or after a while without that", () => {
  const gate = new StartGate(["video", "audio"], 3000);
  gate.frame("audio", true, 0);
  expect(gate.isOpen(100)).toBe(false);
  gate.frame("video", false, 100);
  expect(gate.isOpen(1499)).toBe(false);
  expect(gate.isOpen(1500)).toBe(true);
  gate.frame("video", true, 200);
  expect(gate.isOpen(200)).toBe(true);
});

test("a kind that does not come is waited for as long as the grace", () => {
  const gate = new StartGate(["video", "audio"], 3000);
  gate.frame("audio", true, 500);
  expect(gate.isOpen(3499)).toBe(false);
  expect(gate.isOpen(3500)).toBe(true);
  expect(gate.media).toEqual(["audio"]);
});
