import type { SocketAddress } from "../base/mod.ts";
import { Detours } from "./detour/detours.ts";
import { IceTcpListener } from "./detour/tcp_listener.ts";
import type { GatheringDeps } from "./ice/gathering.ts";
import { Reflexive } from "./ice/reflexive.ts";
import { Relays } from "./relay/relays.ts";
import type { Candidate } from "./sdp/candidate.ts";
import type { PeerDeps } from "./types.ts";

/** What stands around the plane's port for all its peers. */
export interface Surroundings {
  gathering: GatheringDeps;
  detours: Detours;
  reflexive: Reflexive;
  close(): void;
}

/** Opens STUN, TURN and TCP as `deps.network` says. `candidateFor` finds who is meant by a check that came by TCP. */
export function openSurroundings(
  { clock, reach, network }: PeerDeps,
  candidateFor: (ufrag: string, local: SocketAddress) => Candidate | null,
): Surroundings {
  const detours = new Detours(clock, network?.bind ?? "", reach.port);
  const reflexive = new Reflexive(clock, (to, bytes) => network?.send(to, bytes));
  const relays = new Relays({ clock, detours });
  const { bind = "", tcpPort = null } = network ?? {};
  const listener = tcpPort === null
    ? null
    : new IceTcpListener({ clock, detours, candidateFor }, bind, tcpPort);
  if (network?.keep.stunServer) reflexive.keep(network.keep.stunServer);
  if (network?.keep.turnServer) relays.keep(network.keep.turnServer);
  return {
    gathering: { reach, tcpPort: () => listener?.listening ? listener.port : null, reflexive, relays },
    detours,
    reflexive,
    close() {
      listener?.close();
      reflexive.close();
      relays.close();
      detours.close();
    },
  };
}
