import { roomOf } from "./floors.ts";
import { functionsOf } from "./functions.ts";
import type { SourceFile } from "./source_file.ts";

/** Doors of rooms that are built and tested, and that nothing upstairs uses yet. It is to be empty again. */
const notMovedInto: string[] = [];

/** Files whose behaviour is tested elsewhere, each with where. */
const testedElsewhere: Record<string, string> = {};

/**
 * Files that nothing leads to. What runs starts at main.ts, at the doors of the elements and the SDK, at the programs
 * that deno.json's tasks name, and at modules that are named for workers.
 */
export function checkDead(files: SourceFile[], tasks: string[]): string[] {
  const byPath = new Map(files.filter((file) => !file.isTest).map((file) => [file.path, file]));
  const alive = new Set<string>();
  const waiting = [...byPath.keys()].filter((path) =>
    isRoot(path, byPath.has("main.ts"), tasks) || notMovedInto.includes(path)
  );
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (alive.has(path)) continue;
    alive.add(path);
    waiting.push(
      ...byPath.get(path)!.imports.flatMap(({ target }) => target && byPath.has(target) ? [target] : []),
    );
  }
  return [...byPath.keys()].filter((path) => !alive.has(path))
    .map((path) => `${path} is dead: nothing that runs imports it, remove it or use it`);
}

/**
 * Every file with logic is reached by a test of its room: one that stands in the room, or one below test/ that imports
 * the room (`entries`, paths below src/), and leads to it by imports inside of the room. What only whole-server tests
 * reach is listed with where.
 */
export function checkTested(files: SourceFile[], entries: string[] = []): string[] {
  const tests = files.filter((file) => file.isTest);
  const beside = tests.flatMap((test) =>
    test.imports.flatMap(({ target }) => target && roomOf(target) === roomOf(test.path) ? [target] : [])
  );
  const reached = reachedInsideRooms(files, [...beside, ...entries]);
  return files.filter((file) => !file.isTest && hasLogic(file)).map((file) => file.path)
    .filter((path) => !reached.has(path) && !(path in testedElsewhere))
    .map((path) =>
      `${path} has no test: write ${path.replace(/\.ts$/, "_test.ts")}, or list where it is tested`
    );
}

function reachedInsideRooms(files: SourceFile[], entries: string[]): Set<string> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const reached = new Set<string>();
  const waiting = entries.filter((path) => byPath.has(path));
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    const targets = byPath.get(path)!.imports.flatMap(({ target }) => target ?? []);
    waiting.push(...targets.filter((target) => byPath.has(target) && roomOf(target) === roomOf(path!)));
  }
  return reached;
}

function isRoot(path: string, hasMain: boolean, tasks: string[]): boolean {
  if (tasks.some((task) => task.includes(`src/${path}`))) return true;
  if (/^elements\/\w+\/(mod|stage|program)\.ts$/.test(path)) return true;
  // Programs of processes of their own, which are started by path.
  if (/^\w+\/worker\/main\.ts$/.test(path)) return true;
  if (/^module\/(mod|stage|program)\.ts$/.test(path)) return true;
  return hasMain
    ? path === "main.ts"
    : path === "config.ts" || path.endsWith("/mod.ts") || path.endsWith("/worker.ts");
}

/** More than one short function: a file of types, constants or one accessor needs no test of its own. */
function hasLogic(file: SourceFile): boolean {
  if (file.path === "main.ts" || file.path.endsWith("/mod.ts")) return false;
  return functionsOf(file).reduce((sum, span) => sum + span.lines, 0) > 6;
}
