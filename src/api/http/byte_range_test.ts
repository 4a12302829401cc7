import { expect, test } from "vitest";
import { RangeRefusal, readByteRange } from "./byte_range.ts";

test.each([
  ["bytes=0-99", 0, 99],
  ["bytes=100-", 100, 999],
  ["bytes=-100", 900, 999],
  ["bytes=-5000", 0, 999],
  ["bytes=990-5000", 990, 999],
  ["BYTES=0-0", 0, 0],
  ["bytes= 5-6 ", 5, 6],
])("%s of 1000 bytes are %d to %d", (header, first, last) => {
  expect(readByteRange(header, 1000)).toEqual({ first, last });
});

test.each([
  null,
  "",
  "bytes=",
  "bytes=-",
  "bytes=9-2",
  "lines=1-2",
  "bytes=0-1,5-6",
  "bytes=a-b",
  "bytes=1.5-2",
])(
  "the whole is sent for %s",
  (header) => {
    expect(readByteRange(header, 1000)).toBeNull();
  },
);

test.each([["bytes=1000-", 1000], ["bytes=5000-6000", 1000], ["bytes=-0", 1000], ["bytes=0-", 0]])(
  "%s of %d bytes cannot be had",
  (header, size) => {
    const refusal = expect(() => readByteRange(header, size));
    refusal.toThrow(RangeRefusal);
    refusal.toThrow(expect.objectContaining({ code: "range_unsatisfiable", sizeBytes: size }));
  },
);
