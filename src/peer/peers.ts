import type { SocketAddress } from "../base/mod.ts";
import { parseStun, type ReceivedStun } from "./ice/stun.ts";
import { openSurroundings } from "./surroundings.ts";
import { PeerSession } from "./peer.ts";
import type { Peer, PeerCallbacks, PeerDeps, PeerOptions } from "./types.ts";

/** STUN datagrams since the start; all but `stunTaken` were dropped without an answer. */
export interface PeersCounters {
  stunTaken: number;
  /** No STUN, or a wrong FINGERPRINT. */
  stunMalformed: number;
  /** A user name or a transaction id that belongs to no peer. */
  stunUnknown: number;
  /** Wrong or missing MESSAGE-INTEGRITY, or a response from elsewhere than the check went. */
  stunUnauthentic: number;
}

/** All sessions on the shared ports. */
export interface Peers {
  open(options: PeerOptions, callbacks: PeerCallbacks): Peer;
  /** Gives a STUN datagram from anywhere to the peer that it is for. */
  handleStun(from: SocketAddress, bytes: Uint8Array): void;
  readonly counters: PeersCounters;
  /** Closes every session. */
  close(): void;
}

/** Opens the room: no session yet. */
export function openPeers(deps: PeerDeps): Peers {
  const open = new Set<PeerSession>();
  const byUfrag = new Map<string, () => PeerSession>();
  const byCheck = new Map<string, () => PeerSession>();
  const { gathering, detours, reflexive, close: closeSurroundings } = openSurroundings(
    deps,
    (ufrag, local) => byUfrag.get(ufrag)?.().tcpCandidateAt(local) ?? null,
  );
  const counters: PeersCounters = { stunTaken: 0, stunMalformed: 0, stunUnknown: 0, stunUnauthentic: 0 };
  return {
    counters,
    open(options, callbacks) {
      const self = () => peer;
      const directory = {
        addUfrag: (ufrag: string) => void byUfrag.set(ufrag, self),
        dropUfrag: (ufrag: string) => void byUfrag.delete(ufrag),
        hasUfrag: (ufrag: string) => byUfrag.has(ufrag),
        addCheck: (transactionId: string) => void byCheck.set(transactionId, self),
        dropCheck: (transactionId: string) => void byCheck.delete(transactionId),
      };
      const peer = new PeerSession(options, callbacks, {
        ...deps,
        directory,
        gathering,
        detours,
        forget: () => open.delete(peer),
      });
      open.add(peer);
      return peer;
    },
    handleStun(from, bytes) {
      const message = parseStun(bytes);
      if (!message) {
        counters.stunMalformed++;
        return;
      }
      if (reflexive.take(from, message)) {
        counters.stunTaken++;
        return;
      }
      const peer =
        (message.kind === "success" || message.kind === "error"
          ? byCheck.get(message.transactionId)
          : byUfrag.get(localUfrag(message)))?.();
      if (!peer) counters.stunUnknown++;
      else if (peer.takeStun(from, bytes, message)) counters.stunTaken++;
      else counters.stunUnauthentic++;
    },
    close() {
      for (const peer of [...open]) peer.close();
      closeSurroundings();
    },
  };
}

/** USERNAME is `<receiver's ufrag>:<sender's ufrag>` (RFC 8445 section 7.2.2). */
function localUfrag(message: ReceivedStun): string {
  return (message.username ?? "").split(":", 1)[0];
}
