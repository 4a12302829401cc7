import { availableParallelism } from "node:os";
import process from "node:process";
import { AppError } from "../../base/mod.ts";
import type { House } from "../house.ts";

const longestIntervalMs = 60_000;

/** Processors that this process may use. */
export function getCpuCount(): number {
  return availableParallelism();
}

/** Resident memory of this process in KiB. */
export function getUsedMemory(): number {
  return Math.round(process.memoryUsage().rss / 1024);
}

/** Processor time that this process uses during the next `interval` milliseconds, in percent of one processor. */
export async function getUsedCpu(house: House, _object: unknown, { interval = 1000 }): Promise<number> {
  if (interval < 1 || interval > longestIntervalMs) {
    throw new AppError(
      "value_unacceptable",
      `Cannot measure for ${interval} ms: an interval is 1 to ${longestIntervalMs} ms`,
    );
  }
  const before = { atMs: house.clock.now(), cpu: process.cpuUsage() };
  await new Promise<void>((resolve) => void house.clock.after(interval, resolve));
  const { user, system } = process.cpuUsage(before.cpu);
  const elapsedMs = Math.max(1, house.clock.now() - before.atMs);
  return (user + system) / 1000 / elapsedMs * 100;
}
