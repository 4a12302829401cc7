import { describe, expect, test } from "vitest";
import { chooseEncoding, formatIn, onlyOf, takes } from "./taken_formats.ts";

const formats = (...names: string[]) => names.map((format) => ({ format }));
const encodable = ["VP8", "VP9/0", "H264/1/42e0"];

test("a sink takes its formats and those within them, and one without a list takes all", () => {
  expect(takes(formats("VP8", "H264/1/6400"), "VP8")).toBe(true);
  expect(takes(formats("H264/1/6400"), "H264/1/42e0")).toBe(true);
  expect(takes(formats("H264/1/42e0"), "H264/1/6400")).toBe(false);
  expect(takes(formats("VP9/2"), "VP9/0")).toBe(false);
  expect(takes(formats(), "VP8")).toBe(false);
  expect(takes(null, "ANYTHING")).toBe(true);
});

describe("what is encoded for a sink", () => {
  test("is what is encoded already, wherever it stands among its wishes", () => {
    expect(chooseEncoding(formats("VP8", "H264/1/42e0"), ["H264/1/42e0"], encodable)).toBe("H264/1/42e0");
  });

  test("is else what it likes best among those that can be", () => {
    expect(chooseEncoding(formats("AV1/0", "H264/0/42e0", "VP9/0", "VP8"), ["H264/1/42e0"], encodable)).toBe(
      "VP9/0",
    );
    expect(chooseEncoding(formats("H264/1/4d00"), [], encodable)).toBe("H264/1/42e0");
  });

  test("is nothing where it takes none of them", () => {
    expect(chooseEncoding(formats("AV1/0", "VP9/2"), [], encodable)).toBeNull();
    expect(chooseEncoding(formats("VP8"), [], [])).toBeNull();
  });
});

test("what is asked for is encoded in the profile that the sink takes, if there is one", () => {
  expect(formatIn("H264", formats("VP8", "H264/1/6400"), encodable)).toBe("H264/1/42e0");
  expect(formatIn("VP8", null, encodable)).toBe("VP8");
  expect(formatIn("H264", formats("VP8", "H264/0/42e0"), encodable)).toBeNull();
  expect(formatIn("AV1", formats("AV1/0"), encodable)).toBeNull();
});

test("a sink that is told to take one codec takes that, unless it has none of it", () => {
  const taken = formats("VP8", "H264/1/42e0", "H264/0/42e0");
  expect(onlyOf(taken, "H264")).toEqual(formats("H264/1/42e0", "H264/0/42e0"));
  expect(onlyOf(taken, "AV1")).toBe(taken);
  expect(onlyOf(taken, null)).toBe(taken);
  expect(onlyOf(null, "VP8")).toBeNull();
});
