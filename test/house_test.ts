import { describe, expect, test } from "vitest";
import { checkBans, checkMessages } from "./kit/house/bans.ts";
import { codeOnly } from "./kit/house/code_only.ts";
import { checkFloors, checkPackages } from "./kit/house/floors.ts";
import { functionsOf } from "./kit/house/functions.ts";
import { checkHot } from "./kit/house/hot.ts";
import { checkDead, checkTested } from "./kit/house/presence.ts";
import { checkSizes, functionSizes } from "./kit/house/sizes.ts";
import { readSources, sourceFile } from "./kit/house/source_file.ts";

const root = new URL("..", import.meta.url).pathname;
const files = readSources(`${root}src`);
const tasks = Object.values<string>(JSON.parse(Deno.readTextFileSync(`${root}deno.json`)).tasks);

/** What the tests below test/ and their kit import of src/, by path below src/. */
const importedByTests = readSources(`${root}test`)
  .flatMap((file) => file.imports.map(({ target }) => target?.replace(/^(\.\.\/)*src\//, "") ?? ""));

const one = (path: string, text: string) => [sourceFile(path, text)];

describe("the house", () => {
  test("imports go strictly down, and into a room by its door", () => expect(checkFloors(files)).toEqual([]));
  test("packages of npm stay in their rooms", () => expect(checkPackages(files)).toEqual([]));
  test("banned calls stay at home", () => expect(checkBans(files)).toEqual([]));
  test("messages keep to their grammar", () => expect(checkMessages(files)).toEqual([]));
  test("files that run per packet allocate nothing", () => expect(checkHot(files)).toEqual([]));
  test("nothing is dead", () => expect(checkDead(files, tasks)).toEqual([]));
  test("logic has a test", () => expect(checkTested(files, importedByTests)).toEqual([]));
  test("functions, files and elements are small", () => {
    const { count, median, p90 } = functionSizes(files);
    console.log(
      `house: ${files.length} files, ${count} functions, median ${median} lines, 90 % within ${p90}`,
    );
    expect(checkSizes(files)).toEqual([]);
    expect(median).toBeLessThanOrEqual(10);
    expect(p90).toBeLessThanOrEqual(40);
  });
});

describe("the rule of floors", () => {
  test("names an import that goes up and what would be allowed", () => {
    expect(checkFloors(one("plane/route.ts", `import { rows } from "../command/mod.ts";`))).toEqual([
      "plane/route.ts imports command/mod.ts: plane (floor 2) may import rtp, graph, event, native, base, version.ts",
    ]);
  });

  test("sees imports of types, re-exports, dynamic imports and lists over several lines", () => {
    const text = `import type { A } from "../store/mod.ts";
      export { b } from "../store/mod.ts";
      const c = await import("../store/mod.ts");
      import {
        d,
        e as f,
      } from "../store/mod.ts";
      export * from "../store/mod.ts";
      import "../store/mod.ts";`;
    expect(checkFloors(one("plane/a.ts", text)).length).toBe(6);
  });

  test("does not see what stands in comments and strings", () => {
    const text = `// import a from "../store/mod.ts"\nconst b = 'import a from "../store/mod.ts"';`;
    expect(checkFloors(one("plane/a.ts", text))).toEqual([]);
  });

  test("keeps rooms of one floor apart", () => {
    expect(checkFloors(one("api/rest/a.ts", `import "../whip/mod.ts";`))[0]).toContain(
      "api/rest (floor 6) may import",
    );
    expect(checkFloors(one("peer/a.ts", `import "../plane/mod.ts";`))[0]).toContain(
      "peer (floor 2) may import rtp",
    );
  });

  test("lets a room be entered by its door only", () => {
    expect(checkFloors(one("plane/a.ts", `import "../rtp/header.ts";`))).toEqual([
      "plane/a.ts imports rtp/header.ts: rtp is entered by rtp/mod.ts",
    ]);
    expect(checkFloors(one("engine/a.ts", `import "../module/program.ts";`))).toEqual([]);
  });

  test("shows an element nothing but the SDK and itself", () => {
    const text =
      `import "../../module/stage.ts"; import "./a.ts"; import "../../base/mod.ts"; import "../other/mod.ts";`;
    expect(checkFloors(one("elements/mixer/mod.ts", text))).toEqual([
      "elements/mixer/mod.ts imports base/mod.ts: elements/mixer (floor 4) may import the doors of module and its own folder",
      "elements/mixer/mod.ts imports elements/other/mod.ts: elements/mixer (floor 4) may import the doors of module and its own folder",
    ]);
  });

  test("refuses what stands outside of src", () => {
    expect(checkFloors(one("plane/a.ts", `import "../../test/kit/clip.ts";`))[0]).toContain("stands in src/");
  });
});

test("the rule of packages names the rooms that may", () => {
  expect(
    checkPackages(one("plane/a.ts", `import { z } from "zod"; import "werift"; import "npm:left-pad@1";`)),
  ).toEqual([
    "plane/a.ts imports zod: only config.ts, graph, module, elements/, engine, command, api/, store may import zod",
    "plane/a.ts imports werift: only peer may import werift",
    "plane/a.ts imports npm:left-pad@1: only npm packages, by the bare name that deno.json gives",
  ]);
  expect(checkPackages(one("peer/a.ts", `import { RTCSctpTransport } from "werift";`))).toEqual([]);
});

test("the rule of bans says what to use instead, and where", () => {
  const text = `import { createSocket } from "node:dgram";
    setTimeout(run, 5);
    const at = Date.now() + Math.random();
    console.log(Deno.env.get("A"), \`\${performance.now()}\`);`;
  expect(checkBans(one("peer/a.ts", text))).toEqual([
    'peer/a.ts:1 uses "node:dgram": go through native/mod.ts',
    "peer/a.ts:4 uses Deno.env: take a setting from config.ts",
    "peer/a.ts:3 uses Date.now: take a Clock or nowMs (base/clock.ts)",
    "peer/a.ts:4 uses performance.now: take a Clock or nowMs (base/clock.ts)",
    "peer/a.ts:2 uses setTimeout: take a Clock or nowMs (base/clock.ts)",
    "peer/a.ts:4 uses console.: use createLog (base/log.ts)",
    "peer/a.ts:3 uses Math.random: use base/ids.ts",
  ]);
  expect(checkBans(one("base/clock.ts", "Date.now()"))).toEqual([]);
});

test("the rule of messages reads what AppError is given", () => {
  const text =
    `throw new AppError("internal", "cannot do it."); throw new AppError("internal", "Cannot do it");`;
  expect(checkMessages(one("engine/a.ts", text)).length).toBe(1);
});

describe("the rule of hot files", () => {
  const hot = (body: string) =>
    checkHot(one("plane/a.ts", `// hot\nfunction step(slot: number): void {\n${body}\n}\n`));

  test.each([
    ["const a = { slot };", "an object literal"],
    ["push([slot]);", "an array literal"],
    ["return [];", "an array literal"],
    ["call(...all);", "spread"],
    ["defer(() => slot);", "a closure"],
    ["const v = bytes.subarray(1);", "a view or copy"],
    ["all.filter(even);", "a callback per element"],
    ["all.map((a) => 2 * a);", "a callback per element"],
    ["JSON.parse(text);", "JSON"],
    ["await later;", "await"],
    ["const u = new Uint8Array(4);", "new"],
  ])("finds %s", (body, what) => {
    expect(hot(body).join("\n")).toContain(what);
    expect(checkHot(one("plane/a.ts", `function step(): void {\n${body}\n}`))).toEqual([]);
  });

  test("accepts what allocates nothing", () => {
    const body = `const row = table[slot];
      if (row < 0) { counters.unknown++; return; }
      for (let i = 0; i < count; i++) { out[base + i] = rows[row].bytes[i] & 0xff; }
      switch (kind) { case 1: { first(slot); break; } default: }`;
    expect(hot(body)).toEqual([]);
  });

  test("leaves constructors and what is marked cold alone", () => {
    const text = `// hot
class A {
  readonly table: Uint8Array;
  constructor() { this.table = new Uint8Array(4); }
  // cold: when the graph changes
  relink(): void { this.rows = [1, 2]; }
  step(): void { this.rows = [1]; }
}`;
    expect(checkHot(one("plane/a.ts", text))).toEqual([
      "plane/a.ts:7 (hot) has an array literal: use a typed array made once",
    ]);
  });
});

test("the rule of dead files follows imports and workers from main.ts", () => {
  const dead = checkDead([
    sourceFile("main.ts", `import "./plane/mod.ts";`),
    sourceFile("plane/mod.ts", `const worker = new Worker(new URL("./worker.ts", import.meta.url));`),
    sourceFile("plane/worker.ts", ""),
    sourceFile("plane/left.ts", ""),
    sourceFile("plane/left_test.ts", `import "./left.ts";`),
    sourceFile("api/rest/write_document.ts", ""),
  ], ["deno run -A src/api/rest/write_document.ts"]);
  expect(dead).toEqual(["plane/left.ts is dead: nothing that runs imports it, remove it or use it"]);
});

test("the rule of tests asks for one in the same room that leads to each file with logic", () => {
  const logic = `export function a(b: number): number {\n${"  b++;\n".repeat(8)}  return b;\n}`;
  const lacking = checkTested([
    sourceFile("rtp/a.ts", logic),
    sourceFile("rtp/b.ts", `import "./c.ts"; import "../plane/d.ts"; ${logic}`),
    sourceFile("rtp/c.ts", logic),
    sourceFile("rtp/packets_test.ts", `import { b } from "./b.ts";`),
    sourceFile("plane/d.ts", logic),
    sourceFile("plane/e.ts", logic),
    sourceFile("rtp/types.ts", "export interface A { b(c: number): void; }"),
  ], ["plane/e.ts"]);
  expect(lacking).toEqual([
    "rtp/a.ts has no test: write rtp/a_test.ts, or list where it is tested",
    "plane/d.ts has no test: write plane/d_test.ts, or list where it is tested",
  ]);
});

describe("the rule of sizes", () => {
  const long = `function long() {\n${"  step();\n".repeat(80)}}\n`;

  test("finds a long function, a long file and a long element", () => {
    expect(checkSizes(one("plane/a.ts", long))).toEqual([
      "plane/a.ts:1 long has 82 lines: 70 are the most, take a part out",
    ]);
    expect(checkSizes(one("plane/a.ts", "step();\n".repeat(501)))[0]).toContain("plane/a.ts has 501 lines");
    const halves = ["mod.ts", "stage.ts"].map((name) =>
      sourceFile(`elements/a/${name}`, "step();\n".repeat(401))
    );
    expect(checkSizes(halves)[0]).toContain("elements/a has 802 lines");
  });

  test("knows a function when it sees one", () => {
    const text = `
export async function first<T extends A<B>>(a: { b: number }, c = (d: number) => d): Promise<{ e: T }> {
  if (a) { return; }
  for (const x of y) { step(x); }
}
class C extends D {
  #count = 0;
  constructor(private a: number) { super(); }
  get value(): number { return this.#count; }
  async *walk(): AsyncGenerator<[number, string]> { yield [1, "}"]; }
  #hidden(a: string): asserts a is "x" { throw new Error(\`\${a} } {\`); }
  abstract none(a: number): void;
}
const arrow = (a: number): Record<string, number> => { return { a }; };
const short = (a: number) => a + 1;
const object = { method(a: number) { return a / 2; }, call: f((b) => { return /[}]{/.test(b); }) };
switch (a) { case b(c): { stop(); } }
const choice = a ? (b) : { c: 1 };
interface I { m(a: number): { b: number }; n(): void }
while (running()) { step(); }
`;
    expect(functionsOf(sourceFile("a.ts", text)).map((span) => span.name)).toEqual(
      ["first", "constructor", "value", "walk", "#hidden", "arrow", "method", "(arrow)"],
    );
  });
});

test("code is told from comments, strings, templates and regular expressions", () => {
  expect(codeOnly(`a("b // c") // d`)).toBe(`a("      ")     `);
  expect(codeOnly("`x${ y + `z${ q }` }w` + 1")).toBe("` ${ y + ` ${ q }` } ` + 1");
  expect(codeOnly(`a / b / c; d = /["'/]/.test(e)`)).toBe(`a / b / c; d = /     /.test(e)`);
  expect(codeOnly(`/* ' */ 'a\\'b' /* " */`)).toBe(`        '    '        `);
});
