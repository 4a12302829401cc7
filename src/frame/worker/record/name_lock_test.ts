import { expect, test } from "vitest";
import { NameLock } from "./name_lock.ts";

test("one at a time has a name, and leaves nothing behind", async () => {
  const folder = Deno.makeTempDirSync();
  const first = await NameLock.take(folder, "live.m3u8");
  await expect(NameLock.take(folder, "live.m3u8")).rejects.toMatchObject({
    kind: "RESOURCE_ERROR_OPEN",
    message: `Cannot write to ${folder}/live.m3u8: another recorder does`,
  });
  const other = await NameLock.take(folder, "other.m3u8");
  await first.close();
  await other.close();
  expect([...Deno.readDirSync(folder)]).toEqual([]);
  await (await NameLock.take(folder, "live.m3u8")).close();
  await expect(NameLock.take(`${folder}/none`, "live.m3u8")).rejects.toMatchObject({
    kind: "RESOURCE_ERROR_OPEN",
  });
  Deno.removeSync(folder);
});

test("what was left by a process that was killed holds nobody, and a link is not followed", async () => {
  const folder = Deno.makeTempDirSync();
  Deno.writeTextFileSync(`${folder}/.a.m3u8.lock`, "");
  Deno.symlinkSync(`${folder}/outside`, `${folder}/.b.m3u8.lock`);
  for (const name of ["a.m3u8", "b.m3u8"]) await (await NameLock.take(folder, name)).close();
  expect([...Deno.readDirSync(folder)]).toEqual([]);
  Deno.removeSync(folder);
});
