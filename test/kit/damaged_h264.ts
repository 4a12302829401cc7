/** H264 as a publisher out of order, or out of malice, would make it: in Annex B, so that it is packetised as it should. */

type Chance = () => number;

/** Sizes in macroblocks: the largest that a decoder here takes, one beyond it, and one that no memory has room for. */
const absurdSizes: [number, number][] = [[256, 256], [1024, 1024], [65_536, 65_536]];

/** A picture in place of a sound one; which kind of damage it has goes round with `index`. */
export function damagedUnit(unit: Uint8Array, index: number, chance: Chance): Uint8Array {
  const nals = nalsOf(unit);
  switch (index % 6) {
    case 0:
      return annexB(nals.map((nal) => noise(nal, nal.length, chance)));
    case 1:
      return annexB(nals.map((nal) => nal.slice(0, 1 + Math.floor(chance() * nal.length))));
    case 2: {
      const [width, height] = absurdSizes[Math.floor(index / 6) % absurdSizes.length];
      return annexB([sequenceParameters(width, height), pictureParameters(), keySlice(chance)]);
    }
    case 3:
      return annexB([sequenceParameters(20, 12), noise(Uint8Array.of(0x68), 30, chance), keySlice(chance)]);
    case 4: {
      const anyType = Uint8Array.of(0x60 | 1 + Math.floor(chance() * 31));
      return annexB([noise(anyType, 1 + Math.floor(chance() * 4000), chance), ...nals]);
    }
    default:
      // A few bits of the slice turned.
      return annexB(nals.map((nal) => nal.map((byte, at) => at > 4 && chance() < 0.02 ? byte ^ 0x21 : byte)));
  }
}

function nalsOf(unit: Uint8Array): Uint8Array[] {
  const starts: number[] = [];
  for (let at = 0; at + 3 < unit.length; at++) {
    if (unit[at] === 0 && unit[at + 1] === 0 && unit[at + 2] === 1) starts.push(at + 3);
  }
  return starts.map((start, i) => {
    let end = i + 1 < starts.length ? starts[i + 1] - 3 : unit.length;
    while (end > start && unit[end - 1] === 0) end--;
    return unit.slice(start, end);
  });
}

function annexB(nals: Uint8Array[]): Uint8Array {
  return Uint8Array.from(nals.flatMap((nal) => [0, 0, 0, 1, ...nal]));
}

/** Keeps the first byte, which says what it is. */
function noise(nal: Uint8Array, length: number, chance: Chance): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => at === 0 ? nal[0] : chance() * 256);
}

/** H.264 section 7.3.2.1.1, baseline with 16 reference pictures. */
function sequenceParameters(widthMbs: number, heightMbs: number): Uint8Array {
  const bits = new Bits().fixed(66, 8).fixed(0xc0, 8).fixed(62, 8).golomb(0).golomb(0).golomb(2).golomb(16);
  bits.fixed(0, 1).golomb(widthMbs - 1).golomb(heightMbs - 1).fixed(0b1100, 4);
  return bits.nal(0x67);
}

/** Section 7.3.2.2, the plainest. */
function pictureParameters(): Uint8Array {
  const bits = new Bits().golomb(0).golomb(0).fixed(0, 2).golomb(0).golomb(0).golomb(0).fixed(0, 3);
  return bits.golomb(0).golomb(0).golomb(0).fixed(0, 3).nal(0x68);
}

/** A sound header of a slice (section 7.3.3) before what is none. */
function keySlice(chance: Chance): Uint8Array {
  const bits = new Bits().golomb(0).golomb(7).golomb(0).fixed(0, 4).golomb(0).fixed(0, 2).golomb(0);
  for (let i = 0; i < 800; i++) bits.fixed(Math.floor(chance() * 256), 8);
  return bits.nal(0x65);
}

class Bits {
  readonly #bits: number[] = [];

  fixed(value: number, count: number): this {
    for (let at = count - 1; at >= 0; at--) this.#bits.push(Math.floor(value / 2 ** at) % 2);
    return this;
  }

  /** Exp-Golomb, section 9.1; of a signed 0 too. */
  golomb(value: number): this {
    const length = Math.floor(Math.log2(value + 1));
    return this.fixed(0, length).fixed(value + 1, length + 1);
  }

  /** With the stop bit and with emulation prevention (section 7.4.1). */
  nal(header: number): Uint8Array {
    this.fixed(1, 1);
    while (this.#bits.length % 8 !== 0) this.#bits.push(0);
    const bytes = [header];
    let zeros = 0;
    for (let at = 0; at < this.#bits.length; at += 8) {
      const byte = this.#bits.slice(at, at + 8).reduce((sum, bit) => sum * 2 + bit, 0);
      if (zeros >= 2 && byte <= 3) {
        bytes.push(3);
        zeros = 0;
      }
      bytes.push(byte);
      zeros = byte === 0 ? zeros + 1 : 0;
    }
    return Uint8Array.from(bytes);
  }
}
