import { codeOnly } from "./code_only.ts";

/** One file as the rules see it. */
export interface SourceFile {
  /** Below src/, with slashes: plane/route.ts. */
  path: string;
  text: string;
  /** The text without what stands in comments and strings; same offsets. */
  code: string;
  imports: Import[];
  isTest: boolean;
}

export interface Import {
  /** As written. */
  specifier: string;
  /** Below src/ for a relative import, else null. Begins with ../ when it leaves src/. */
  target: string | null;
  line: number;
  /** A module named for a worker: `new URL("./x.ts", import.meta.url)`. */
  byUrl: boolean;
}

/** Makes a source file of a text: a real one or one that a test of the rules invents. */
export function sourceFile(path: string, text: string): SourceFile {
  const code = codeOnly(text);
  return { path, text, code, imports: importsOf(path, text, code), isTest: /_(test|bench)\.ts$/.test(path) };
}

/** Every TypeScript file below `folder`, in order of path. */
export function readSources(folder: string, below = ""): SourceFile[] {
  const entries = [...Deno.readDirSync(`${folder}/${below}`)].sort((a, b) => a.name < b.name ? -1 : 1);
  return entries.flatMap((entry) => {
    const path = below + entry.name;
    if (entry.isDirectory) return entry.name === "vendor" ? [] : readSources(folder, `${path}/`);
    return path.endsWith(".ts") ? [sourceFile(path, Deno.readTextFileSync(`${folder}/${path}`))] : [];
  });
}

/** Line number, from 1. */
export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

const importForms = [
  /\bimport\s+(?:type\s+)?[\w$*{},\s]+?\bfrom\s*["']/g,
  /\bexport\s+(?:type\s+)?(?:\*(?:\s+as\s+[\w$]+)?|\{[\w$,\s]*\})\s*from\s*["']/g,
  /\bimport\s*["']/g,
  /\bimport\s*\(\s*["']/g,
];
const urlForm = /\bnew\s+URL\s*\(\s*["'](?=[^"']*["']\s*,\s*import\.meta\.url)/g;

/** The forms are looked for in the code, where a specifier is blank, and read from the text at the same place. */
function importsOf(path: string, text: string, code: string): Import[] {
  const found = importForms.flatMap((form) => matches(code, form).map((end) => ({ end, byUrl: false })));
  const urls = matches(code, urlForm).map((end) => ({ end, byUrl: true }));
  return [...found, ...urls].map(({ end, byUrl }) => {
    const specifier = text.slice(end, text.indexOf(text[end - 1], end));
    const target = specifier.startsWith(".") ? resolvePath(path, specifier) : null;
    return { specifier, target, line: lineOf(text, end), byUrl };
  });
}

const matches = (code: string, form: RegExp) => [...code.matchAll(form)].map((m) => m.index + m[0].length);

function resolvePath(from: string, specifier: string): string {
  const parts = from.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") parts.length > 0 && parts.at(-1) !== ".." ? parts.pop() : parts.push("..");
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}
