import { lineOf, type SourceFile } from "./source_file.ts";

/** One function with a block body. */
export interface FunctionSpan {
  name: string;
  /** From 1. */
  firstLine: number;
  lines: number;
  /** Offsets of the body's braces. */
  bodyStart: number;
  bodyEnd: number;
}

const notFunctions = new Set(["if", "for", "while", "switch", "catch", "with", "await"]);

/** Every function, method, accessor and block-bodied arrow of the file, nested ones too. */
export function functionsOf(file: SourceFile): FunctionSpan[] {
  const { code } = file;
  const spans: FunctionSpan[] = [];
  for (let open = code.indexOf("("); open >= 0; open = code.indexOf("(", open + 1)) {
    const name = nameBefore(code, open);
    if (notFunctions.has(name)) continue;
    const close = closing(code, open);
    const body = close < 0 ? -1 : bodyAfter(code, close + 1);
    if (body < 0) continue;
    const end = closing(code, body);
    const firstLine = lineOf(code, open);
    const lines = lineOf(code, end < 0 ? code.length : end) - firstLine + 1;
    spans.push({ name: name || "(arrow)", firstLine, lines, bodyStart: body, bodyEnd: end });
  }
  return spans;
}

/** Offset of the bracket that closes the one at `open`, -1 when none does. */
function closing(code: string, open: number): number {
  let depth = 0;
  for (let i = open; i < code.length; i++) {
    if ("([{".includes(code[i])) depth++;
    else if (")]}".includes(code[i]) && --depth === 0) return i;
  }
  return -1;
}

/**
 * Offset of the body's brace after a parameter list, -1 when it was no parameter list: a body follows at once, or after
 * a return type, or after `=>`.
 */
function bodyAfter(code: string, at: number): number {
  let previous = ")";
  for (let i = at; i < code.length; i++) {
    const char = code[i];
    if (/\s/.test(char)) continue;
    if (char === "=" && code[i + 1] === ">") {
      previous = "=>";
      i++;
    } else if (char === "{") {
      if (previous === "=>" || /[\w$>)\]}"'`]$/.test(previous)) return i;
      i = closing(code, i);
      previous = "}";
    } else if (char === "(" || char === "[") {
      if (previous === ")") return -1;
      i = closing(code, i);
      previous = code[i];
    } else if (char === ":" ? previous !== ")" : !/[\w$<>|&."'`,]/.test(char)) return -1;
    else if (previous === ")" && char !== ":") return -1;
    else if (char === "," && !insideTypeArguments(code, at, i)) return -1;
    else previous = char;
    if (i < 0) return -1;
  }
  return -1;
}

function insideTypeArguments(code: string, from: number, at: number): boolean {
  const text = code.slice(from, at).replaceAll("=>", "");
  return text.split("<").length > text.split(">").length;
}

/** The word before a parameter list, without type parameters; for an arrow, the name it is given. */
function nameBefore(code: string, open: number): string {
  const before = code.slice(Math.max(0, open - 200), open);
  const direct = /([#\w$]+)\s*(?:<[^()]*>)?\s*$/.exec(before)?.[1] ?? "";
  if (direct && direct !== "async" && direct !== "function" && direct !== "return") return direct;
  return /([#\w$]+)\s*(?::[^=;]*)?[=:]\s*(?:async\s*)?(?:function\s*)?$/.exec(before)?.[1] ?? "";
}
