import { manifestExtension, spoolFolder } from "./spool_names.ts";

/** The spools of a folder of media, by whether somebody takes care of them. */
export interface FoundSpools {
  /** Nobody does. */
  left: string[];
  /** A recorder still fills them, or sends what is in them. */
  held: string[];
}

/** Looks for spools; those that are known already are left alone, as a look at one holds it for a moment. */
export async function findSpools(
  mediaDir: string,
  isKnown: (spool: string) => boolean,
): Promise<FoundSpools> {
  const found: FoundSpools = { left: [], held: [] };
  for (const spool of await spoolsIn(`${mediaDir}/${spoolFolder}`)) {
    if (isKnown(spool)) continue;
    const isFree = await isUnlocked(`${spoolPath(mediaDir, spool)}${manifestExtension}`);
    if (isFree !== null) found[isFree ? "left" : "held"].push(spool);
  }
  return found;
}

/** The folder of the files of a spool. */
export const spoolPath = (mediaDir: string, spool: string): string => `${mediaDir}/${spoolFolder}/${spool}`;

async function spoolsIn(folder: string): Promise<string[]> {
  const spools: string[] = [];
  try {
    for await (const { name, isFile } of Deno.readDir(folder)) {
      if (isFile && name.endsWith(manifestExtension)) spools.push(name.slice(0, -manifestExtension.length));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return spools.sort();
}

/** Null where it is gone meanwhile. What cannot be opened counts too: who sends it says what is wrong with it. */
async function isUnlocked(path: string): Promise<boolean | null> {
  try {
    using file = await Deno.open(path, { read: true, write: true });
    return await file.tryLock(true);
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? null : true;
  }
}
