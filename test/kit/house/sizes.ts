import { functionsOf } from "./functions.ts";
import { roomOf } from "./floors.ts";
import type { SourceFile } from "./source_file.ts";

const FUNCTION_LINES = 70;
const FILE_LINES = 500;
const ELEMENT_LINES = 800;

/** Tables and generated files, which are as long as what they list. */
const tables = new Set<string>([]);

/** Functions of at most 70 lines, files of at most 500, element folders of at most 800 without their tests. */
export function checkSizes(files: SourceFile[]): string[] {
  const sources = files.filter((file) => !file.isTest);
  return [...sources.flatMap(longFunctions), ...sources.flatMap(longFile), ...longElements(sources)];
}

/** Median and 90th percentile of function lengths in lines, for the report. */
export function functionSizes(files: SourceFile[]): { count: number; median: number; p90: number } {
  const sources = files.filter((file) => !file.isTest);
  const lines = sources.flatMap(functionsOf).map((span) => span.lines).sort((a, b) => a - b);
  const at = (share: number) => lines[Math.floor((lines.length - 1) * share)] ?? 0;
  return { count: lines.length, median: at(0.5), p90: at(0.9) };
}

function longFunctions(file: SourceFile): string[] {
  return functionsOf(file).filter((span) => span.lines > FUNCTION_LINES).map((span) =>
    `${file.path}:${span.firstLine} ${span.name} has ${span.lines} lines: ${FUNCTION_LINES} are the most, take a part out`
  );
}

function longFile(file: SourceFile): string[] {
  const lines = linesOf(file);
  if (lines <= FILE_LINES || tables.has(file.path)) return [];
  return [`${file.path} has ${lines} lines: ${FILE_LINES} are the most, it holds more than one idea`];
}

function longElements(sources: SourceFile[]): string[] {
  const sums = new Map<string, number>();
  for (const file of sources.filter(({ path }) => path.startsWith("elements/"))) {
    sums.set(roomOf(file.path), (sums.get(roomOf(file.path)) ?? 0) + linesOf(file));
  }
  return [...sums].filter(([, lines]) => lines > ELEMENT_LINES).map(([folder, lines]) =>
    `${folder} has ${lines} lines: ${ELEMENT_LINES} are the most for an element, its parts belong below`
  );
}

const linesOf = (file: SourceFile) => file.text.trimEnd().split("\n").length;
