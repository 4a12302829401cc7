import { Latency, type LatencyFigures } from "../latency.ts";

/** How long frames of one kind stay in a recorder, from their arrival until they are ready for the file. */
export class Residence {
  readonly #latency = new Latency();
  /** Of the last that came: when it came, against its recording time. */
  #offsetMs = 0;

  /** A frame of recording time `atMs` came at `nowMs`. */
  came(atMs: number, nowMs: number): void {
    this.#offsetMs = nowMs - atMs;
  }

  /** What is made of the frame of recording time `atMs` is ready at `nowMs`. */
  isReady(atMs: number, nowMs: number): void {
    this.#latency.add(Math.max(0, nowMs - atMs - this.#offsetMs));
  }

  read(): LatencyFigures {
    return this.#latency.read();
  }
}
