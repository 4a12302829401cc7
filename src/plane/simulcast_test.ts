import { describe, expect, test } from "vitest";
import { isContinuous, numbersOf, openStream, RigEncoder } from "../../test/kit/plane_rig.ts";

const text = (value: string) => new TextEncoder().encode(value);

/** Layers 0 (large), 1 and 2 (small) as OBS sends them, of one peer. */
function layered() {
  const { rig, publisher, viewer } = openStream({
    receiver: { rids: ["0", "1", "2"], extensions: { mid: 4, rid: 5 } },
  });
  const layers = [1000, 400, 100].map((size, rid) => {
    const extensions = [{ id: 4, payload: text("0") }, { id: 5, payload: text(String(rid)) }];
    return { size, encoder: new RigEncoder(rig, publisher, 100 + rid, 5000 * (rid + 1), extensions) };
  });
  let frames = 0;
  /** Sends frames of the given layers for a while, with a keyframe of each every second. */
  const run = (ms: number, active: number[]) => {
    for (let passed = 0; passed < ms; passed += 20) {
      for (const rid of active) layers[rid].encoder.send(frames % 50 === 0, 3, layers[rid].size);
      frames++;
      rig.turn(20);
    }
  };
  const lastSize = () => viewer.rtp.at(-1)!.payload.length;
  return { rig, viewer, run, lastSize };
}

describe("simulcast", () => {
  test("the layer with the highest bitrate is forwarded, whatever its place in the offer", () => {
    const { viewer, run, lastSize } = layered();
    run(100, [2]);
    expect(lastSize()).toBe(100);
    run(3000, [2, 1, 0]);
    expect(lastSize()).toBe(1000);
    expect(isContinuous(numbersOf(viewer.rtp))).toBe(true);
  });

  test("when it falls silent the next one follows at a keyframe, and it comes back when it flows again", () => {
    const { viewer, run, lastSize } = layered();
    run(3000, [0, 1, 2]);
    expect(lastSize()).toBe(1000);
    run(3000, [1, 2]);
    expect(lastSize()).toBe(400);
    run(1000, [2]);
    run(2500, [2]);
    expect(lastSize()).toBe(100);
    run(4000, [0, 1, 2]);
    expect(lastSize()).toBe(1000);
    expect(isContinuous(numbersOf(viewer.rtp))).toBe(true);
    const timestamps = viewer.rtp.map((packet) => packet.header.timestamp);
    expect(timestamps.every((timestamp, i) => i === 0 || ((timestamp - timestamps[i - 1]) | 0) >= 0)).toBe(
      true,
    );
  });
});
