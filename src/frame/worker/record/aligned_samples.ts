/** Interleaved samples of 16 bits on one timeline without holes: what is missing is silence, what is double is dropped. */
export class AlignedSamples {
  readonly #channels: number;
  readonly #frameSamples: number;
  readonly #toleranceSamples: number;
  readonly #longestSilence: number;
  #samples = new Int16Array(0);
  /** Position of the first sample that waits; null before the first. */
  #start: number | null = null;

  /**
   * `toleranceSamples`: how far a piece may lie from where the last one ended and still follow it as it is.
   * `longestSilence`: longer holes, in samples, stay holes.
   */
  constructor(channels: number, frameSamples: number, toleranceSamples: number, longestSilence: number) {
    this.#channels = channels;
    this.#frameSamples = frameSamples;
    this.#toleranceSamples = toleranceSamples;
    this.#longestSilence = longestSilence;
  }

  /** Takes a piece that begins at `position` and hands on the frames that are full, each with its position. */
  add(piece: Int16Array, position: number, take: (frame: Int16Array, position: number) => void): void {
    const at = Math.round(position);
    this.#start ??= at;
    const off = at - (this.#start + this.#samples.length / this.#channels);
    if (off > this.#longestSilence) {
      this.flush(take);
      this.#start = at;
      this.#append(piece);
    } else if (off > this.#toleranceSamples) {
      this.#append(new Int16Array(off * this.#channels));
      this.#append(piece);
    } else if (off < -this.#toleranceSamples) this.#append(piece.subarray(-off * this.#channels));
    else this.#append(piece);
    this.#handOn(take);
  }

  /** Hands on what is left, filled up with silence. */
  flush(take: (frame: Int16Array, position: number) => void): void {
    const rest = this.#samples.length / this.#channels % this.#frameSamples;
    if (rest > 0) this.#append(new Int16Array((this.#frameSamples - rest) * this.#channels));
    this.#handOn(take);
  }

  #append(piece: Int16Array): void {
    const joined = new Int16Array(this.#samples.length + piece.length);
    joined.set(this.#samples);
    joined.set(piece, this.#samples.length);
    this.#samples = joined;
  }

  #handOn(take: (frame: Int16Array, position: number) => void): void {
    const values = this.#frameSamples * this.#channels;
    let at = 0;
    for (; at + values <= this.#samples.length; at += values) {
      take(this.#samples.slice(at, at + values), this.#start!);
      this.#start! += this.#frameSamples;
    }
    if (at > 0) this.#samples = this.#samples.slice(at);
  }
}
