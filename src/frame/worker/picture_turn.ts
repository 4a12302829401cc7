import { Buffer } from "node:buffer";
import { AV_PKT_DATA_DISPLAYMATRIX } from "node-av/constants";
import type { CodecParameters } from "node-av/lib";

/** FFmpeg's display matrix: nine 32-bit numbers, the first six with 16 bits behind the point, the last with 30. */
const MATRIX_BYTES = 36;
const ONE = 1 << 16;
const LAST_ONE = 1 << 30;
/** Cosine and sine of 0 to 3 quarter turns. */
const turns = [[1, 0], [0, 1], [-1, 0], [0, -1]] as const;

/**
 * Clockwise quarter turns until a picture is upright, 0 to 3, from the byte of the header extension (3GPP TS 26.114
 * section 7.4.5). Which camera it is and whether it mirrors is not looked at, as browsers do not either.
 */
export function turnOfOrientation(orientation: number): number {
  return orientation & 3;
}

/** The same of a file's stream: what its matrix says, to the nearest quarter. */
export function turnOfStream(parameters: CodecParameters): number {
  const matrix = parameters.getCodedSideData(AV_PKT_DATA_DISPLAYMATRIX);
  if (!matrix || matrix.length < MATRIX_BYTES) return 0;
  const [cosine, sine] = [matrix.readInt32LE(0), matrix.readInt32LE(4)];
  return Math.round(Math.atan2(sine, cosine) / (Math.PI / 2)) & 3;
}

/** Has a file's stream say so. */
export function setTurn(parameters: CodecParameters, turn: number): void {
  const matrix = Buffer.alloc(MATRIX_BYTES);
  const [cosine, sine] = turns[turn];
  [cosine, sine, 0, -sine, cosine].forEach((value, index) => matrix.writeInt32LE(value * ONE, index * 4));
  matrix.writeInt32LE(LAST_ONE, 32);
  parameters.addCodedSideData(AV_PKT_DATA_DISPLAYMATRIX, matrix);
}
