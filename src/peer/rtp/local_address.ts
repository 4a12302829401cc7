import { AppError, isLoopback } from "../../base/mod.ts";

/**
 * The address of this server to tell a peer that is at `remote`, or nowhere yet (null): of the peer's family, else of the
 * wished one; a loopback address where the peer has one, for what is sent to another would not come from there.
 *
 * Throws AppError sdp_unacceptable when this server has no address of that family.
 */
export function localAddress(addresses: string[], remote: string | null, useIpv6: boolean): string {
  const ipv6 = remote === null ? useIpv6 : remote.includes(":");
  const ofFamily = addresses.filter((address) => address.includes(":") === ipv6);
  const near = remote !== null && isLoopback(remote);
  const found = ofFamily.find((address) => isLoopback(address) === near) ?? ofFamily[0];
  if (found !== undefined) return found;
  throw new AppError(
    "sdp_unacceptable",
    `Cannot tell where media is to be sent: this server has ${addresses.join(", ")} vs an ${
      ipv6 ? "IPv6" : "IPv4"
    } address, announce one in KASKADO_ANNOUNCED_ADDRESSES`,
  );
}
