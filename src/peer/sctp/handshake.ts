import { randomBytes, timingSafeEqual } from "node:crypto";
import { type Clock, randomUint32, type Timer } from "../../base/mod.ts";
import { limits } from "../limits.ts";
import { CHUNK } from "./chunk.ts";
import { type Init, readInit, writeInit } from "./init_chunk.ts";

/** What a handshake tells the association that carries it. */
export interface HandshakeHost {
  /** Sends one chunk in a packet of its own. */
  send(verificationTag: number, type: number, value: Uint8Array): void;
  established(remote: Init): void;
  failed(detail: string): void;
}

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 2000;
/** More than RFC 9260 section 16 proposes, and sooner: they last as long as ICE holds on to a silent path. */
const MOST_RETRIES = 16;
const COOKIE_BYTES = 16;
const STREAMS = 65_535;
const nothing = new Uint8Array(0);

/**
 * The start of an association (RFC 9260 section 5). Both sides of a WebRTC connection begin at the same time, so each
 * answers the other's INIT while it waits for the answer to its own; whichever cookie comes first decides.
 *
 *   idle ──► cookieWait ──► cookieEchoed ──► over
 *     └──────────┴── the other side's cookie ──┘
 *
 * DTLS vouches for the other side, so what its INIT said is kept here and the cookie is no more than its name.
 */
export class Handshake {
  readonly local: Init = {
    initiateTag: randomUint32(),
    windowBytes: limits.sctpReceiveBytes,
    outboundStreams: STREAMS,
    inboundStreams: STREAMS,
    initialTsn: randomUint32(),
    forwardTsn: true,
    reconfig: true,
    cookie: nothing,
  };
  #state: "idle" | "cookieWait" | "cookieEchoed" | "over" = "idle";
  #answered: Init | null = null;
  readonly #cookie = new Uint8Array(randomBytes(COOKIE_BYTES));
  #remote: Init | null = null;
  #retry: Timer | null = null;
  #retries = 0;

  constructor(readonly clock: Clock, readonly host: HandshakeHost) {}

  start(): void {
    this.#state = "cookieWait";
    this.#repeat(0, CHUNK.init, writeInit(this.local), FIRST_RETRY_MS);
  }

  /** Answers the other side's INIT; once over, only a late copy of what is known could come, and it needs no answer. */
  onInit(value: Uint8Array): void {
    const init = readInit(value);
    if (!init || this.#state === "over") return;
    this.#answered = init;
    this.host.send(init.initiateTag, CHUNK.initAck, writeInit({ ...this.local, cookie: this.#cookie }));
  }

  onInitAck(value: Uint8Array): void {
    const init = readInit(value);
    if (!init || init.cookie.length === 0 || this.#state !== "cookieWait") return;
    this.#state = "cookieEchoed";
    this.#remote = init;
    this.#retries = 0;
    this.#repeat(init.initiateTag, CHUNK.cookieEcho, init.cookie, FIRST_RETRY_MS);
  }

  onCookieEcho(value: Uint8Array): void {
    const isOurs = value.length === COOKIE_BYTES && timingSafeEqual(value, this.#cookie);
    if (!isOurs || !this.#answered) return;
    this.host.send(this.#answered.initiateTag, CHUNK.cookieAck, nothing);
    this.#finish(this.#answered);
  }

  onCookieAck(): void {
    if (this.#state === "cookieEchoed" && this.#remote) this.#finish(this.#remote);
  }

  close(): void {
    this.#retry?.cancel();
    this.#state = "over";
  }

  #finish(remote: Init): void {
    if (this.#state === "over") return;
    this.close();
    this.host.established(remote);
  }

  #repeat(tag: number, type: number, value: Uint8Array, delayMs: number): void {
    this.#retry?.cancel();
    this.host.send(tag, type, value);
    this.#retry = this.clock.after(delayMs, () => {
      if (++this.#retries > MOST_RETRIES) {
        this.close();
        return this.host.failed("the other side began no association");
      }
      this.#repeat(tag, type, value, Math.min(2 * delayMs, LAST_RETRY_MS));
    });
  }
}
