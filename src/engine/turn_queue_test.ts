import { expect, test } from "vitest";
import { AppError } from "../base/mod.ts";
import { VirtualClock } from "../../test/kit/virtual_clock.ts";
import { TurnQueue } from "./turn_queue.ts";

const never = () => new Promise<never>(() => {});

test("jobs run one at a time and in the order in which they came", async () => {
  const queue = new TurnQueue(new VirtualClock(), 1000);
  const log: string[] = [];
  const job = (name: string) => async () => {
    log.push(`${name} begins`);
    await Promise.resolve();
    log.push(`${name} ends`);
  };
  await Promise.all([queue.run(job("a"), () => {}), queue.run(job("b"), () => {})]);
  expect(log).toEqual(["a begins", "a ends", "b begins", "b ends"]);
});

test("a job gives its result, or its error, to its caller only", async () => {
  const queue = new TurnQueue(new VirtualClock(), 1000);
  const failing = queue.run(() => {
    throw new Error("no");
  }, () => {});
  const next = queue.run(() => 7, () => {});
  await expect(failing).rejects.toThrow("no");
  expect(await next).toBe(7);
});

test("a job that misses its deadline is given up once, and the queue goes on", async () => {
  const clock = new VirtualClock();
  const queue = new TurnQueue(clock, 1000);
  let givenUp = 0;
  const stuck = queue.run(never, () => givenUp++);
  const next = queue.run(() => "next", () => {});
  await new Promise((resolve) => setTimeout(resolve, 0));
  clock.advance(999);
  expect(givenUp).toBe(0);
  clock.advance(1);
  const error = await stuck.catch((error) => error);
  expect(error).toBeInstanceOf(AppError);
  expect(error.code).toBe("turn_deadline");
  expect(givenUp).toBe(1);
  expect(await next).toBe("next");
});

test("a job that is done in time leaves no timer", async () => {
  const clock = new VirtualClock();
  await new TurnQueue(clock, 1000).run(() => {}, () => {});
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(clock.pending).toBe(0);
});
