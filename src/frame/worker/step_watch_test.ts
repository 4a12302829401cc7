import { expect, test } from "vitest";
import { VirtualClock } from "../../../test/kit/virtual_clock.ts";
import { StepWatch } from "./step_watch.ts";

function watched() {
  const clock = new VirtualClock();
  const heard = { hung: 0 };
  return { clock, heard, watch: new StepWatch(clock, () => heard.hung++) };
}

test("a step that never ends is noticed after ten seconds", () => {
  const { clock, heard, watch } = watched();
  void watch.guarded(new Promise(() => {}));
  clock.advance(10_000);
  expect(heard.hung).toBe(0);
  clock.advance(1000);
  expect(heard.hung).toBe(1);
  watch.close();
});

test("steps that end are forgotten, however they end, and give what they gave", async () => {
  const { clock, heard, watch } = watched();
  expect(await watch.guarded(Promise.resolve(7))).toBe(7);
  await expect(watch.guarded(Promise.reject(new Error("EIO")))).rejects.toThrow("EIO");
  clock.advance(60_000);
  expect(heard.hung).toBe(0);
  watch.close();
});

test("short steps beside it do not hide one that hangs", async () => {
  const { clock, heard, watch } = watched();
  void watch.guarded(new Promise(() => {}));
  for (let i = 0; i < 12; i++) {
    await watch.guarded(Promise.resolve());
    clock.advance(1000);
  }
  expect(heard.hung).toBeGreaterThan(0);
  watch.close();
});
