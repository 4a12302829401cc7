import type { RecordSpec } from "../../types.ts";
import { percentDecoded } from "../percent_decoded.ts";
import { repairPlaylists } from "./playlist_repair.ts";
import { NameClaim } from "./name_claim.ts";
import { NameLock } from "./name_lock.ts";
import type { ProfilePlan } from "./profile.ts";
import { fileFault, RecordFault } from "./record_fault.ts";
import { makeFolder, Spool } from "./spool.ts";
import { openUploadTarget, requireScheme, type UploadPlace } from "./upload_target.ts";

/** Where the files of one recording go, by their numbers. */
export interface Destination {
  /** Path of the first or only file, or of the playlist. */
  readonly mainPath: string;
  /** Path of file `number`, from 1. */
  partPath(number: number): string;
  /** Of a finished file; null where it stays. */
  upload(path: string): UploadPlace | null;
  /** Removes what was made for the way only; what has not gone it leaves for another to send. */
  close(): Promise<void>;
}

export interface DestinationWish {
  spec: RecordSpec;
  plan: ProfilePlan;
  /** Put behind the name, so that what an earlier worker has written stays; empty for the first. */
  suffix: string;
  /** Only what is in work is still written: another recorder may wait for the name. */
  isEnding(): boolean;
}

/**
 * Reads the URI, by the operator's rules, and makes the folders. Of calls that name one file the first gets it. Throws
 * RecordFault.
 */
export async function openDestination(wish: DestinationWish): Promise<Destination> {
  const { spec } = wish;
  const scheme = requireScheme(spec.uri, spec, ["file", "http", "https"]);
  if (scheme !== "file") return await uploadDestination(wish);
  return await fileDestination(spec.uri.slice("file://".length), wish);
}

async function fileDestination(rest: string, wish: DestinationWish): Promise<Destination> {
  const path = percentDecoded(rest);
  const { mediaDir } = wish.spec;
  const root = mediaDir.replace(/\/$/, "");
  const isBelow = path.startsWith(`${root}/`) && !path.split("/").includes("..") && !/[\0]|\/$/.test(path);
  if (!isBelow) throw new RecordFault("INVALID_URI", `Cannot record to "${path}": only below ${root}`);
  const folder = path.slice(0, path.lastIndexOf("/"));
  const names = fileNames(path.slice(folder.length + 1), wish);
  const mainPath = `${folder}/${names.main}`;
  const claim = await NameClaim.take(mainPath, wish.isEnding);
  try {
    await makeFolder(folder, root);
    await refuseStrangePlace(mainPath);
    const lock = names.areMany ? await NameLock.take(folder, names.main) : null;
    if (wish.plan.hasPlaylist && wish.suffix !== "") {
      await repairPlaylists(folder, names.stem, names.playlistExtension);
    }
    return {
      mainPath,
      partPath: (number) => `${folder}/${names.part(number)}`,
      upload: () => null,
      close: async () => {
        await lock?.close();
        claim.release();
      },
    };
  } catch (error) {
    claim.release();
    throw error;
  }
}

async function uploadDestination(wish: DestinationWish): Promise<Destination> {
  const { spec, plan } = wish;
  const target = await openUploadTarget(spec.uri, spec);
  const names = fileNames(percentDecoded(target.name) || "recording", wish);
  const playlist = plan.hasPlaylist ? names.main : null;
  const spool = await Spool.make(spec.mediaDir, { uri: spec.uri, profile: spec.profile, playlist });
  return {
    mainPath: `${spool.folder}/${names.main}`,
    partPath: (number) => `${spool.folder}/${names.part(number)}`,
    upload: (path) => target.placeOf(path.slice(path.lastIndexOf("/") + 1)),
    close: async () => void await spool.close(),
  };
}

/** A slash in a name of the URL would lead out of the folder. */
function fileNames(given: string, { spec, plan, suffix }: DestinationWish) {
  const name = given.replaceAll("/", "_");
  const dot = name.lastIndexOf(".");
  const bare = dot > 0 ? name.slice(0, dot) : name;
  const stem = `${bare}${suffix}`;
  const own = dot > 0 ? name.slice(dot + 1) : "";
  const isSegmented = spec.segmentMs !== null || spec.segmentBytes !== null || plan.hasPlaylist;
  const extension = plan.hasPlaylist || own === "" ? plan.extension : own;
  const numbered = (number: number) => `${stem}-${String(number).padStart(5, "0")}.${extension}`;
  const playlistExtension = own || "m3u8";
  const playlist = `${stem}.${playlistExtension}`;
  const single = own === "" ? stem : `${stem}.${own}`;
  return {
    areMany: isSegmented,
    /** Without what marks a continuation. */
    stem: bare,
    playlistExtension,
    main: plan.hasPlaylist ? playlist : isSegmented ? numbered(1) : single,
    part: (number: number) => isSegmented || number > 1 ? numbered(number) : single,
  };
}

/** Only a file of its own is written to, no link, device or folder; and whether that may be is known at once. */
async function refuseStrangePlace(path: string): Promise<void> {
  const found = await Deno.lstat(path).catch(() => null);
  if (found && !found.isFile) {
    throw new RecordFault(
      "RESOURCE_ERROR_OPEN",
      `Cannot record to "${path}": something other than a file is there`,
    );
  }
  try {
    (await Deno.open(path, { write: true, create: true })).close();
    if (!found) await Deno.remove(path);
  } catch (error) {
    throw fileFault(error, `make ${path}`, "RESOURCE_ERROR_OPEN");
  }
}
