import { srtpProfiles } from "../../../src/peer/dtls/hello.ts";

/** Makes this process' DTLS clients offer one protection profile alone. The table is a constant of the server's. */
export function offerOnly(profile: string): void {
  const table = srtpProfiles as unknown as { profile: string }[];
  const found = table.find((entry) => entry.profile === profile);
  if (!found) {
    throw new Error(`Cannot offer ${profile}: the profiles are ${table.map((entry) => entry.profile)}`);
  }
  table.splice(0, table.length, found);
}
