import { lookup } from "node:dns/promises";
import type { RecordSpec } from "../../types.ts";
import { percentDecoded } from "../percent_decoded.ts";
import { isPrivateAddress } from "../public_address.ts";
import { repairPlaylists } from "./playlist_repair.ts";
import type { ProfilePlan } from "./profile.ts";
import { fileFault, RecordFault } from "./record_fault.ts";

/** Where recordings wait for their upload, below the folder of media. */
const SPOOL_FOLDER = ".uploads";

/** Where an upload goes: the address that its name had when it was looked at, and no other. */
export interface UploadPlace {
  url: URL;
  address: string;
  family: 4 | 6;
}

/** Where the files of one recording go, by their numbers. */
export interface Destination {
  /** Path of the first or only file, or of the playlist. */
  readonly mainPath: string;
  /** Path of file `number`, from 1. */
  partPath(number: number): string;
  /** Of a finished file; null where it stays. */
  upload(path: string): UploadPlace | null;
  /** Removes what was made for the way only. */
  close(): Promise<void>;
}

export interface DestinationWish {
  spec: RecordSpec;
  plan: ProfilePlan;
  /** Put behind the name, so that what an earlier worker has written stays; empty for the first. */
  suffix: string;
  /** Name of the folder in which uploads wait. */
  token: string;
}

/** Reads the URI, by the operator's rules, and makes the folders. Throws RecordFault. */
export async function openDestination(wish: DestinationWish): Promise<Destination> {
  const { spec } = wish;
  const match = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(spec.uri);
  if (!match) {
    throw new RecordFault("INVALID_URI", `Cannot record to "${spec.uri}": it is no URI with a scheme`);
  }
  const scheme = match[1].toLowerCase();
  if (!["file", "http", "https"].includes(scheme) || !spec.allowedSchemes.includes(scheme)) {
    const allowed = spec.allowedSchemes.filter((name) => /^(file|https?)$/.test(name)).join(", ");
    throw new RecordFault("INVALID_URI", `Cannot record to ${scheme}: vs one of those allowed (${allowed})`);
  }
  return scheme === "file" ? await fileDestination(match[2], wish) : await uploadDestination(wish);
}

async function fileDestination(rest: string, wish: DestinationWish): Promise<Destination> {
  const path = percentDecoded(rest);
  const { mediaDir } = wish.spec;
  const root = mediaDir.replace(/\/$/, "");
  const isBelow = path.startsWith(`${root}/`) && !path.split("/").includes("..") && !/[\0]|\/$/.test(path);
  if (!isBelow) throw new RecordFault("INVALID_URI", `Cannot record to "${path}": only below ${root}`);
  const folder = path.slice(0, path.lastIndexOf("/"));
  await makeFolder(folder, root);
  const names = fileNames(path.slice(folder.length + 1), wish);
  await refuseStrangePlace(`${folder}/${names.main}`);
  if (wish.plan.hasPlaylist && wish.suffix !== "") {
    await repairPlaylists(folder, names.stem, names.playlistExtension);
  }
  return {
    mainPath: `${folder}/${names.main}`,
    partPath: (number) => `${folder}/${names.part(number)}`,
    upload: () => null,
    close: () => Promise.resolve(),
  };
}

async function uploadDestination(wish: DestinationWish): Promise<Destination> {
  const { spec, token } = wish;
  const url = URL.parse(spec.uri);
  if (!url) throw new RecordFault("INVALID_URI", `Cannot record to "${withoutUser(spec.uri)}": it is no URL`);
  const place = await placeOf(url, spec.allowPrivateHosts);
  const slash = url.pathname.lastIndexOf("/");
  const names = fileNames(percentDecoded(url.pathname.slice(slash + 1)) || "recording", wish);
  const root = spec.mediaDir.replace(/\/$/, "");
  const folder = `${root}/${SPOOL_FOLDER}/${token}`;
  await makeFolder(folder, root);
  const upload = (path: string): UploadPlace => {
    const target = new URL(url);
    const name = path.slice(path.lastIndexOf("/") + 1);
    target.pathname = `${url.pathname.slice(0, slash + 1)}${encodeURIComponent(name)}`;
    return { ...place, url: target };
  };
  return {
    mainPath: `${folder}/${names.main}`,
    partPath: (number) => `${folder}/${names.part(number)}`,
    upload,
    // A playlist is of no use where the files are not; what could not be put anywhere is kept.
    close: async () => {
      if (wish.plan.hasPlaylist) await Deno.remove(`${folder}/${names.main}`).catch(() => {});
      await Deno.remove(folder).catch(() => {});
    },
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
    /** Without what marks a continuation. */
    stem: bare,
    playlistExtension,
    main: plan.hasPlaylist ? playlist : isSegmented ? numbered(1) : single,
    part: (number: number) => isSegmented || number > 1 ? numbered(number) : single,
  };
}

async function makeFolder(folder: string, root: string): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true });
    const [real, realRoot] = await Promise.all([Deno.realPath(folder), Deno.realPath(root)]);
    if (real === realRoot || real.startsWith(`${realRoot}/`)) return;
  } catch (error) {
    throw fileFault(error, `make ${folder}`, "RESOURCE_ERROR_OPEN");
  }
  throw new RecordFault("INVALID_URI", `Cannot record to "${folder}": a link leads out of ${root}`);
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

async function placeOf(url: URL, allowPrivateHosts: boolean): Promise<Omit<UploadPlace, "url">> {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  let addresses: { address: string; family: number }[];
  try {
    addresses = await lookup(host, { all: true });
  } catch {
    throw new RecordFault("RESOURCE_ERROR_OPEN", `Cannot record to "${host}": the name has no address`);
  }
  const allowed = addresses.filter(({ address }) => allowPrivateHosts || !isPrivateAddress(address));
  if (allowed.length === 0) {
    const why = "it is in a private network, allow those to do so";
    throw new RecordFault("INVALID_URI", `Cannot record to "${host}": ${why}`);
  }
  return { address: allowed[0].address, family: allowed[0].family === 6 ? 6 : 4 };
}

const withoutUser = (uri: string) => uri.replace(/\/\/[^@/]*@/, "//");
