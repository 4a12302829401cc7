import { describe, expect, test } from "vitest";
import {
  isContinuous,
  keyframeRequests,
  numbersOf,
  openStream,
  RigEncoder,
} from "../../test/kit/plane_rig.ts";

describe("what feeds a source", () => {
  test("a publisher's return continues the stream: numbers by one, time by what passed", () => {
    const { rig, viewer, encoder } = openStream();
    encoder.send(true);
    rig.turn();
    encoder.sendMany(3);
    const before = viewer.rtp.at(-1)!.header;
    const again = rig.openPeer();
    rig.openReceiver(again, 2, 1);
    const second = new RigEncoder(rig, again, 777, 40_000);
    rig.turn(1000);
    second.send(true);
    rig.turn();
    second.sendMany(2);
    expect(isContinuous(numbersOf(viewer.rtp))).toBe(true);
    expect(new Set(viewer.rtp.map((packet) => packet.header.ssrc)).size).toBe(1);
    const after = viewer.rtp[8].header;
    const elapsed = (after.timestamp - before.timestamp) >>> 0;
    expect(elapsed).toBeGreaterThanOrEqual(90_000);
    expect(elapsed).toBeLessThan(90_000 + 9000);
  });

  test("the new publisher takes over at its keyframe; until then the old one goes on, and late packets of it are dropped", () => {
    const { rig, viewer, encoder } = openStream();
    encoder.send(true);
    rig.turn(10);
    const again = rig.openPeer();
    rig.openReceiver(again, 2, 1);
    const second = new RigEncoder(rig, again, 777);
    second.send(false);
    encoder.send(false);
    rig.turn(10);
    expect(viewer.rtp.length).toBe(4);
    expect(keyframeRequests(again).length).toBe(1);
    second.send(true);
    rig.turn(10);
    expect(viewer.rtp.length).toBe(6);
    encoder.send(false);
    encoder.send(true);
    rig.turn(10);
    expect(viewer.rtp.length).toBe(6);
    expect(isContinuous(numbersOf(viewer.rtp))).toBe(true);
  });

  test("when the newer publisher goes, the older one that still sends comes back", () => {
    const { rig, viewer, encoder } = openStream();
    const again = rig.openPeer();
    rig.openReceiver(again, 2, 1);
    const second = new RigEncoder(rig, again, 777);
    encoder.send(true);
    second.send(true);
    rig.turn(10);
    const before = viewer.rtp.length;
    rig.apply({ do: "closeReceiver", receiver: 2 });
    encoder.send(false);
    rig.turn(10);
    expect(viewer.rtp.length).toBe(before);
    encoder.send(true);
    rig.turn(10);
    expect(viewer.rtp.length).toBe(before + 2);
    expect(isContinuous(numbersOf(viewer.rtp))).toBe(true);
  });

  test("an SSRC that changes on one m-line takes over at a keyframe", () => {
    const { rig, publisher, viewer, encoder } = openStream();
    encoder.send(true);
    rig.turn(10);
    const restarted = new RigEncoder(rig, publisher, 4321, 9);
    restarted.send(false);
    rig.turn(10);
    expect(viewer.rtp.length).toBe(2);
    restarted.send(true);
    rig.turn(10);
    encoder.send(false);
    rig.turn(10);
    expect(viewer.rtp.length).toBe(4);
    expect(isContinuous(numbersOf(viewer.rtp))).toBe(true);
  });

  test("padding probes leave no hole, and a late one goes on as an empty packet", () => {
    const { rig, publisher, viewer, encoder } = openStream();
    encoder.send(true);
    rig.turn(10);
    const probe = () => ({ ...encoder.frame(false, 1)[0], payload: new Uint8Array(0), padding: 200 });
    rig.sendRtp(publisher, probe());
    rig.sendRtp(publisher, probe());
    encoder.send(false);
    const late = probe();
    encoder.send(false);
    rig.sendRtp(publisher, late);
    rig.turn(10);
    const numbers = numbersOf(viewer.rtp);
    expect(isContinuous([...numbers].sort((a, b) => a - b))).toBe(true);
    expect(viewer.rtp.length).toBe(7);
    expect(viewer.rtp.at(-1)!.payload.length).toBe(0);
    expect(rig.stats().receivers[0].packetsReceived).toBe(9);
  });
});
