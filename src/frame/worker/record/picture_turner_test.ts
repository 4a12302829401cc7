import { Buffer } from "node:buffer";
import { AV_PIX_FMT_YUV420P } from "node-av/constants";
import { Frame } from "node-av/lib";
import { expect, test } from "vitest";
import { PictureTurner } from "./picture_turner.ts";

/** Luma in rows; colour is everywhere the same. */
function picture(rows: number[][]): Frame {
  const [width, height] = [rows[0].length, rows.length];
  const pixels = Buffer.concat([Buffer.from(rows.flat()), Buffer.alloc(width * height / 2, 128)]);
  const timeBase = { num: 1, den: 90_000 };
  return Frame.fromVideoBuffer(pixels, { width, height, format: AV_PIX_FMT_YUV420P, timeBase });
}

function rowsOf(frame: Frame): number[][] {
  const luma = [...frame.toBuffer().subarray(0, frame.width * frame.height)];
  return Array.from(
    { length: frame.height },
    (_, row) => luma.slice(row * frame.width, (row + 1) * frame.width),
  );
}

test("pictures are turned clockwise by quarters, also when sizes and turns change", () => {
  const turner = new PictureTurner();
  const wide = [[1, 2, 3, 4], [5, 6, 7, 8]];
  const expected = [
    [[5, 1], [6, 2], [7, 3], [8, 4]],
    [[8, 7, 6, 5], [4, 3, 2, 1]],
    [[4, 8], [3, 7], [2, 6], [1, 5]],
  ];
  for (const source of [wide, wide]) {
    expected.forEach((rows, index) => expect(rowsOf(turner.turn(picture(source), index + 1))).toEqual(rows));
  }
  expect(rowsOf(turner.turn(picture([[1, 2], [3, 4], [5, 6], [7, 8]]), 1))).toEqual([[7, 5, 3, 1], [
    8,
    6,
    4,
    2,
  ]]);
  turner.close();
});
