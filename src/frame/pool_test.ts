import { expect, test, vi } from "vitest";
import { VirtualClock } from "../../test/kit/virtual_clock.ts";
import { createLog, setLogLevel } from "../base/mod.ts";
import { openFramePool } from "./mod.ts";
import type { Program, RecordSpec, WorkerCommand } from "./types.ts";
import type { WorkerProcess } from "./worker_process.ts";

setLogLevel("error");

class FakeWorker implements WorkerProcess {
  static count = 0;
  readonly pid = ++FakeWorker.count;
  readonly sent: WorkerCommand[] = [];
  handlers: WorkerProcess["handlers"] = { message: () => {}, ended: () => {} };
  isEnded = false;

  send(command: WorkerCommand): void {
    this.sent.push(command);
    if (command.do === "open") {
      this.handlers.message({ on: "opened", program: command.program, port: 1000 + this.pid });
    }
  }

  kill(reason: string): void {
    this.handlers.ended(reason);
  }

  end(): Promise<void> {
    this.isEnded = true;
    return Promise.resolve();
  }

  calls(): string[] {
    return this.sent.map((command) =>
      command.do === "call" ? `${command.operation} ${JSON.stringify(command.input)}` : command.do
    );
  }
}

function poolUnderTest(
  spare: "always" | "onceUsed" | "never" = "never",
  maxWorkers?: number,
  startsAtOnce = Infinity,
) {
  const clock = new VirtualClock();
  const workers: FakeWorker[] = [];
  const log = createLog("frame");
  const pool = openFramePool(
    { clock, log, mediaDir: "/tmp", maxRssBytes: 1, spare, maxWorkers, startsAtOnce },
    () => {
      workers.push(new FakeWorker());
      return workers.at(-1)!;
    },
  );
  const seen: string[] = [];
  const open = (owner: string) =>
    pool.open(owner, { kind: "transcode", media: "video" }, 9, {
      opened: (port) => seen.push(`${owner} opened ${port - 1000 - workers[0].pid}`),
      event: ({ type }) => seen.push(`${owner} ${type}`),
      failed: (reason, restarting) => seen.push(`${owner} ${restarting ? "restarts" : "over"}: ${reason}`),
    });
  return { clock, workers, pool, seen, open };
}

test("programs of one owner share a worker, other owners have others", () => {
  const { workers, open, seen } = poolUnderTest();
  const [first, second] = [open("a"), open("a")];
  open("b");
  expect(workers.map(({ sent }) => sent.length)).toEqual([2, 1]);
  first.close();
  expect(workers[0].isEnded).toBe(false);
  second.close();
  second.close();
  expect([workers[0].isEnded, workers[1].isEnded]).toEqual([true, false]);
  expect(seen).toEqual(["a opened 0", "a opened 0", "b opened 1"]);
});

test("a dead worker costs its owner alone, and is replaced with all that stood", async () => {
  const { clock, workers, open, seen } = poolUnderTest();
  const program = open("a");
  open("b");
  const settle = async (operation: string, input: Record<string, unknown>) => {
    const answer = program.call(operation, input);
    const command = workers[0].sent.at(-1) as WorkerCommand & { do: "call" };
    workers[0].handlers.message({ on: "answer", program: 1, call: command.call, result: command.input });
    return await answer as Record<string, unknown>;
  };
  const { ssrc } = await settle("addOutput", { format: 1 });
  await settle("addOutput", { format: 2, ssrc: 77 });
  await settle("setBitrate", { ssrc, bitrateBps: 5 });
  await settle("removeOutput", { ssrc: 77 });
  const lost = expect(program.call("stats")).rejects.toThrow("the worker ended meanwhile");
  workers[0].kill("was ended by SIGKILL");
  await lost;
  clock.advance(0);
  expect(workers[2].calls()).toEqual(["open", `addOutput {"ssrc":${ssrc},"format":1,"bitrateBps":5}`]);
  expect(seen).toEqual([
    "a opened 0",
    "b opened 1",
    "a restarts: The worker was ended by SIGKILL",
    "a opened 2",
  ]);
});

test("what is asked for while no worker runs is asked of the next", async () => {
  const { clock, workers, open } = poolUnderTest();
  const program = open("a");
  workers[0].kill("crashed");
  const answer = program.call("addOutput", { ssrc: 5 });
  clock.advance(0);
  expect(workers[1].calls()).toEqual(["open", 'addOutput {"ssrc":5}']);
  const { call } = workers[1].sent[1] as WorkerCommand & { do: "call" };
  workers[1].handlers.message({ on: "answer", program: 1, call, result: "added" });
  expect(await answer).toBe("added");
});

test("no more workers run than are allowed, and one that ends makes room", () => {
  const { pool, open } = poolUnderTest("never", 1);
  const program = open("a");
  open("a");
  expect(() => open("b")).toThrow("1 frame workers run vs 1 allowed");
  program.close();
  expect(() => open("b")).toThrow("release a pipeline");
  void pool.close();
});

test("one that dies again and again is started ever later, then given up", () => {
  const { clock, workers, open, seen } = poolUnderTest();
  open("a");
  for (const delayMs of [0, 500, 2000]) {
    workers.at(-1)!.kill("crashed");
    const before = workers.length;
    clock.advance(delayMs - 1);
    expect(workers.length).toBe(before);
    clock.advance(1);
    expect(workers.length).toBe(before + 1);
  }
  workers.at(-1)!.kill("crashed");
  clock.advance(100_000);
  expect(workers.length).toBe(4);
  expect(seen.at(-1)).toBe("a over: The worker crashed, for the 4th time within a minute");
  open("a");
  expect(workers.length).toBe(5);
});

test("deaths that are far apart are forgotten", () => {
  const { clock, workers, open, seen } = poolUnderTest();
  open("a");
  for (let i = 0; i < 10; i++) {
    clock.advance(61_000);
    workers.at(-1)!.kill("crashed");
    clock.advance(0);
  }
  expect(seen.some((line) => line.includes("over"))).toBe(false);
  expect(workers.length).toBe(11);
});

test("calls end: by an answer, a refusal, a limit in time, or the program's close", async () => {
  const { clock, workers, open } = poolUnderTest();
  const program = open("a");
  const refused = expect(program.call("dance")).rejects.toThrow("cannot dance");
  workers[0].handlers.message({ on: "answer", program: 1, call: 1, refused: "cannot dance" });
  await refused;
  const late = expect(program.call("stats")).rejects.toThrow("no answer within 10000 ms");
  clock.advance(10_000);
  await late;
  workers[0].handlers.message({ on: "answer", program: 1, call: 2, result: 1 });
  const closed = expect(program.call("stats")).rejects.toThrow("the program was closed");
  program.close();
  await closed;
  await expect(program.call("stats")).rejects.toThrow("the program is closed");
  expect(clock.pending).toBe(0);
});

test("events reach their program, and a program that ends by itself is over", () => {
  const { workers, open, seen } = poolUnderTest();
  open("a");
  workers[0].handlers.message({ on: "event", program: 1, event: { type: "endOfStream" } });
  workers[0].handlers.message({ on: "ended", program: 1, reason: "no such file" });
  workers[0].handlers.message({ on: "event", program: 1, event: { type: "endOfStream" } });
  expect(seen).toEqual(["a opened 0", "a endOfStream", "a over: no such file"]);
  expect(workers[0].isEnded).toBe(true);
});

test("a spare stands ready, is used, and is replaced when there is time", async () => {
  const { clock, workers, pool, open } = poolUnderTest("always");
  expect(workers.length).toBe(1);
  open("a");
  expect([workers.length, workers[0].sent.length]).toEqual([1, 1]);
  clock.advance(999);
  expect(workers.length).toBe(1);
  clock.advance(1);
  expect(workers.length).toBe(2);
  workers[1].kill("died of itself");
  open("b");
  expect(workers.length).toBe(3);
  await pool.close();
  expect([workers[0].isEnded, workers[2].isEnded]).toEqual([true, true]);
  expect(() => open("c")).toThrow("the server is ending");
  clock.advance(10_000);
  expect(workers.length).toBe(3);
});

test("a pool that nobody uses starts nothing before its first use", () => {
  const { clock, workers, open } = poolUnderTest("onceUsed");
  clock.advance(10_000);
  expect(workers.length).toBe(0);
  open("a");
  clock.advance(10_000);
  expect(workers.length).toBe(2);
});

test("workers start a few at a time, in order, and what they are told waits with them", async () => {
  const { clock, workers, pool, open, seen } = poolUnderTest("never", undefined, 2);
  const programs = ["a", "b", "c", "d", "e"].map(open);
  expect([workers.length, seen]).toEqual([2, ["a opened 0", "b opened 1"]]);
  const answer = programs[2].call("addOutput", { ssrc: 5 });
  // Waiting for a turn is not what the limit of a call is for.
  clock.advance(30_000);
  workers[1].handlers.message({ on: "ready" });
  workers[1].handlers.message({ on: "ready" });
  expect([workers.length, workers[2].calls()]).toEqual([3, ["open", 'addOutput {"ssrc":5}']]);
  const { call } = workers[2].sent[1] as WorkerCommand & { do: "call" };
  workers[2].handlers.message({ on: "answer", program: 1, call, result: "added" });
  expect(await answer).toBe("added");
  // One that is not wanted any more gives up its place, one that dies gives it free.
  programs[3].close();
  workers[0].kill("crashed");
  expect([workers.length, seen.slice(2)]).toEqual([4, [
    "c opened 2",
    "e opened 3",
    "a restarts: The worker crashed",
  ]]);
  clock.advance(0);
  expect(workers.length).toBe(4);
  workers[2].handlers.message({ on: "ready" });
  expect([workers.length, seen.at(-1)]).toEqual([5, "a opened 4"]);
  await pool.close();
  expect(workers.map(({ isEnded }) => isEnded)).toEqual([false, true, true, true, true]);
});

test("a call whose worker never gets its turn ends in time too", async () => {
  const { clock, open } = poolUnderTest("never", undefined, 0);
  const late = expect(open("a").call("stats")).rejects.toThrow("no answer within 60000 ms");
  clock.advance(60_000);
  await late;
});

test("a system that cannot start a worker is asked again, and costs its program alone", async () => {
  const clock = new VirtualClock();
  let attempts = 0;
  const pool = openFramePool(
    { clock, log: createLog("frame"), mediaDir: "/tmp", maxRssBytes: 1, spare: "never", startsAtOnce: 1 },
    () => {
      if (++attempts < 3) throw new Error("Resource temporarily unavailable");
      return new FakeWorker();
    },
  );
  const seen: string[] = [];
  pool.open("a", { kind: "transcode", media: "video" }, 9, {
    opened: () => seen.push("opened"),
    event: () => {},
    failed: (reason) => seen.push(reason),
  });
  for (const delayMs of [0, 0, 500]) {
    await Promise.resolve();
    clock.advance(delayMs);
  }
  const failure = "The worker could not be started: Error: Resource temporarily unavailable";
  expect(seen).toEqual([failure, failure, "opened"]);
});

test("what recorders to a server left is sent by a worker of its own, beside those that are allowed", async () => {
  const mediaDir = Deno.makeTempDirSync();
  const manifest = (name: string) => `${mediaDir}/.uploads/${name}.json`;
  Deno.mkdirSync(`${mediaDir}/.uploads`);
  const leave = (name: string) => Deno.writeTextFileSync(manifest(name), "{}");
  const clock = new VirtualClock();
  const workers: FakeWorker[] = [];
  const rules = { allowedSchemes: ["http"], mediaDir, allowPrivateHosts: true };
  const log = createLog("frame");
  leave("first");
  const pool = openFramePool(
    {
      clock,
      log,
      mediaDir,
      maxRssBytes: 1,
      spare: "never",
      maxWorkers: 1,
      startsAtOnce: Infinity,
      leftUploads: { ...rules, s3: null },
    },
    () => {
      workers.push(new FakeWorker());
      return workers.at(-1)!;
    },
  );
  /** Until a worker of uploads was given a spool; it has sent it after `meanwhile`. */
  const sends = async (name: string, number: number, meanwhile = () => {}) => {
    await vi.waitFor(() => {
      clock.advance(1000);
      const command = { do: "open", spec: { kind: "deliver", spool: name, s3: null } };
      expect(workers[number]?.sent).toMatchObject([command]);
    }, { interval: 5 });
    meanwhile();
    expect(workers[number].isEnded).toBe(false);
    Deno.removeSync(manifest(name));
    workers[number].handlers.message({
      on: "event",
      program: 1,
      event: { type: "state", state: "stopped" },
    });
    expect([workers[number].isEnded, clock.pending]).toEqual([true, 0]);
  };
  const nothing = { opened: () => {}, event: () => {}, failed: () => {} };
  const record = (uri: string) => pool.open("a", { kind: "record", uri, ...rules } as RecordSpec, 9, nothing);
  const recorders: Program[] = [];
  const uris = ["http://store/a.webm", "file:///a.webm"];
  await sends("first", 0, () => recorders.push(...uris.map(record)));
  recorders[1].close();
  expect([workers.length, clock.pending]).toEqual([2, 0]);
  leave("by the death of its worker");
  workers[1].kill("was ended by SIGKILL");
  expect(() => pool.open("b", { kind: "transcode", media: "video" }, 9, nothing)).toThrow(
    "1 frame workers run",
  );
  await sends("by the death of its worker", 3);
  leave("by its close");
  recorders[0].close();
  await sends("by its close", 4);
  const refused = record(uris[0]);
  leave("refused");
  const path = `${mediaDir}/.uploads/refused/a.webm`;
  const leftover = { type: "leftover", outcome: "kept", path, url: uris[0], why: "" } as const;
  workers[5].handlers.message({ on: "event", program: 1, event: leftover });
  refused.close();
  const closedMs = clock.now();
  await sends("refused", 6);
  expect(clock.now() - closedMs).toBeGreaterThanOrEqual(30_000);
  await pool.close();
  Deno.removeSync(mediaDir, { recursive: true });
});
