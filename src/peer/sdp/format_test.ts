import { describe, expect, test } from "vitest";
import { formatFit, formatOf } from "./format.ts";

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

  test("fits wholly, by its codec, or not at all", () => {
    expect(formatFit("H264/1/42e0", "H264/1/42e0")).toBe(2);
    expect(formatFit("H264/1/42e0", "H264/1/6400")).toBe(1);
    expect(formatFit("H264/1/42e0", "H264/0/42e0")).toBe(0);
    expect(formatFit("VP9/0", "VP9/2")).toBe(1);
    expect(formatFit("VP8", "VP9/0")).toBe(0);
  });
});
