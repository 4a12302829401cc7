import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../../base/mod.ts";
import { GrowingFile, isGrowing } from "./growing_file.ts";

let path: string;
beforeEach(() => void (path = Deno.makeTempFileSync()));
afterEach(() => Deno.removeSync(path));

/** As a recorder does. */
function writer() {
  const file = Deno.openSync(path, { write: true });
  expect(file.tryLockSync(true)).toBe(true);
  const write = (text: string) => void file.writeSync(new TextEncoder().encode(text));
  return { write, close: () => file.close() };
}

test("a file is given from its beginning to where its writer ends it, to those that know its path", async () => {
  const { write, close } = writer();
  write("one ");
  const file = new GrowingFile(path, systemClock, (bytes) => bytes);
  const response = await fetch(file.url);
  let text = "";
  const all = response.body!.pipeThrough(new TextDecoderStream()).pipeTo(
    new WritableStream({ write: (part) => void (text += part) }),
  );
  await expect.poll(() => text).toBe("one ");
  write("two ");
  await expect.poll(() => text).toBe("one two ");
  write("three");
  close();
  await all;
  expect(text).toBe("one two three");
  expect(await (await fetch(file.url)).text()).toBe(text);
  const other = await fetch(new URL("/other", file.url));
  expect([other.status, await other.text()]).toEqual([404, ""]);
  file.close();
  await expect(fetch(file.url)).rejects.toThrow();
});

test("who has it closed waits for its writer no longer", async () => {
  const { write, close } = writer();
  write("one");
  const file = new GrowingFile(path, systemClock, (bytes) => bytes);
  const text = fetch(file.url).then((response) => response.text());
  await new Promise((resolve) => setTimeout(resolve, 50));
  file.close();
  expect(await text).toBe("one");
  close();
});

test("a file grows for as long as it is locked; that is looked at without a trace", () => {
  expect([isGrowing(path), isGrowing(`${path}.none`)]).toEqual([false, false]);
  const { close } = writer();
  expect(isGrowing(path)).toBe(true);
  close();
  expect(isGrowing(path)).toBe(false);
  writer().close();
});
