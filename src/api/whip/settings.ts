import type { Clock } from "../../base/mod.ts";

/** What this door is told by the composition root. */
export interface WhipSettings {
  /**
   * To the letter of RFC 9725 and draft-ietf-wish-whep. Off: requests that well-known clients get slightly wrong are
   * understood; see the docstrings of this room for each one.
   */
  strict: boolean;
  /** Bearer token that publishers need; null lets everybody publish. */
  publishToken: string | null;
  /** Bearer token that viewers need; null lets everybody watch. */
  watchToken: string | null;
  /** Named to clients in Link headers, in this order. */
  iceServers: readonly IceServerLink[];
  /** Origins whose pages may publish and watch; "*" for every one. */
  corsOrigins: readonly string[];
  rateLimit: RateLimit;
  /** Longest body in bytes, offers and fragments alike. */
  maxOfferBytes: number;
  /** "onRequest": an empty POST to a WHEP endpoint is answered with an offer of ours (406). */
  counterOffer: "never" | "onRequest";
  /** How long a client may take to answer our offer, in milliseconds; the same figure ends the session if it does not. */
  counterOfferValidMs: number;
  /** False while the server shuts down: new sessions are refused, running ones can still be patched and deleted. */
  acceptingSessions(): boolean;
  clock: Clock;
}

/** Requests that change something (POST, PATCH, DELETE), per peer address. */
export interface RateLimit {
  /** Requests per minute that are allowed for ever; 0 switches the limit off. */
  perAddressPerMinute: number;
  /** Requests that are allowed at once after a quiet time, 1 or more. */
  burst: number;
}

/** A STUN or TURN server for clients. */
export interface IceServerLink {
  /** stun:, stuns:, turn: or turns: URL (RFC 7064, RFC 7065). */
  url: string;
  username?: string;
  credential?: string;
}
