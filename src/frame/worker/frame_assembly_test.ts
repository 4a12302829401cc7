import { expect, test } from "vitest";
import { payloadFormat } from "../../rtp/mod.ts";
import { ExtendedTimestamp, low32 } from "./extended_timestamp.ts";
import { FrameAssembly } from "./frame_assembly.ts";

const keyframe = new Uint8Array(3000).fill(2);
const delta = new Uint8Array(3000).fill(1);

function assembly(codec: string, media: "audio" | "video") {
  const seen: (string | "lost")[] = [];
  const made = new FrameAssembly(codec, media, {
    frame: ({ timestamp, keyframe }) => seen.push(`${timestamp % 2 ** 32}${keyframe ? " key" : ""}`),
    lost: () => seen.push("lost"),
  });
  return { seen, made };
}

/** Three packets per frame, time stamps 3000 apart. */
function packets(): Parameters<FrameAssembly["take"]>[] {
  const packetizer = payloadFormat("VP8")!.packetizer();
  return [keyframe, delta, delta, delta].flatMap((frame, index) =>
    packetizer.packetize(frame, 1100).map((payload, part) =>
      [index * 3 + part, index * 3000, part === 2, payload, 0] as Parameters<FrameAssembly["take"]>
    )
  );
}

test("frames come out whole, with the marker or without", () => {
  for (const withMarker of [true, false]) {
    const { seen, made } = assembly("VP8", "video");
    for (const [number, timestamp, marker, payload, now] of packets()) {
      made.take(number, timestamp, marker && withMarker, payload, now);
    }
    expect(seen).toEqual(["0 key", "3000", "6000", "9000"].slice(0, withMarker ? 4 : 3));
  }
});

test.each([[3, "first"], [4, "middle"], [5, "last"]])(
  "a frame without packet %i (its %s) is lost and the next one is taken",
  (missing) => {
    const { seen, made } = assembly("VP8", "video");
    packets().filter((_, index) => index !== missing).forEach((packet) => made.take(...packet));
    made.tick(1000);
    expect(seen.filter((entry) => entry !== "lost")).toEqual(
      // Nobody can tell whether the packet that is missed at the end of a frame was the next one's first.
      missing === 5 ? ["0 key", "9000"] : ["0 key", "6000", "9000"],
    );
    expect(seen).toContain("lost");
  },
);

test("audio goes on behind a gap at once", () => {
  const { seen, made } = assembly("OPUS", "audio");
  const take = (number: number) =>
    made.take(number, number * 960, false, new Uint8Array([1, 2]), number * 20);
  [1, 2, 4, 5].forEach(take);
  expect(seen.length).toBe(2);
  made.tick(140);
  expect(seen).toEqual(["960 key", "1920 key", "lost", "3840 key", "4800 key"]);
});

test("time stamps keep growing over the end of their 32 bits", () => {
  const extended = new ExtendedTimestamp();
  const first = extended.extend(2 ** 32 - 3000);
  expect(extended.extend(0) - first).toBe(3000);
  expect(extended.extend(2 ** 32 - 1500) - first).toBe(1500);
  expect(low32(first + 3000)).toBe(0);
  expect(low32(-1)).toBe(2 ** 32 - 1);
});
