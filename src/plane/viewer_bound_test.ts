import { expect, test } from "vitest";
import { ViewerBound } from "./viewer_bound.ts";

/** A viewer that is told on, ten times a second. */
function viewer() {
  const bound = new ViewerBound();
  let nowMs = 1000;
  const facts = { sentBps: 800_000, fractionLost: 0, roundTripSeconds: 0.02 };
  const say = (saidBps: number | ((second: number) => number), seconds: number) => {
    for (let tick = 0; tick < seconds * 10; tick++) {
      const said = typeof saidBps === "number" ? saidBps : saidBps(tick / 10);
      bound.take(said, facts.sentBps, facts.fractionLost, facts.roundTripSeconds, nowMs += 100);
    }
    return bound.bps;
  };
  return { facts, say };
}

/** As Chromium grows from a figure: by eight percent a second. */
const growing = (fromBps: number) => (second: number) => fromBps * 1.08 ** Math.floor(second);

test("a browser that was sent next to nothing, and says so for a minute, is sent what its path carries", () => {
  const { facts, say } = viewer();
  expect(say(900_000, 5)).toBe(Infinity);
  facts.sentBps = 6000;
  expect(say(5000, 10)).toBe(Infinity);
  facts.sentBps = 850_000;
  expect(say(growing(5000), 20)).toBe(Infinity);
  // It may stand for a while.
  expect(say(growing(5000)(20), 5)).toBe(Infinity);
  expect(say(growing(25_000), 40)).toBe(Infinity);
});

test.each([["loss", { fractionLost: 0.05 }], ["delay", { roundTripSeconds: 0.2 }]])(
  "with %s what it says counts at once, and what it says next",
  (_what, trouble) => {
    const { facts, say } = viewer();
    say(900_000, 2);
    Object.assign(facts, trouble);
    expect(say(400_000, 0.1)).toBe(400_000);
    Object.assign(facts, { fractionLost: 0, roundTripSeconds: 0.02 });
    expect(say(300_000, 1)).toBe(300_000);
    expect(say(growing(310_000), 5)).toBeGreaterThan(310_000);
  },
);

test("a limit that does not move counts after three seconds in which more was sent", () => {
  const { facts, say } = viewer();
  expect(say(200_000, 2.9)).toBe(Infinity);
  expect(say(200_000, 0.5)).toBe(200_000);
  facts.sentBps = 190_000;
  expect(say(200_000, 5)).toBe(200_000);
});
