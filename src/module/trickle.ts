import { AppError } from "../base/mod.ts";
import { type Action, emit } from "./action.ts";
import type { PeerHandle } from "./instance.ts";

/** A candidate in `candidate:…` text (RFC 8839 section 5.1) with the m-line that it belongs to. */
export interface TrickledCandidate {
  candidate: string;
  sdpMid?: string | null;
  sdpMLineIndex?: number | null;
}

type State = "DISCONNECTED" | "GATHERING" | "CONNECTING" | "CONNECTED" | "READY" | "FAILED";

/** Candidates of the other side that wait for its description. */
const MOST_WAITING = 64;

/**
 * Candidates of both sides on their way between client and peer, and ICE's progress in Kurento's words:
 *
 *   DISCONNECTED ──► GATHERING ──► CONNECTING ──► CONNECTED ──► READY
 *
 * GATHERING comes by `gather` alone. CONNECTING is held back for it, so that clients are told in this order; where
 * nobody gathers it comes right before CONNECTED. READY waits for the last candidate of this side.
 */
export class Trickle {
  #state: State = "DISCONNECTED";
  #gathering: "idle" | "running" | "done" = "idle";
  #isConnectingHeld = false;
  #waiting: TrickledCandidate[] = [];

  get state(): State {
    return this.#state;
  }

  /** The peer is over. */
  reset(): void {
    this.#waiting = [];
    this.#state = "DISCONNECTED";
    this.#gathering = "idle";
    this.#isConnectingHeld = false;
  }

  /** Looks for candidates of this side, once per peer, and tells those that are known. */
  gather(peer: PeerHandle): Action[] {
    if (this.#gathering !== "idle") return [];
    this.#gathering = "running";
    const known = new Set((peer.localDescription ?? "").match(/(?<=^a=)candidate:.*(?=\r?$)/gm) ?? []);
    const actions = [...known].flatMap((candidate) => this.found(peer, candidate));
    if (this.#state === "DISCONNECTED") actions.push(...this.#tell("GATHERING"), ...this.#tellHeld());
    peer.gather();
    return actions;
  }

  /** A candidate of this side, told for every m-line although they share it. */
  found(peer: PeerHandle, candidate: string): Action[] {
    return sectionsOf(peer.localDescription).flatMap(({ sdpMid, sdpMLineIndex, inUse }) =>
      inUse ? [emit("IceCandidateFound", { candidate: { candidate, sdpMid, sdpMLineIndex } })] : []
    );
  }

  /** Every candidate of this side is known. */
  gathered(): Action[] {
    if (this.#gathering !== "running") return [];
    this.#gathering = "done";
    return [emit("IceGatheringDone"), ...(this.#state === "CONNECTED" ? this.#tell("READY") : [])];
  }

  /** ICE has another state. */
  moved(state: PeerHandle["iceState"]): Action[] {
    switch (state) {
      case "new":
        return [];
      case "checking":
        this.#isConnectingHeld = true;
        return this.#gathering === "idle" ? [] : this.#tellHeld();
      case "connected":
        return [
          ...this.#tellHeld(),
          ...this.#tell("CONNECTED"),
          ...(this.#gathering === "running" ? [] : this.#tell("READY")),
        ];
      case "failed":
        return [...this.#tellHeld(), ...this.#tell("FAILED")];
      case "disconnected":
      case "closed":
        return this.#tell("DISCONNECTED");
    }
  }

  /** A pair was selected, so checks were under way whether anybody gathered or not. */
  selected(pair: { localCandidate: string; remoteCandidate: string }): Action[] {
    return [...this.#tellHeld(), emit("NewCandidatePairSelected", { candidatePair: candidatePair(pair) })];
  }

  /**
   * Takes a candidate of the other side; before its description is there, the candidate waits. Empty text is nothing.
   * Throws AppError candidate_invalid.
   */
  take(peer: PeerHandle | null, candidate: TrickledCandidate): void {
    if (candidate.candidate.trim() === "") return;
    requireForm(candidate.candidate);
    if (peer?.remoteDescription) return hand(peer, candidate);
    if (this.#waiting.length < MOST_WAITING) this.#waiting.push(candidate);
  }

  /** The other side's description is there: what waited for it goes on. */
  negotiated(peer: PeerHandle): void {
    for (const candidate of this.#waiting.splice(0)) {
      try {
        hand(peer, candidate);
      } catch (error) {
        // Whoever sent it has its answer already, and a description does not fail by a candidate.
        if (!(error instanceof AppError)) throw error;
      }
    }
  }

  #tellHeld(): Action[] {
    if (!this.#isConnectingHeld) return [];
    this.#isConnectingHeld = false;
    return this.#tell("CONNECTING");
  }

  #tell(state: State): Action[] {
    this.#state = state;
    return [emit("IceComponentStateChanged", { streamId: 0, componentId: 1, state })];
  }
}

/** A candidate pair in Kurento's form. */
export function candidatePair(pair: { localCandidate: string; remoteCandidate: string }) {
  return { streamId: "0", componentId: 1, ...pair };
}

function hand(peer: PeerHandle, { candidate, sdpMid, sdpMLineIndex }: TrickledCandidate): void {
  const count = sectionsOf(peer.remoteDescription).length;
  if (typeof sdpMLineIndex === "number" && sdpMLineIndex >= count) {
    throw new AppError(
      "candidate_invalid",
      `Cannot add the candidate: m-line ${sdpMLineIndex} vs ${count} m-lines counted from 0, send the index of one`,
    );
  }
  peer.addRemoteCandidate(candidate, sdpMid ?? null, sdpMLineIndex ?? null);
}

/** The fields that every candidate has (RFC 8839 section 5.1); the rest is the peer's matter. */
function requireForm(text: string): void {
  const port = /^(?:a=)?candidate:\S+ \d+ \S+ \d+ \S+ (\d+) typ \S/i.exec(text.trim())?.[1];
  if (port !== undefined && Number(port) <= 65_535) return;
  throw new AppError(
    "candidate_invalid",
    `Cannot read the candidate: ${JSON.stringify(text.slice(0, 60))} vs candidate:<foundation> …, ` +
      "send RFC 8839 text",
  );
}

/** The m-lines of a description; those with port 0 are turned down, but for those that share another's port. */
function sectionsOf(description: string | null) {
  const sections = (description ?? "").split(/^(?=m=)/m).filter((section) => section.startsWith("m="));
  return sections.map((section, sdpMLineIndex) => ({
    sdpMid: /^a=mid:(.*)$/m.exec(section)?.[1].trim() ?? "",
    sdpMLineIndex,
    inUse: !/^m=\S+ 0 /.test(section) || /^a=bundle-only/m.test(section),
  }));
}
