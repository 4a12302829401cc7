import { afterEach, beforeEach, expect, test } from "vitest";
import { availableParallelism } from "node:os";
import process from "node:process";
import { openHouse, refusalOf, type TestHouse } from "../../../test/kit/house.ts";
import { serverObjectId } from "../mod.ts";

let house: TestHouse;
beforeEach(async () => void (house = await openHouse()));
afterEach(() => house.close());

const ask = (operation: string, input: object = {}) =>
  house.commands.invoke(serverObjectId, operation, input);

test("processors and memory of the process are told", async () => {
  expect(await ask("getCpuCount")).toBe(availableParallelism());
  const kib = await ask("getUsedMemory") as number;
  expect(kib).toBeGreaterThan(10_000);
  expect(kib).toBeLessThan(Deno.systemMemoryInfo().total / 1024);
});

test("processor time is measured over the interval, in percent of one processor", async () => {
  const before = process.cpuUsage();
  const answer = ask("getUsedCpu", { interval: 1000 }) as Promise<number>;
  while (process.cpuUsage(before).user < 100_000) Math.sqrt(2);
  house.clock.advance(1000);
  const percent = await answer;
  expect(percent).toBeGreaterThan(9);
  expect(percent).toBeLessThan(100);
});

test("a measurement is over when its interval is, and keeps nobody waiting", async () => {
  const answer = ask("getUsedCpu");
  let isDone = false;
  answer.then(() => isDone = true);
  house.clock.advance(999);
  await house.quiet();
  expect(isDone).toBe(false);
  expect((await house.commands.createPipeline({})).version).toBe(1);
  house.clock.advance(1);
  expect(await answer).toBeGreaterThanOrEqual(0);
});

test.each([0, -1, 60_001, 1.5])("an interval of %s ms is refused", async (interval) => {
  expect(["body_invalid", "value_unacceptable"]).toContain(
    (await refusalOf(ask("getUsedCpu", { interval }))).code,
  );
});

test("an interface description is JSON text, of modules that are there", async () => {
  expect(JSON.parse(await ask("getKmd", { moduleName: "core" }) as string)).toMatchObject({ name: "core" });
  expect((await refusalOf(ask("getKmd", { moduleName: "x" }))).code).toBe("module_not_found");
});

test("the server has no operations but its own", async () => {
  expect((await refusalOf(ask("dance"))).code).toBe("operation_not_found");
});
