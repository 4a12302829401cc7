import { lstat, realpath, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { AppError } from "../base/mod.ts";
import type { Recording } from "../graph/mod.ts";
import type { House } from "./house.ts";
import { contentTypeOf, partsOf, recordedTypeOf } from "./media_file.ts";
import { pageOf } from "./page.ts";
import type { Commands, Page, RecordingFile, RecordingView } from "./types.ts";

/** What is listed are the rows; whether a file is there, and how large, only the file system knows. */
export async function listRecordings(
  house: House,
  query: Parameters<Commands["listRecordings"]>[0],
): Promise<Page<RecordingView>> {
  const rows = house.store.recordings().map((row) => current(house, row)).filter((row) =>
    (query.pipelineId === undefined || row.pipelineId === query.pipelineId) &&
    (query.elementId === undefined || row.elementId === query.elementId) &&
    (query.state === undefined || row.state === query.state)
  );
  const page = pageOf(rows, query, (row) => row);
  const views = await Promise.all(page.items.map((row) => viewOf(house, row)));
  return { items: views.filter((view) => view !== null), nextCursor: page.nextCursor };
}

export async function getRecording(house: House, name: string): Promise<RecordingView> {
  return await viewOf(house, rowOf(house, name)) ?? missing(name);
}

export async function recordingFile(house: House, name: string, part?: string): Promise<RecordingFile> {
  const row = rowOf(house, name);
  const main = pathOf(house, row.id);
  if (part !== undefined && !(await partsOf(main, row.profile)).includes(part)) missing(`${name}/${part}`);
  const path = part === undefined ? main : join(dirname(main), part);
  const found = await fileAt(house, path) ?? missing(part === undefined ? name : `${name}/${part}`);
  const contentType = part === undefined ? recordedTypeOf(row) : contentTypeOf(path);
  return { path, contentType, sizeBytes: found.size, modifiedAtMs: found.mtimeMs };
}

/** The row goes last: what could not be removed stays listed. */
export async function deleteRecording(house: House, name: string): Promise<void> {
  const row = current(house, rowOf(house, name));
  if (row.state === "recording") {
    throw new AppError(
      "recording_active",
      `Cannot delete recording "${name}": it is still being written, stop its recorder first`,
    );
  }
  const path = pathOf(house, row.id);
  const isThere = await fileAt(house, path) !== null;
  const parts = isThere ? await partsOf(path, row.profile) : [];
  for (const each of [...parts, basename(path)]) await remove(house, join(dirname(path), each), name);
  house.store.commit({ removeRecordings: [row.id] });
  if (!isThere) missing(name);
}

function rowOf(house: House, name: string): Recording {
  return house.store.recording(name) ?? missing(name);
}

/** A recorder that is gone, or that a crash took the file from, writes no more. */
function current(house: House, row: Recording): Recording {
  if (row.state !== "recording") return row;
  const isAlive = house.engine.find(row.pipelineId)?.live(row.elementId) !== undefined;
  return isAlive ? row : { ...row, state: "interrupted" };
}

async function viewOf(house: House, kept: Recording): Promise<RecordingView | null> {
  const { id, createdAtMs, ...row } = current(house, kept);
  const path = pathOf(house, id);
  const found = await fileAt(house, path);
  if (!found) return null;
  const parts = await Promise.all(
    (await partsOf(path, row.profile)).map((part) => fileAt(house, join(dirname(path), part))),
  );
  const sizeBytes = parts.reduce((sum, part) => sum + (part?.size ?? 0), found.size);
  return { ...row, name: id, contentType: recordedTypeOf(kept), sizeBytes, startedAtMs: createdAtMs };
}

const pathOf = (house: House, name: string) => join(house.settings.mediaDir, name);

/** A plain file that is below the media folder whatever links stand on its way, or null. */
async function fileAt(house: House, path: string): Promise<{ size: number; mtimeMs: number } | null> {
  try {
    const [folder, root] = await Promise.all([realpath(dirname(path)), realpath(house.settings.mediaDir)]);
    if (folder !== root && !folder.startsWith(`${root}/`)) return null;
    const found = await lstat(path);
    return found.isFile() ? found : null;
  } catch {
    return null;
  }
}

async function remove(house: House, path: string, name: string): Promise<void> {
  if (await fileAt(house, path) === null) return;
  await rm(path, { force: true }).catch((error) => {
    throw new AppError(
      "unavailable",
      `Cannot delete recording "${name}": the system does not let go of ${
        basename(path)
      }, look at the folder's rights`,
      { internal: error },
    );
  });
}

function missing(name: string): never {
  throw new AppError(
    "recording_not_found",
    `Cannot find recording "${name}": no file of this name was recorded here, see /v1/recordings`,
  );
}
