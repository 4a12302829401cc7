import { expect, test } from "vitest";
import { type Clock, createLog, systemClock } from "../../src/base/mod.ts";
import { startWorkerProcess } from "../../src/frame/worker_process.ts";
import { continueUntil } from "../kit/until.ts";

/** Ten looks in two and a half seconds: a worker speaks once a second. */
const quickLooks: Clock = { ...systemClock, every: (periodMs, run) => systemClock.every(periodMs / 4, run) };

test("a worker that stands still is ended, one that works is not", async () => {
  const ends: string[] = [];
  const worker = startWorkerProcess({
    clock: quickLooks,
    log: createLog("test"),
    mediaDir: "/tmp",
    maxRssBytes: 2 ** 31,
  });
  let ready = false;
  worker.handlers = { message: ({ on }) => ready ||= on === "ready", ended: (reason) => ends.push(reason) };
  await continueUntil("the worker", () => ready, 15_000);
  await new Promise((resolve) => setTimeout(resolve, 4000));
  expect(ends).toEqual([]);
  Deno.kill(worker.pid, "SIGSTOP");
  await continueUntil("its end", () => ends.length > 0);
  expect(ends).toEqual(["did not answer for 10 s"]);
});
