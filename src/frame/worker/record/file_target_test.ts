import { afterEach, beforeEach, expect, test } from "vitest";
import { FileTarget } from "./file_target.ts";

let folder: string;
beforeEach(() => void (folder = Deno.makeTempDirSync()));
afterEach(() => Deno.removeSync(folder, { recursive: true }));

/** Writes a word, and gives how often the file was opened, and the kind of the fault that ended it. */
async function written(path: string) {
  let [opened, failed] = [0, 0];
  const target = new FileTarget(path, () => opened++, () => failed++);
  target.write(0, new TextEncoder().encode("new"));
  const fault = await target.finish();
  expect(failed).toBe(fault ? 1 : 0);
  expect(target.isOpen).toBe(opened === 1);
  return { opened, kind: fault?.kind ?? null };
}

test("a file is emptied and filled", async () => {
  Deno.writeTextFileSync(`${folder}/a`, "what was there");
  expect(await written(`${folder}/a`)).toEqual({ opened: 1, kind: null });
  expect(Deno.readTextFileSync(`${folder}/a`)).toBe("new");
});

test("nothing is written through a link, nor made where one leads", async () => {
  Deno.writeTextFileSync(`${folder}/outside`, "as before");
  Deno.symlinkSync(`${folder}/outside`, `${folder}/a`);
  Deno.symlinkSync(`${folder}/nothing`, `${folder}/b`);
  for (const name of ["a", "b"]) {
    expect(await written(`${folder}/${name}`)).toEqual({ opened: 0, kind: "RESOURCE_ERROR_OPEN" });
  }
  expect(Deno.readTextFileSync(`${folder}/outside`)).toBe("as before");
  expect(() => Deno.statSync(`${folder}/nothing`)).toThrow();
});

test("a file that another one writes is left to it", async () => {
  const first = Promise.withResolvers<void>();
  const target = new FileTarget(`${folder}/a`, first.resolve, () => {});
  target.write(0, new TextEncoder().encode("first"));
  await first.promise;
  expect(await written(`${folder}/a`)).toEqual({ opened: 0, kind: "RESOURCE_ERROR_OPEN" });
  expect(await target.finish()).toBeNull();
  expect(Deno.readTextFileSync(`${folder}/a`)).toBe("first");
});
