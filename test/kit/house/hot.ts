import { functionsOf, type FunctionSpan } from "./functions.ts";
import { lineOf, type SourceFile } from "./source_file.ts";

interface HotBan {
  pattern: RegExp;
  what: string;
  instead: string;
}

/** What a file that runs per packet may not do anywhere. */
const everywhere: HotBan[] = [
  {
    pattern: /\basync\b|\bawait\b/g,
    what: "async or await",
    instead: "hand the result on by a callback or a flag",
  },
  { pattern: /\bJSON\./g, what: "JSON", instead: "read and write bytes at offsets" },
  {
    pattern: /\.(filter|forEach|reduce|flatMap)\s*\(|\.map\s*\([^()]*(\([^()]*\))?\s*=>/g,
    what: "a callback per element",
    instead: "a for loop",
  },
  {
    pattern: /\.(subarray|slice)\s*\(/g,
    what: "a view or copy per packet",
    instead: "pass (bytes, offset, length)",
  },
];

/** What its functions may not do; constructors and those that run when the graph changes may. */
const perPacket: HotBan[] = [
  { pattern: /\.\.\./g, what: "spread or rest", instead: "name the arguments" },
  { pattern: /=>/g, what: "a closure", instead: "a method or a function of the module" },
  {
    pattern: /(?:[=(,?&|[]|\breturn|=>)\s*\{(?!\s*\n?\s*\})/g,
    what: "an object literal",
    instead: "parallel typed arrays, or fields of an object made once",
  },
  {
    pattern: /(?:[=(,:?&|[]|\breturn)\s*\[/g,
    what: "an array literal",
    instead: "a typed array made once",
  },
  { pattern: /\bnew\s+\w+/g, what: "new", instead: "an object made when the graph changes" },
];

/** Names of functions that do not run per packet: they make, bind, look at or end something. */
const coldNames = /^#?(constructor|open|create|make|build|bind|start|close|release|stats|snapshot|describe)/;

/** Bans for files whose first line is `// hot`. A function with `// cold: why` above it runs when something changes. */
export function checkHot(files: SourceFile[]): string[] {
  return files.filter((file) => !file.isTest && /^\/\/ hot\b/.test(file.text)).flatMap((file) => {
    const functions = functionsOf(file).filter((span) => !isCold(file, span));
    const inside = functions.flatMap((span) => perPacket.flatMap((ban) => apply(file, ban, span)));
    const anywhere = everywhere.flatMap((ban) => apply(file, ban, null));
    return [...new Set([...anywhere, ...inside])];
  });
}

function apply(file: SourceFile, ban: HotBan, span: FunctionSpan | null): string[] {
  const start = span ? span.bodyStart + 1 : 0;
  const code = span ? file.code.slice(start, span.bodyEnd) : file.code;
  return [...code.matchAll(ban.pattern)]
    .filter((match) => span !== null || !inCold(file, match.index))
    .filter((match) => !isTypeOnly(code, match.index) && !endsInThrow(code, match.index))
    .map((match) =>
      `${file.path}:${lineOf(file.text, start + match.index)} (hot) has ${ban.what}: use ${ban.instead}`
    );
}

function isCold(file: SourceFile, span: FunctionSpan): boolean {
  return coldNames.test(span.name) || markedCold(file, span) || inCold(file, span.bodyStart);
}

function inCold(file: SourceFile, offset: number): boolean {
  return functionsOf(file).some((span) =>
    span.bodyStart < offset && offset < span.bodyEnd && (coldNames.test(span.name) || markedCold(file, span))
  );
}

/** The comment directly above the function. */
function markedCold(file: SourceFile, span: FunctionSpan): boolean {
  const lines = file.text.split("\n");
  for (let i = span.firstLine - 2; i >= 0 && /^\s*(\/\/|\*|\/\*\*)/.test(lines[i]); i--) {
    if (/\/\/ cold: \S/.test(lines[i])) return true;
  }
  return false;
}

const isTypeOnly = (code: string, at: number) =>
  /\b(as|type|interface)\s[^;\n]*$/.test(code.slice(Math.max(0, at - 60), at));
const endsInThrow = (code: string, at: number) => /\bthrow\s*$/.test(code.slice(Math.max(0, at - 10), at));
