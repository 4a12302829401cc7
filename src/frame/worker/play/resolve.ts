import { lookup } from "node:dns/promises";
import { isPrivateAddress } from "../public_address.ts";
import { MediaFault } from "./media_fault.ts";

/** Finds the address of a host to connect to; throws MediaFault where there is none, or none that may be reached. */
export type Resolve = (host: string) => Promise<string>;

/** The first address of a host, whatever it is. */
export const anyAddressOf: Resolve = async (host) => (await addressesOf(host))[0];

/** The first address of a host, when all its addresses are public. */
export const publicAddressOf: Resolve = async (host) => {
  const addresses = await addressesOf(host);
  if (!addresses.some(isPrivateAddress)) return addresses[0];
  throw new MediaFault(
    "INVALID_URI",
    `Cannot play from "${host}": it is in a private network, and those are not allowed`,
  );
};

async function addressesOf(host: string): Promise<string[]> {
  const found = await lookup(host, { all: true }).catch(() => []);
  if (found.length > 0) return found.map(({ address }) => address);
  throw new MediaFault("RESOURCE_ERROR_OPEN", `Cannot play from "${host}": the name has no address`);
}
