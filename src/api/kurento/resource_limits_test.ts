import { expect, test } from "vitest";
import { VirtualClock } from "../../../test/kit/virtual_clock.ts";
import { ResourceLimits } from "./resource_limits.ts";

function limited(threads: number | null, files: number | null) {
  const clock = new VirtualClock();
  const counts = { threads: 8, files: 8 };
  const limits = new ResourceLimits(clock, 0.8, {
    limits: () => ({ threads, files }),
    counts: () => ({ ...counts }),
  });
  return { clock, counts, limits };
}

test("nothing is refused below the fraction of the limits, and both are told by name at it", () => {
  const { clock, counts, limits } = limited(10, 20);
  limits.refuseAtLimit();
  counts.threads = 9;
  limits.refuseAtLimit();
  clock.advance(300);
  const error = { code: 40009, data: { type: "NOT_ENOUGH_RESOURCES" } };
  expect(() => limits.refuseAtLimit()).toThrow(
    expect.objectContaining({ ...error, message: "Reached KMS threads limit: 8" }),
  );
  Object.assign(counts, { threads: 8, files: 17 });
  clock.advance(300);
  expect(() => limits.refuseAtLimit()).toThrow("Reached KMS files limit: 16");
});

test("no limit is no limit", () => {
  const { counts, limits } = limited(null, null);
  Object.assign(counts, { threads: 1e9, files: 1e9 });
  limits.refuseAtLimit();
});

test("this process is counted and is below its limits", () => {
  new ResourceLimits(new VirtualClock(), 1).refuseAtLimit();
  expect(() => new ResourceLimits(new VirtualClock(), 1e-6).refuseAtLimit()).toThrow(
    /Reached KMS (threads|files) limit/,
  );
});
