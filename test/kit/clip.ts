/** A picture size in pixels; both numbers even. */
export interface PictureSize {
  width: number;
  height: number;
}

const COUNTER_BITS = 16;
const CHECK_BITS = 8;
const BLOCKS = COUNTER_BITS + CHECK_BITS;
const BLACK = 16;
const WHITE = 235;

/**
 * Draws picture number `index` (0 … 65535) of the test clip as planar I420. The top rows carry the number as a row of
 * black and white blocks, the rest moves with it, so that a decoded picture tells which one it is and how well it survived.
 */
export function drawFrame(size: PictureSize, index: number): Uint8Array {
  const picture = new Uint8Array(size.width * size.height * 3 / 2).fill(128);
  drawPattern(picture, size, index);
  drawChroma(picture, size, index);
  drawCounter(picture, size, index);
  return picture;
}

/** The number that `drawFrame` wrote into the picture, or null when its check bits do not agree (torn or blurred). */
export function readFrameCounter(picture: Uint8Array, size: PictureSize): number | null {
  let bits = 0;
  for (let block = 0; block < BLOCKS; block++) {
    bits = bits * 2 + (blockMean(picture, size, block) > (BLACK + WHITE) / 2 ? 1 : 0);
  }
  const index = Math.floor(bits / 2 ** CHECK_BITS);
  return bits % 2 ** CHECK_BITS === checkOf(index) ? index : null;
}

/** The size of a picture that lies so that it is upright after `turn` clockwise quarter turns. */
export function lyingSize({ width, height }: PictureSize, turn: number): PictureSize {
  return turn % 2 === 0 ? { width, height } : { width: height, height: width };
}

/** Lays an upright I420 picture down, so that it is upright again after `turn` clockwise quarter turns. */
export function layDown(picture: Uint8Array, size: PictureSize, turn: number): Uint8Array {
  const laid = new Uint8Array(picture.length);
  let from = 0;
  for (const shift of [0, 1, 1]) {
    const [width, height] = [size.width >> shift, size.height >> shift];
    const lying = lyingSize({ width, height }, turn).width;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [column, row] =
          [[x, y], [y, width - 1 - x], [width - 1 - x, height - 1 - y], [height - 1 - y, x]][turn];
        laid[from + row * lying + column] = picture[from + y * width + x];
      }
    }
    from += width * height;
  }
  return laid;
}

/** Peak signal to noise ratio of the luma planes in dB; Infinity when equal. Above 30 dB a person calls it good. */
export function psnr(a: Uint8Array, b: Uint8Array, size: PictureSize): number {
  const pixels = size.width * size.height;
  let squares = 0;
  for (let i = 0; i < pixels; i++) squares += (a[i] - b[i]) ** 2;
  return squares === 0 ? Infinity : 10 * Math.log10(255 ** 2 * pixels / squares);
}

/** Interleaved stereo S16 samples at 48 kHz of a tone: `hz` on the left, a fifth above on the right. */
export function drawTone(firstSample: number, sampleCount: number, hz = 440): Int16Array {
  const samples = new Int16Array(sampleCount * 2);
  for (let i = 0; i < sampleCount; i++) {
    const turn = 2 * Math.PI * (firstSample + i) / 48000;
    samples[2 * i] = 8000 * Math.sin(turn * hz);
    samples[2 * i + 1] = 8000 * Math.sin(turn * hz * 1.5);
  }
  return samples;
}

function drawPattern(picture: Uint8Array, size: PictureSize, index: number): void {
  const { width, height } = size;
  const boxLeft = (index * 4) % (width - 32);
  const boxTop = height / 2 - 16;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inBox = x >= boxLeft && x < boxLeft + 32 && y >= boxTop && y < boxTop + 32;
      picture[y * width + x] = inBox ? 220 : 40 + triangle(x + y + index * 2);
    }
  }
}

function drawChroma(picture: Uint8Array, size: PictureSize, index: number): void {
  const columns = size.width / 2;
  const pixels = columns * size.height / 2;
  const u = size.width * size.height;
  for (let i = 0; i < pixels; i++) {
    picture[u + i] = 64 + triangle(i % columns + index);
    picture[u + pixels + i] = 64 + triangle(Math.floor(i / columns) + index);
  }
}

function drawCounter(picture: Uint8Array, size: PictureSize, index: number): void {
  const bits = index * 2 ** CHECK_BITS + checkOf(index);
  const used = blockWidth(size) * BLOCKS;
  for (let y = 0; y < counterRows(size); y++) {
    for (let x = 0; x < used; x++) {
      const bit = Math.floor(bits / 2 ** (BLOCKS - 1 - Math.floor(x / blockWidth(size)))) % 2;
      picture[y * size.width + x] = bit ? WHITE : BLACK;
    }
  }
}

/** Only the middle of a block counts: its edges suffer from the codec's filters. */
function blockMean(picture: Uint8Array, size: PictureSize, block: number): number {
  const wide = blockWidth(size);
  const rows = counterRows(size);
  let sum = 0;
  let count = 0;
  for (let y = Math.floor(rows / 4); y < rows * 3 / 4; y++) {
    for (let x = block * wide + Math.floor(wide / 4); x < block * wide + wide * 3 / 4; x++) {
      sum += picture[y * size.width + x];
      count++;
    }
  }
  return sum / count;
}

const blockWidth = (size: PictureSize) => Math.floor(size.width / BLOCKS);
const counterRows = (size: PictureSize) => Math.max(8, Math.floor(size.height / 16));
const checkOf = (index: number) => (index * 167 + 90) >> 3 & 0xff;

/** 0 … 128 and back, with a period of 256: moves without hard edges. */
function triangle(position: number): number {
  const phase = position & 255;
  return phase < 128 ? phase : 256 - phase;
}
