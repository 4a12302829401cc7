import { lookup } from "node:dns/promises";
import type { MediaRules } from "../../types.ts";
import { isPrivateAddress } from "../public_address.ts";
import { RecordFault } from "./record_fault.ts";
import { withoutSecrets } from "../without_secrets.ts";

/** Where an upload goes: the address that its name had when it was looked at, and no other. */
export interface UploadPlace {
  url: URL;
  address: string;
  family: 4 | 6;
}

/** Where the files of one recording are put. */
export interface UploadTarget {
  /** Last part of the path of the URL, as it stands there. */
  readonly name: string;
  /** Of a file of this name, beside the one that the URL names. */
  placeOf(name: string): UploadPlace;
}

/** Looks at the URL by the operator's rules. Throws RecordFault. */
export async function openUploadTarget(uri: string, rules: MediaRules): Promise<UploadTarget> {
  requireScheme(uri, rules, ["http", "https"]);
  const url = URL.parse(uri);
  if (!url) throw new RecordFault("INVALID_URI", `Cannot record to "${withoutSecrets(uri)}": it is no URL`);
  const address = await addressOf(url, rules.allowPrivateHosts);
  const folder = url.pathname.slice(0, url.pathname.lastIndexOf("/") + 1);
  return {
    name: url.pathname.slice(folder.length),
    placeOf: (name) => {
      const target = new URL(url);
      target.pathname = `${folder}${encodeURIComponent(name)}`;
      return { ...address, url: target };
    },
  };
}

/** The scheme of a URI in lower case, which has to be one of these and allowed. Throws RecordFault. */
export function requireScheme(uri: string, { allowedSchemes }: MediaRules, known: string[]): string {
  const match = /^([a-z][a-z0-9+.-]*):\/\//is.exec(uri);
  if (!match) {
    const shown = withoutSecrets(uri);
    throw new RecordFault("INVALID_URI", `Cannot record to "${shown}": it is no URI with a scheme`);
  }
  const scheme = match[1].toLowerCase();
  if (known.includes(scheme) && allowedSchemes.includes(scheme)) return scheme;
  const allowed = allowedSchemes.filter((name) => known.includes(name)).join(", ");
  throw new RecordFault("INVALID_URI", `Cannot record to ${scheme}: vs one of those allowed (${allowed})`);
}

/** The URL without what is secret in it. */
export const openly = ({ url }: UploadPlace): string =>
  Object.assign(new URL(url), { username: "", password: "", search: "" }).href;

async function addressOf(url: URL, allowPrivateHosts: boolean): Promise<Omit<UploadPlace, "url">> {
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
