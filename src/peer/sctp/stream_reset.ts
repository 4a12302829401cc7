import { limits } from "../limits.ts";
import { type ReconfigParameter, RESULT, writeOutgoingReset, writeResponse } from "./reconfig_chunk.ts";
import { tsnDistance, tsnPlus } from "./serial.ts";

/** What a reset needs of the association. */
export interface ResetHost {
  /** Sends the value of a RE-CONFIG chunk. */
  send(value: Uint8Array): void;
  /** Last TSN that was given to a fragment of ours. */
  lastSentTsn(): number;
  /** All up to this TSN have come. */
  cumulativeTsn(): number;
  /** True while something of this stream has not been sent once. */
  hasUnsent(streamId: number): boolean;
  /** The other side has begun these streams anew; null for all. */
  incoming(streamIds: number[] | null): void;
  /** The other side knows that these streams of ours begin anew. */
  outgoing(streamIds: number[]): void;
}

/** Streams named in one request, so that it fits into a packet. */
const STREAMS_AT_ONCE = 256;

/** Begins streams anew, in both directions (RFC 6525 section 5): that is how a data channel is closed. */
export class StreamReset {
  readonly #waiting = new Set<number>();
  #request: { sequence: number; streamIds: number[]; value: Uint8Array } | null = null;
  #nextSequence: number;
  #expected: number;
  #answered: { sequence: number; result: number } | null = null;
  #deferred: Extract<ReconfigParameter, { kind: "outgoingReset" }> | null = null;

  /** @param initialTsns first TSN of each side: the numbers of its requests begin with the same */
  constructor(initialTsns: { local: number; remote: number }, readonly host: ResetHost) {
    this.#nextSequence = initialTsns.local;
    this.#expected = initialTsns.remote;
  }

  /** A request waits for its answer. */
  get isPending(): boolean {
    return this.#request !== null;
  }

  /** Begins a stream of ours anew as soon as everything on it was sent. */
  add(streamId: number): void {
    this.#waiting.add(streamId);
  }

  /** Sends the next request when there is one and none is pending. */
  flush(): void {
    if (this.#request) return;
    const ready = [...this.#waiting].filter((id) => !this.host.hasUnsent(id)).slice(0, STREAMS_AT_ONCE);
    if (ready.length === 0) return;
    ready.forEach((streamId) => this.#waiting.delete(streamId));
    const sequence = this.#nextSequence;
    this.#nextSequence = tsnPlus(sequence, 1);
    const value = writeOutgoingReset({
      sequence,
      responseSequence: tsnPlus(this.#expected, -1),
      lastTsn: this.host.lastSentTsn(),
      streamIds: ready,
    });
    this.#request = { sequence, streamIds: ready, value };
    this.host.send(value);
  }

  /** Sends the pending request again. */
  repeat(): void {
    if (this.#request) this.host.send(this.#request.value);
  }

  take(parameter: ReconfigParameter): void {
    if (parameter.kind === "response") return this.#onResponse(parameter.sequence, parameter.result);
    if (parameter.sequence === this.#answered?.sequence) {
      return this.#answer(parameter.sequence, this.#answered.result);
    }
    if (parameter.sequence !== this.#expected) {
      return this.host.send(writeResponse(parameter.sequence, RESULT.badSequence));
    }
    if (parameter.kind === "outgoingReset") return this.#onOutgoingReset(parameter);
    this.#done(parameter.sequence, parameter.kind === "other" ? RESULT.denied : RESULT.performed);
    if (parameter.kind !== "incomingReset") return;
    for (const streamId of parameter.streamIds.slice(0, limits.sctpStreams)) this.add(streamId);
  }

  /** More has come: perhaps what a reset waited for. */
  advanced(): void {
    if (this.#deferred) this.#onOutgoingReset(this.#deferred);
  }

  #onOutgoingReset(request: Extract<ReconfigParameter, { kind: "outgoingReset" }>): void {
    if (tsnDistance(this.host.cumulativeTsn(), request.lastTsn) > 0) {
      const isNew = this.#deferred === null;
      this.#deferred = request;
      if (isNew) this.host.send(writeResponse(request.sequence, RESULT.inProgress));
      return;
    }
    this.#deferred = null;
    this.#done(request.sequence, RESULT.performed);
    this.host.incoming(request.streamIds.length > 0 ? request.streamIds : null);
  }

  #done(sequence: number, result: number): void {
    this.#expected = tsnPlus(sequence, 1);
    this.#answer(sequence, result);
  }

  #answer(sequence: number, result: number): void {
    this.#answered = { sequence, result };
    this.host.send(writeResponse(sequence, result));
  }

  /** Whatever the other side says about it but "wait", it is not asked again. */
  #onResponse(sequence: number, result: number): void {
    if (this.#request?.sequence !== sequence || result === RESULT.inProgress) return;
    const { streamIds } = this.#request;
    this.#request = null;
    this.host.outgoing(streamIds);
  }
}
