/**
 * The text with the contents of comments, strings, templates and regular expressions blanked out, so that a rule that
 * looks for words sees code only. Length, line breaks and quotes stay where they are; `${…}` keeps its code.
 */
export function codeOnly(text: string): string {
  const out = text.split("");
  const blank = (from: number, to: number) => {
    for (let i = from; i < to && i < out.length; i++) if (out[i] !== "\n") out[i] = " ";
  };
  scanCode(text, 0, "", blank);
  return out.join("");
}

type Blank = (from: number, to: number) => void;

/** Scans code from `at` until `end` closes it (for `${`, a brace) or the text ends; returns where it stopped. */
function scanCode(text: string, at: number, end: "" | "}", blank: Blank): number {
  let depth = 0;
  while (at < text.length) {
    const char = text[at];
    if (end && char === "}" && depth === 0) return at;
    if (char === "{") depth++;
    if (char === "}") depth--;
    at = skipNonCode(text, at, blank) ?? at + 1;
  }
  return at;
}

/** Blanks the comment, string, template or regular expression that starts at `at`; null when none does. */
function skipNonCode(text: string, at: number, blank: Blank): number | null {
  const char = text[at];
  if (char === '"' || char === "'") return skipQuoted(text, at, char, blank);
  if (char === "`") return skipTemplate(text, at, blank);
  if (char !== "/") return null;
  if (text[at + 1] === "/") return skipTo(text, at, "\n", 0, blank);
  if (text[at + 1] === "*") return skipTo(text, at, "*/", 2, blank);
  return mayStartRegExp(text, at) ? skipRegExp(text, at, blank) : null;
}

function skipTo(text: string, at: number, mark: string, length: number, blank: Blank): number {
  const found = text.indexOf(mark, at + length);
  const end = found < 0 ? text.length : found + length;
  blank(at, end);
  return end;
}

function skipQuoted(text: string, at: number, quote: string, blank: Blank): number {
  let i = at + 1;
  while (i < text.length && text[i] !== quote && text[i] !== "\n") i += text[i] === "\\" ? 2 : 1;
  blank(at + 1, i);
  return i + 1;
}

function skipTemplate(text: string, at: number, blank: Blank): number {
  let from = at + 1;
  let i = from;
  while (i < text.length && text[i] !== "`") {
    if (text.startsWith("${", i)) {
      blank(from, i);
      i = from = scanCode(text, i + 2, "}", blank) + 1;
    } else i += text[i] === "\\" ? 2 : 1;
  }
  blank(from, i);
  return i + 1;
}

function skipRegExp(text: string, at: number, blank: Blank): number {
  let inClass = false;
  let i = at + 1;
  for (; i < text.length && (inClass || text[i] !== "/") && text[i] !== "\n"; i++) {
    if (text[i] === "[") inClass = true;
    if (text[i] === "]") inClass = false;
    if (text[i] === "\\") i++;
  }
  blank(at + 1, i);
  return i + 1;
}

/** A slash divides after a value and starts a regular expression anywhere else. */
function mayStartRegExp(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 40), at).trimEnd();
  if (before === "") return true;
  if (/\b(return|typeof|case|in|of|void|delete|throw|new|await|yield|else|do)$/.test(before)) return true;
  return !/[\w$)\]}"'`]$/.test(before);
}
