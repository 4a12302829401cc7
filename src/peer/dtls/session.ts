import type { Clock, Timer } from "../../base/mod.ts";
import { limits } from "../limits.ts";
import type { DtlsState, SrtpKeys } from "../types.ts";
import { join } from "./byte_reader.ts";
import { ClientHandshake } from "./client_handshake.ts";
import { alertName, alerts, HandshakeFailure } from "./failure.ts";
import type { FlightRecord, Handshake, HandshakeHost, HandshakeIdentity } from "./handshake.ts";
import { HANDSHAKE, Reassembly, splitMessage } from "./handshake_message.ts";
import { CONTENT, type DtlsRecord, readRecords, writeRecord } from "./record.ts";
import { protect, unprotect, type WriteKeys } from "./record_cipher.ts";
import { ReplayWindow } from "./replay_window.ts";
import { ServerHandshake } from "./server_handshake.ts";

/** What a session tells its owner. */
export interface DtlsCallbacks {
  send(datagram: Uint8Array): void;
  state(state: DtlsState): void;
  keys(keys: SrtpKeys): void;
  /** What a record of application data had inside; only while connected. */
  data(plain: Uint8Array): void;
  ended(end: "dtlsFailed" | "dtlsClosed", detail: string): void;
}

/** Datagrams of a flight stay below this, so that no path fragments them. */
const DATAGRAM_BYTES = 1200;
/** What of a handshake message goes into one record: the rest is for the headers of record and fragment. */
const MESSAGE_BYTES = DATAGRAM_BYTES - 50;
/** Time until a flight is sent again; doubles up to the second value. */
const FIRST_RETRY_MS = 400;
const LAST_RETRY_MS = 3200;
/** A repeated flight of the other side brings ours again, but not more often than this. */
const REPEAT_GAP_MS = 50;
const FATAL = 2;
const WARNING = 1;

/**
 * One DTLS 1.2 association (RFC 6347) that ends in SRTP keys (RFC 5764). It owns no socket: datagrams come by `receive`
 * and leave by `send`. Nothing that comes in makes it throw; what is not authentic is dropped without an answer.
 *
 *   new ──► connecting ──► connected ──► closed
 *                └─► failed    └─► failed      (each ──► closed by `close`)
 */
export class DtlsSession {
  #state: DtlsState = "new";
  #keys: { local: WriteKeys; remote: WriteKeys } | null = null;
  #flight: FlightRecord[] = [];
  /** Messages before this one brought about the flight: when they come again, the flight was lost. */
  #flightAnswersBefore = 0;
  #flightSentMs = -Infinity;
  #repeats = 0;
  #bytesTaken = 0;
  #early: DtlsRecord[] = [];
  #retry: Timer | null = null;
  #deadline: Timer | null = null;
  readonly #sequences = [0, 0];
  readonly #replay = new ReplayWindow();
  readonly #reassembly = new Reassembly();
  /** Null once it is over: transcript, secrets and ephemeral key are needed no more. */
  #handshake: Handshake | null;

  constructor(
    readonly role: "client" | "server",
    identity: HandshakeIdentity,
    readonly deps: { clock: Clock; connectMs: number },
    readonly callbacks: DtlsCallbacks,
  ) {
    const host = this.#host();
    this.#handshake = role === "client"
      ? new ClientHandshake(role, identity, host)
      : new ServerHandshake(role, identity, host);
  }

  get state(): DtlsState {
    return this.#state;
  }

  /** Begins the handshake; it fails when it is not done within `connectMs`. */
  start(): void {
    const { clock, connectMs } = this.deps;
    this.#setState("connecting");
    this.#deadline = clock.after(
      connectMs,
      () => this.#fail("internal_error", `no handshake within ${connectMs} ms`),
    );
    this.#handshake?.start();
  }

  /** Takes one datagram. */
  receive(datagram: Uint8Array): void {
    if (this.#state === "connecting" && (this.#bytesTaken += datagram.length) > limits.handshakeBytes) return;
    let repeated = false;
    for (const record of readRecords(datagram)) {
      if (this.#state !== "connecting" && this.#state !== "connected") return;
      repeated = this.#take(record) || repeated;
    }
    if (repeated) this.#repeatFlight();
  }

  /** Sends application data in a record and a datagram of its own; nothing while not connected. */
  sendData(plain: Uint8Array): void {
    if (this.#state !== "connected") return;
    this.callbacks.send(this.#encode({ contentType: CONTENT.applicationData, epoch: 1, fragment: plain }));
  }

  /** Says close_notify where there are keys for it, and ends. */
  close(): void {
    if (this.#isOver) return;
    if (this.#state === "connected") this.#sendAlert(WARNING, "close_notify");
    this.#stop("closed");
  }

  #host(): HandshakeHost {
    return {
      protectWith: (keys) => this.#keys = keys,
      send: (flight, answered) => this.#sendFlight(flight, answered),
      connected: (keys) => {
        this.#stopTimers();
        this.#repeats = 0;
        this.#handshake = null;
        this.#reassembly.close();
        this.callbacks.keys(keys);
        this.#setState("connected");
      },
    };
  }

  /** Takes one record; true when it shows that the other side lacks our last flight. */
  #take(record: DtlsRecord): boolean {
    if (record.epoch === 0) return this.#state === "connecting" && this.#takePlain(record);
    if (record.epoch !== 1) return false;
    if (!this.#keys) {
      // A Finished that overtook the messages before it.
      if (this.#early.length < limits.handshakeMessagesAhead) {
        this.#early.push({ ...record, fragment: record.fragment.slice() });
      }
      return false;
    }
    const plain = unprotect(this.#keys.remote, record);
    return plain !== null && this.#takeAuthentic(record, plain);
  }

  /** Epoch 0 counts until the connection stands; anybody could forge it later. */
  #takePlain(record: DtlsRecord): boolean {
    if (record.contentType === CONTENT.handshake) return this.#takeHandshake(record.fragment, 0);
    if (record.contentType === CONTENT.alert) this.#onAlert(record.fragment, false);
    return false;
  }

  #takeAuthentic(record: DtlsRecord, plain: Uint8Array): boolean {
    const isNew = this.#replay.take(record.sequence);
    // Some stacks repeat a Finished under its old record number; all it can bring about is our last flight again.
    if (record.contentType === CONTENT.handshake) return this.#takeHandshake(plain, 1);
    if (record.contentType === CONTENT.alert && isNew) this.#onAlert(plain, true);
    if (record.contentType === CONTENT.applicationData && isNew && this.#state === "connected") {
      this.callbacks.data(plain);
    }
    return false;
  }

  #takeHandshake(fragment: Uint8Array, epoch: number): boolean {
    const repeated = this.#reassembly.push(fragment, epoch) < this.#flightAnswersBefore;
    try {
      this.#advance();
    } catch (error) {
      if (!(error instanceof HandshakeFailure)) throw error;
      this.#fail(error.alert, error.message);
    }
    return repeated;
  }

  #advance(): void {
    for (let message = this.#reassembly.next(); message; message = this.#reassembly.next()) {
      // Whoever wants to negotiate again gets no answer (RFC 8827 section 6.5 leaves no use for it).
      if (this.#state !== "connecting") return;
      if ((message.type === HANDSHAKE.finished) !== (message.epoch === 1)) {
        throw new HandshakeFailure(
          "unexpected_message",
          `handshake message ${message.type} came in epoch ${message.epoch}`,
        );
      }
      this.#handshake?.receive(message);
    }
    if (this.#keys && this.#early.length > 0) {
      const early = this.#early;
      this.#early = [];
      for (const record of early) this.#take(record);
    }
  }

  /** Before the keys a fatal alert is believed: it spares the other side's user the time-out. */
  #onAlert(alert: Uint8Array, authentic: boolean): void {
    if (alert.length !== 2) return;
    const [level, description] = alert;
    if (authentic && description === alerts.close_notify) {
      this.#stop("closed");
      this.callbacks.ended("dtlsClosed", "the other side closed");
    } else if (level === FATAL) {
      this.#stop("failed");
      this.callbacks.ended("dtlsFailed", `the other side said ${alertName(description)}`);
    }
  }

  #sendFlight(flight: FlightRecord[], answered: boolean): void {
    if (this.#isOver) return;
    this.#flight = flight;
    this.#flightAnswersBefore = this.#reassembly.due;
    this.#transmit();
    this.#retry?.cancel();
    if (answered) this.#retryAfter(FIRST_RETRY_MS);
  }

  #retryAfter(delayMs: number): void {
    this.#retry = this.deps.clock.after(delayMs, () => {
      this.#transmit();
      this.#retryAfter(Math.min(2 * delayMs, LAST_RETRY_MS));
    });
  }

  #repeatFlight(): void {
    const isDue = this.deps.clock.now() - this.#flightSentMs >= REPEAT_GAP_MS;
    // A client that is connected has had the last flight of the server: nobody misses anything of it.
    const isWanted = this.#state === "connecting" || this.role === "server";
    if (!isDue || !isWanted || this.#flight.length === 0 || this.#repeats >= limits.flightRepeats) return;
    this.#repeats++;
    this.#transmit();
  }

  /** Sends the flight under new record numbers, with as many records to a datagram as fit. */
  #transmit(): void {
    this.#flightSentMs = this.deps.clock.now();
    let datagram: Uint8Array = new Uint8Array(0);
    for (const record of this.#flight.flatMap(piecesOf)) {
      const bytes = this.#encode(record);
      if (datagram.length > 0 && datagram.length + bytes.length > DATAGRAM_BYTES) {
        this.callbacks.send(datagram);
        datagram = new Uint8Array(0);
      }
      datagram = join(datagram, bytes);
    }
    this.callbacks.send(datagram);
  }

  #encode({ contentType, epoch, fragment }: FlightRecord): Uint8Array {
    const record = { contentType, epoch, sequence: this.#sequences[epoch]++, fragment };
    return writeRecord(epoch === 1 && this.#keys ? protect(this.#keys.local, record) : record);
  }

  #sendAlert(level: number, alert: keyof typeof alerts): void {
    const epoch = this.#keys ? 1 : 0;
    const fragment = new Uint8Array([level, alerts[alert]]);
    this.callbacks.send(this.#encode({ contentType: CONTENT.alert, epoch, fragment }));
  }

  #fail(alert: keyof typeof alerts, detail: string): void {
    if (this.#state !== "connecting" && this.#state !== "connected") return;
    this.#sendAlert(FATAL, alert);
    this.#stop("failed");
    this.callbacks.ended("dtlsFailed", detail);
  }

  #stop(state: DtlsState): void {
    this.#stopTimers();
    this.#flight = [];
    this.#handshake = null;
    this.#setState(state);
  }

  /** A timer that stands here once it is cancelled would cost half a kilobyte for each session. */
  #stopTimers(): void {
    this.#retry?.cancel();
    this.#deadline?.cancel();
    this.#retry = this.#deadline = null;
  }

  get #isOver(): boolean {
    return this.#state === "closed" || this.#state === "failed";
  }

  /** An owner may close the session from inside any callback, so what comes after one must look again. */
  #setState(state: DtlsState): void {
    if (this.#isOver) return;
    this.#state = state;
    this.callbacks.state(state);
  }
}

/** A record that would fill more than a datagram in several that do not; large certificates are such. */
function piecesOf(record: FlightRecord): FlightRecord[] {
  if (record.contentType !== CONTENT.handshake) return [record];
  return splitMessage(record.fragment, MESSAGE_BYTES).map((fragment) => ({ ...record, fragment }));
}
