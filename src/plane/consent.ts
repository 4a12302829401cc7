// hot
import {
  hmacSha1Key,
  sealStun,
  STUN_CONTROLLED,
  STUN_CONTROLLING,
  STUN_INTEGRITY,
  STUN_REQUEST,
  STUN_SUCCESS,
  STUN_TRANSACTION,
  STUN_TRANSACTION_BYTES,
  STUN_USERNAME,
  stunAttribute,
  stunIsAuthentic,
  stunType,
  stunValueIs,
  writeStunSuccess,
} from "../rtp/mod.ts";
import type { Context } from "./context.ts";
import type { IceConsent } from "./control.ts";
import type { Transport } from "./transport.ts";

/** Checks of ours that may still be answered: with the shortest period an answer may come after the next check. */
const OPEN_CHECKS = 4;
/** Two fragments of the greatest length (RFC 8839 section 5.4) and all that else stands in a check. */
const MAX_REQUEST_BYTES = 1024;

/** What keeps the consent of a transport's selected pair up (RFC 7675): the peer's checks answered, ours sent. */
export class Consent {
  /** Of checks that are the pair's: `<our fragment>:<theirs>`. */
  readonly username: Uint8Array;
  /** Keys of MESSAGE-INTEGRITY: ours for the peer's checks and our answers, theirs for the other way. */
  readonly localKey: Int32Array;
  readonly remoteKey: Int32Array;
  /** The attribute of our role: a check that has it is a conflict, which the control side resolves. */
  readonly ownRole: number;
  readonly periodMs: number;
  nextCheckMs = 0;
  /** Our check up to its MESSAGE-INTEGRITY. */
  readonly #request: Uint8Array;
  readonly #transactions = new Uint8Array(OPEN_CHECKS * STUN_TRANSACTION_BYTES);
  readonly #isOpen = new Uint8Array(OPEN_CHECKS);
  #next = 0;

  /** `unsignedBytes` is how much of the wish's request stands before MESSAGE-INTEGRITY. */
  constructor(wish: IceConsent, unsignedBytes: number) {
    const encoder = new TextEncoder();
    this.username = encoder.encode(wish.username);
    this.localKey = hmacSha1Key(encoder.encode(wish.localPassword));
    this.remoteKey = hmacSha1Key(encoder.encode(wish.remotePassword));
    this.ownRole = wish.controlling ? STUN_CONTROLLING : STUN_CONTROLLED;
    this.periodMs = wish.periodMs;
    this.#request = new Uint8Array(wish.request).slice(0, unsignedBytes);
  }

  /** Writes the next check to `at`, under a transaction id of these three words; returns its length. */
  write(bytes: Uint8Array, at: number, random: () => number): number {
    const request = this.#request;
    for (let i = 0; i < request.length; i++) bytes[at + i] = request[i];
    const cell = this.#next;
    this.#next = (cell + 1) % OPEN_CHECKS;
    this.#isOpen[cell] = 1;
    for (let i = 0, word = 0; i < STUN_TRANSACTION_BYTES; i++, word >>>= 8) {
      if ((i & 3) === 0) word = random();
      bytes[at + STUN_TRANSACTION + i] = word;
      this.#transactions[cell * STUN_TRANSACTION_BYTES + i] = word;
    }
    return sealStun(bytes, at, request.length, this.remoteKey);
  }

  /** The open check that the message at `at` answers, or -1. */
  openCheck(bytes: Uint8Array, at: number): number {
    for (let cell = 0; cell < OPEN_CHECKS; cell++) {
      if (this.#isOpen[cell] === 1 && this.#isTransaction(cell, bytes, at + STUN_TRANSACTION)) return cell;
    }
    return -1;
  }

  /** It was answered. */
  settle(cell: number): void {
    this.#isOpen[cell] = 0;
  }

  #isTransaction(cell: number, bytes: Uint8Array, at: number): boolean {
    const start = cell * STUN_TRANSACTION_BYTES;
    for (let i = 0; i < STUN_TRANSACTION_BYTES; i++) {
      if (this.#transactions[start + i] !== bytes[at + i]) return false;
    }
    return true;
  }
}

/** Keeps up the transport's pair from now on, or leaves that to the control side with null; false for a request that is none. */
// cold: with each selected pair
export function setConsent(context: Context, transport: Transport, wish: IceConsent | null): boolean {
  transport.consent = null;
  if (wish === null) return true;
  const { request } = wish;
  if (stunType(request, 0, request.length) !== STUN_REQUEST || !transport.selected) return false;
  const unsignedBytes = stunAttribute(request, 0, request.length, STUN_INTEGRITY);
  if (unsignedBytes < 0 || unsignedBytes > MAX_REQUEST_BYTES) return false;
  transport.consent = new Consent(wish, unsignedBytes);
  transport.consent.nextCheckMs = context.nowMs + spread(context, wish.periodMs);
  return true;
}

/**
 * Takes the STUN datagram in `slot` where it is the everyday of the transport's selected pair: a check of the peer, which
 * is answered, or the answer to one of ours. False for everything else, which the control side must see.
 */
export function keepConsent(context: Context, transport: Transport, slot: number): boolean {
  const consent = transport.consent;
  if (consent === null || !isFromSelected(context, transport, slot)) return false;
  const { udp, ring } = context;
  const at = ring.offsetOf(slot);
  const length = udp.slotLength[slot];
  const type = stunType(ring.bytes, at, length);
  if (type === STUN_REQUEST) return answerCheck(context, transport, consent, slot, at, length);
  if (type !== STUN_SUCCESS) return false;
  const check = consent.openCheck(ring.bytes, at);
  if (check < 0 || !stunIsAuthentic(ring.bytes, at, length, consent.remoteKey)) return false;
  consent.settle(check);
  context.consented.push(transport.id);
  return true;
}

/** Sends our check of the transport's pair where one is due. */
export function checkConsent(context: Context, transport: Transport): void {
  const consent = transport.consent;
  if (consent === null || context.nowMs < consent.nextCheckMs) return;
  consent.nextCheckMs = context.nowMs + spread(context, consent.periodMs);
  const offset = context.udp.nextEgress();
  const length = consent.write(context.udp.egress.bytes, offset, context.random);
  context.udp.push(transport.row, offset, length);
}

function answerCheck(
  context: Context,
  transport: Transport,
  consent: Consent,
  slot: number,
  at: number,
  length: number,
): boolean {
  const { udp, ring } = context;
  const username = stunAttribute(ring.bytes, at, length, STUN_USERNAME);
  if (username < 0 || !stunValueIs(ring.bytes, username, consent.username)) return false;
  if (stunAttribute(ring.bytes, at, length, consent.ownRole) >= 0) return false;
  if (!stunIsAuthentic(ring.bytes, at, length, consent.localKey)) return false;
  const offset = udp.nextEgress();
  const answer = writeStunSuccess(
    udp.egress.bytes,
    offset,
    ring.bytes,
    at,
    udp.slotAddress,
    slot * 4,
    udp.slotPort[slot],
    consent.localKey,
  );
  udp.push(transport.row, offset, answer);
  return true;
}

function isFromSelected(context: Context, transport: Transport, slot: number): boolean {
  const selected = transport.selectedAddress;
  const { slotAddress, slotPort } = context.udp;
  if (selected === null || selected.port !== slotPort[slot]) return false;
  for (let i = 0; i < 4; i++) if (selected.words[i] !== slotAddress[slot * 4 + i]) return false;
  return true;
}

/** RFC 7675 section 5.1: a fifth more or less, so that checks do not fall into step. */
function spread(context: Context, periodMs: number): number {
  return periodMs * (0.8 + 0.4 * (context.random() / 0x1_0000_0000));
}
