import { expect, test } from "vitest";
import { VirtualClock } from "../../test/kit/virtual_clock.ts";
import { createLog, setLogLevel } from "../base/mod.ts";
import { LeftUploads } from "./left_uploads.ts";
import type { ProgramHandlers } from "./types.ts";

setLogLevel("error");

/** What is left, who holds what, and the programs that were opened for it. */
function rig() {
  const clock = new VirtualClock();
  const spools = { left: [] as string[], held: [] as string[] };
  const counts = { looks: 0 };
  const log: string[] = [];
  const open = new Map<string, ProgramHandlers>();
  const tell = (message: string, fields = {}) => void log.push(`${message} ${JSON.stringify(fields)}`);
  let refuses = false;
  const uploads = new LeftUploads({
    clock,
    log: { ...createLog("frame"), info: tell, warn: tell },
    find: (isKnown) => {
      counts.looks++;
      const unknown = (spool: string) => !isKnown(spool);
      return Promise.resolve({ left: spools.left.filter(unknown), held: spools.held.filter(unknown) });
    },
    pathOf: (spool) => `/m/${spool}`,
    open: (spool, handlers) => {
      if (refuses) throw new Error("no more workers");
      expect([...open.keys()]).not.toContain(spool);
      log.push(`open ${spool}`);
      open.set(spool, handlers);
      const close = () => {
        log.push(`close ${spool}`);
        open.delete(spool);
      };
      return { close, call: () => Promise.resolve() };
    },
  });
  const outcome = (spool: string, outcome: "sent" | "kept", why = "") =>
    open.get(spool)!.event({ type: "leftover", outcome, path: `/m/${spool}/a`, url: "http://s/a", why });
  /** A program that has sent everything. */
  const sent = (spool: string) => {
    const handlers = open.get(spool)!;
    outcome(spool, "sent");
    spools.left = spools.left.filter((other) => other !== spool);
    handlers.event({ type: "state", state: "stopped" });
  };
  const advance = async (ms: number) => {
    clock.advance(ms);
    await new Promise((resolve) => setTimeout(resolve, 0));
  };
  const refuse = (is: boolean) => void (refuses = is);
  return { clock, uploads, spools, counts, log, open, outcome, sent, advance, refuse };
}

const opened = ({ log }: ReturnType<typeof rig>) =>
  log.filter((line) => line.startsWith("open ")).map((line) => line.slice(5));

test("what is there at the start is sent, and nothing is looked for after it", async () => {
  const test = rig();
  test.spools.left = ["a", "b"];
  await test.uploads.look();
  expect(opened(test)).toEqual(["a", "b"]);
  test.sent("a");
  test.sent("b");
  expect(test.log.filter((line) => line.includes("has been uploaded"))).toHaveLength(2);
  expect([test.open.size, test.clock.pending]).toEqual([0, 0]);
});

test("what a recorder was refused just now is sent half a minute later, and nothing else waits for it", async () => {
  const test = rig();
  test.uploads.refused("/m/.uploads/a/clip.webm");
  test.spools.left = ["a", "b"];
  test.uploads.recorderGone();
  await test.advance(1000);
  expect(opened(test)).toEqual(["b"]);
  await test.advance(28_999);
  expect(opened(test)).toEqual(["b"]);
  await test.advance(1);
  expect(opened(test)).toEqual(["b", "a"]);
  // It is no second try of those that are told of.
  test.outcome("a", "kept", "no");
  expect(test.log.at(-2)).toContain('"againInSeconds":30');
});

test("when a recorder is gone it is looked soon, and again as long as its files are held", async () => {
  const test = rig();
  test.spools.held = ["a"];
  test.uploads.recorderGone();
  test.uploads.recorderGone();
  await test.advance(999);
  expect(test.counts.looks).toBe(0);
  for (const ms of [1, 1000, 2000, 4000]) await test.advance(ms);
  expect([test.counts.looks, opened(test)]).toEqual([4, []]);
  [test.spools.left, test.spools.held] = [["a"], []];
  await test.advance(8000);
  expect(opened(test)).toEqual(["a"]);
  test.sent("a");
  expect(test.clock.pending).toBe(0);
  // One that records for hours is looked at once a minute.
  test.spools.held = ["b"];
  test.uploads.recorderGone();
  for (let minute = 0; minute < 120; minute++) await test.advance(60_000);
  expect(test.counts.looks).toBeLessThan(130);
});

test("what a server refuses is tried again after 30 s, then ever later, for as long as ours lives", async () => {
  const test = rig();
  test.spools.left = ["a"];
  await test.uploads.look();
  const delays = [30, 60, 120, 240, 480, 960, 1920, 3600, 3600];
  for (const [index, seconds] of delays.entries()) {
    test.outcome("a", "kept", "the server answered 403");
    expect(test.open.size).toBe(0);
    // Other recorders that go meanwhile change nothing about it.
    test.uploads.recorderGone();
    await test.advance(seconds * 1000 - 1);
    expect(opened(test)).toHaveLength(index + 1);
    await test.advance(1);
    expect(opened(test)).toHaveLength(index + 2);
  }
  const told = test.log.filter((line) => line.includes("waits for its upload"));
  expect(told[1]).toContain(
    '{"url":"http://s/a","path":"/m/a/a","why":"the server answered 403","againInSeconds":60}',
  );
  test.sent("a");
  // The next of this name begins with no debts.
  test.spools.left = ["a"];
  await test.uploads.look();
  test.outcome("a", "kept");
  await test.advance(30_000);
  expect(opened(test)).toHaveLength(delays.length + 3);
});

test("four are sent at a time, and the next begins before the worker could go", async () => {
  const test = rig();
  test.spools.left = ["a", "b", "c", "d", "e", "f"];
  await test.uploads.look();
  expect(opened(test)).toEqual(["a", "b", "c", "d"]);
  // What waits for its turn is not taken twice.
  await test.uploads.look();
  test.sent("c");
  expect(test.log.slice(-2)).toEqual(["open e", "close c"]);
  for (const spool of ["a", "b", "d", "e", "f"]) test.sent(spool);
  expect(opened(test)).toEqual(["a", "b", "c", "d", "e", "f"]);
});

test("one whose worker broke is tried alone, so that it costs no other its turn", async () => {
  const test = rig();
  test.spools.left = ["a", "b"];
  await test.uploads.look();
  for (const spool of ["a", "b"]) test.open.get(spool)!.failed("The worker was ended by SIGSEGV", true);
  expect([test.open.size, opened(test)]).toEqual([0, ["a", "b"]]);
  expect(test.log.at(-2)).toContain('{"path":"/m/b","why":"The worker was ended by SIGSEGV"');
  test.spools.left.push("c");
  await test.advance(30_000);
  expect([...test.open.keys()]).toEqual(["a"]);
  test.open.get("a")!.failed("The worker was ended by SIGSEGV", true);
  expect([...test.open.keys()]).toEqual(["b"]);
  test.sent("b");
  expect([...test.open.keys()]).toEqual(["c"]);
});

test("a program that cannot be opened is tried again, and a look that fails costs nothing", async () => {
  const test = rig();
  test.spools.left = ["a"];
  test.refuse(true);
  await test.uploads.look();
  test.refuse(false);
  await test.advance(30_000);
  expect(opened(test)).toEqual(["a"]);
  const broken = new LeftUploads({
    clock: test.clock,
    log: createLog("frame"),
    find: () => Promise.reject(new Error("not readable")),
    pathOf: () => "",
    open: () => {
      throw new Error("nothing to open");
    },
  });
  await broken.look();
  await broken.look();
});

test("after its close nothing is looked for and nothing opened", async () => {
  const test = rig();
  test.spools.left = ["a"];
  const looking = test.uploads.look();
  test.uploads.close();
  await looking;
  test.uploads.recorderGone();
  await test.advance(100_000);
  expect([opened(test), test.counts.looks, test.clock.pending]).toEqual([[], 1, 0]);
});
