import { describe, expect, test } from "vitest";
import { fitsAny, formatOf } from "./format.ts";

describe("the format of a codec", () => {
  test("makes the spellings of constrained baseline equal and keeps other profiles apart", () => {
    const h264 = (profile: string) => formatOf("H264", `packetization-mode=1;profile-level-id=${profile}`);
    expect(["42e01f", "42c01f", "42401f", "42E034", "4d801f", "58c01f"].map(h264)).toEqual(
      Array(6).fill("H264/1/42e0"),
    );
    expect(h264("42001f")).toBe("H264/1/4200");
    expect(h264("4d001f")).toBe("H264/1/4d00");
    expect(h264("640c1f")).toBe("H264/1/640c");
    expect(formatOf("H264", "profile-level-id=42e01f")).toBe("H264/0/42e0");
  });

  test("of VP9, AV1 and H265 is their profile, and of audio its rate", () => {
    expect(formatOf("VP9", "profile-id=2")).toBe("VP9/2");
    expect(formatOf("AV1", "level-idx=5; profile=0; tier=0")).toBe("AV1/0");
    expect(formatOf("H265", "level-id=180;profile-id=2;tier-flag=1")).toBe("H265/2/1");
    expect(formatOf("OPUS", "minptime=10")).toBe("OPUS/48000/2");
    expect(formatOf("PCMA", "")).toBe("PCMA/8000/1");
    expect(formatOf("VP8", "")).toBe("VP8");
  });

  test("at hand fits a viewer who takes it, its codec, or what can be encoded", () => {
    const atHand = { flowing: "VP8", encodable: ["H264/1/42e0", "VP9/0"] };
    const fits = (...formats: string[]) => fitsAny(formats.map((format) => ({ format })), atHand);
    expect(fits("AV1/0", "VP8")).toBe(true);
    expect(fits("H264/1/6400")).toBe(true);
    expect(fits("VP9/2", "H264/0/42e0")).toBe(false);
    expect(fits("H265/1/0")).toBe(false);
    expect(fits()).toBe(false);
    expect(fitsAny([{ format: "VP9/2" }], { flowing: "VP9/0", encodable: [] })).toBe(true);
  });
});
