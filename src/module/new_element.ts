import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";

/** Files of a new element by path below its folder. `name` is in snake case: night_filter makes NightFilter. */
export function elementTemplate(name: string): Record<string, string> {
  const type = name.replace(/(^|_)([a-z0-9])/g, (_all, _start, letter: string) => letter.toUpperCase());
  return { "mod.ts": definition(type, name.replaceAll("_", "")), "mod_test.ts": unitTest(type) };
}

function definition(type: string, module: string): string {
  return `import { z } from "zod";
import { defineElement, emit, flowOperations, gives, keep, MediaElement, operation, settable } from "kaskado";

/** Hands media on untouched, and lets clients put marks into the event log. Change it into what you need. */
export default defineElement({
  type: "${type}",
  // Kurento's clients call the type "${module}.${type}".
  module: "${module}",
  extends: MediaElement,
  summary: "Hands media on untouched and takes marks",
  // What a client may give at creation.
  options: z.strictObject({ firstNumber: z.int().default(1) }),
  // What enters a sink pad leaves by the source pad of its kind.
  pads: { audio: "through", video: "through", data: "through" },
  properties: { prefix: settable("Put before the text of every mark", z.string(), "") },
  operations: {
    mark: operation("Tells followers of a moment, and gives the mark's number", {
      input: z.strictObject({ text: z.string() }),
      output: z.int(),
    }),
  },
  events: { Marked: z.object({ number: z.int(), text: z.string() }) },
  create: (ctx, options) => {
    const lastNumber = () => (ctx.kept().lastNumber as number | undefined) ?? options.firstNumber - 1;
    return {
      operations: {
        ...flowOperations(ctx),
        mark: ({ text }: { text: string }) => {
          const number = lastNumber() + 1;
          const marked = emit("Marked", { number, text: \`\${ctx.property("prefix")}\${text}\` });
          // Kept in the database: the count goes on after a restart.
          return gives(number, marked, keep({ lastNumber: number }));
        },
      },
    };
  },
});
`;
}

function unitTest(type: string): string {
  return `import { expect, test } from "vitest";
import ${type} from "./mod.ts";

test("options have defaults, and what is not an option is refused", () => {
  expect(${type}.options.parse({})).toEqual({ firstNumber: 1 });
  expect(${type}.options.safeParse({ firstNumbr: 2 }).success).toBe(false);
});
`;
}

/** Writes the template into a new folder of `directory`; refuses a bad name and a folder that is there. */
export async function newElement(name: string, directory: string): Promise<string> {
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name)) {
    throw new Error(
      `Cannot make an element "${name}": a name is snake case, such as night_filter, and gives the type NightFilter`,
    );
  }
  const folder = join(directory, name);
  if (await stat(folder).then(() => true, () => false)) {
    throw new Error(`Cannot make an element "${name}": ${folder} is there already, choose another name`);
  }
  await mkdir(folder, { recursive: true });
  for (const [file, text] of Object.entries(elementTemplate(name))) await writeFile(join(folder, file), text);
  return folder;
}

const usage = "deno task new element <snake_case_name> [directory, modules when left out]";

async function main([what, name, directory = "modules"]: string[]): Promise<void> {
  if (what !== "element" || name === undefined) throw new Error(`Cannot tell what to make: ${usage}`);
  const folder = await newElement(name, directory);
  process.stdout.write(
    `${folder} is there; start with KASKADO_MODULES_DIR=${directory} and it is an element type\n`,
  );
}

if (import.meta.main) {
  await main(process.argv.slice(2)).catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
}
