import { networkInterfaces } from "node:os";
import { AppError, isLoopback } from "../../base/mod.ts";
import type { IceOptions } from "../types.ts";

type Wish = Pick<IceOptions, "networkInterfaces" | "externalIPv4" | "externalIPv6">;

/**
 * The addresses of a peer's host candidates: those that the server announces, or those of the wanted interfaces, with the
 * external ones in place of their family (static NAT), each once.
 *
 * Throws AppError gathering_failed when no wanted interface has an address.
 */
export function hostAddresses(announced: string[], wish: Wish, interfaces = networkInterfaces): string[] {
  const inner = wish.networkInterfaces.length > 0
    ? addressesOf(wish.networkInterfaces, interfaces())
    : announced;
  const outer = inner.map((address) => externalOf(address, wish));
  return [...new Set(outer)];
}

function externalOf(address: string, { externalIPv4, externalIPv6 }: Wish): string {
  // Clients on this machine reach loopback as it is; NAT knows nothing of it.
  if (isLoopback(address)) return address;
  return (address.includes(":") ? externalIPv6 : externalIPv4) || address;
}

function addressesOf(names: string[], all: ReturnType<typeof networkInterfaces>): string[] {
  const found = names.flatMap((name) => all[name] ?? []).map((entry) => entry.address)
    .filter((address) => !address.startsWith("fe80:"));
  if (found.length > 0) return found;
  throw new AppError(
    "gathering_failed",
    `Cannot gather candidates: no address on ${names.join(", ")} vs the interfaces ${
      Object.keys(all).join(", ")
    }, choose of these`,
  );
}
