/** Samples on a timeline, in pieces of any size, out in frames of one size. A hole in the time begins a new frame. */
export class SampleQueue {
  readonly #channels: number;
  readonly #frameSamples: number;
  readonly #toleranceSamples: number;
  #samples: Int16Array;
  /** Samples per channel that wait. */
  #count = 0;
  /** Position of the first that waits; null before the first. */
  #start: number | null = null;

  /** `toleranceSamples`: how far a piece may lie from where the last one ended and still follow it. */
  constructor(channels: number, frameSamples: number, toleranceSamples: number) {
    this.#channels = channels;
    this.#frameSamples = frameSamples;
    this.#toleranceSamples = toleranceSamples;
    this.#samples = new Int16Array(frameSamples * channels * 8);
  }

  /** Takes a piece that begins at `position` and hands on the frames that are full. */
  add(piece: Int16Array, position: number, take: (frame: Int16Array, position: number) => void): void {
    const expected = this.#start === null ? null : this.#start + this.#count;
    if (expected === null || Math.abs(position - expected) > this.#toleranceSamples) {
      this.#start = Math.round(position);
      this.#count = 0;
    }
    this.#append(piece);
    const frameValues = this.#frameSamples * this.#channels;
    let at = 0;
    for (; this.#count >= this.#frameSamples; at += frameValues) {
      take(this.#samples.slice(at, at + frameValues), this.#start!);
      this.#start! += this.#frameSamples;
      this.#count -= this.#frameSamples;
    }
    if (at > 0) this.#samples.copyWithin(0, at, at + this.#count * this.#channels);
  }

  #append(piece: Int16Array): void {
    const used = this.#count * this.#channels;
    if (used + piece.length > this.#samples.length) {
      const larger = new Int16Array((used + piece.length) * 2);
      larger.set(this.#samples.subarray(0, used));
      this.#samples = larger;
    }
    this.#samples.set(piece, used);
    this.#count += piece.length / this.#channels;
  }
}
