import { describe, expect, test } from "vitest";
import {
  isContinuous,
  keyframeRequests,
  numbersOf,
  openStream,
  RigEncoder,
} from "../../test/kit/plane_rig.ts";

const timestamps = (packets: { header: { timestamp: number } }[]) =>
  packets.map((packet) => packet.header.timestamp);

describe("a viewer who joins", () => {
  test("is asked a keyframe for at once, and sees nothing before it", () => {
    const { rig, publisher, encoder } = openStream();
    encoder.send(true);
    rig.turn();
    encoder.sendMany(60);
    const late = rig.openPeer();
    rig.openSender(late, 2, 1);
    encoder.send(false);
    rig.turn(10);
    expect(keyframeRequests(publisher).length).toBe(1);
    expect(late.rtp.length).toBe(0);
    encoder.send(true);
    rig.turn(50);
    expect(late.rtp.length).toBe(2);
  });

  test("shares one request with all who join meanwhile", () => {
    const { rig, publisher, encoder } = openStream();
    encoder.send(true);
    rig.turn();
    encoder.sendMany(60);
    for (let sender = 2; sender < 12; sender++) {
      rig.openSender(rig.openPeer(), sender, 1);
      rig.turn(10);
    }
    expect(keyframeRequests(publisher).length).toBe(1);
  });

  test("right after a keyframe starts from the ring without asking", () => {
    const { rig, publisher, encoder } = openStream();
    encoder.send(true);
    rig.turn();
    encoder.sendMany(5);
    const late = rig.openPeer();
    rig.openSender(late, 2, 1);
    rig.turn(1);
    expect(late.rtp.length).toBe(12);
    expect(keyframeRequests(publisher).length).toBe(0);
    encoder.sendMany(3);
    expect(late.rtp.length).toBe(18);
    expect(isContinuous(numbersOf(late.rtp))).toBe(true);
  });

  test("right after a keyframe gets it with the flush of the command, without a turn", () => {
    const { rig, encoder } = openStream();
    encoder.send(true);
    rig.turn();
    rig.openSender(rig.openPeer(), 2, 1);
    rig.udp.sent.length = 0;
    rig.plane.flush();
    expect(rig.udp.sent).toHaveLength(2);
    expect(rig.eventsOf("senderFlow").at(-1)).toMatchObject({ sender: 2, flowing: true });
  });

  test("and keeps what it gets has the pictures of the last group at their own times", () => {
    const { rig, encoder } = openStream();
    encoder.send(true);
    rig.turn();
    encoder.sendMany(10);
    const late = rig.openPeer();
    rig.openSender(late, 2, 1, { keepsTime: true });
    rig.turn(1);
    encoder.sendMany(5);
    const all = [...new Set(timestamps(late.rtp))];
    expect(all).toHaveLength(16);
    expect(all.slice(1).map((timestamp, index) => (timestamp - all[index]) >>> 0)).toEqual(
      Array(15).fill(3000),
    );
  });

  test("and keeps what it gets has a long group in a moment: so much from before nobody asked for", () => {
    const { rig, encoder } = openStream();
    encoder.send(true);
    rig.turn();
    encoder.sendMany(90);
    const late = rig.openPeer();
    rig.openSender(late, 2, 1, { keepsTime: true });
    rig.run(400);
    encoder.sendMany(5);
    const all = [...new Set(timestamps(late.rtp))];
    expect(all).toHaveLength(96);
    expect((all[90] - all[0]) >>> 0).toBeLessThanOrEqual(90 * 9);
    expect((all[95] - all[91]) >>> 0).toBe(4 * 3000);
  });

  test("and keeps what it gets is where it was in time when it is given another source", () => {
    const { rig, viewer, encoder } = openStream({ sender: { keepsTime: true } });
    rig.apply({ do: "openSource", source: 2, media: "video" });
    const publisher = rig.openPeer();
    rig.openReceiver(publisher, 2, 2);
    const other = new RigEncoder(rig, publisher, 99);
    const both = (keyframe: boolean) => {
      encoder.send(keyframe);
      other.send(keyframe);
      rig.turn(33);
    };
    both(true);
    for (let frame = 0; frame < 40; frame++) both(false);
    const before = viewer.rtp.length;
    rig.apply({ do: "bindSender", sender: 1, source: 2 });
    for (let frame = 0; frame < 40; frame++) both(false);
    const last = viewer.rtp[before - 1].header.timestamp;
    const end = viewer.rtp.at(-1)!.header.timestamp;
    // That of 40 pictures, and not that of the group before them on top.
    const passedMs = ((end - last) >>> 0) / 90;
    expect(viewer.rtp.length).toBeGreaterThan(before + 80);
    expect(Math.abs(passedMs - 40 * 33)).toBeLessThan(20);
  });

  test("gets the last group of a publisher that answers no request, compressed to end at the live edge", () => {
    const { rig, encoder } = openStream();
    encoder.send(true);
    rig.turn();
    encoder.sendMany(60, 5);
    const late = rig.openPeer();
    rig.openSender(late, 2, 1);
    rig.run(280);
    expect(late.rtp.length).toBe(0);
    rig.run(100);
    expect(late.rtp.length).toBe(302);
    encoder.sendMany(10, 5);
    expect(late.rtp.length).toBe(352);
    expect(isContinuous(numbersOf(late.rtp))).toBe(true);
    const all = timestamps(late.rtp);
    const frames = [...new Set(all)];
    expect(frames.length).toBe(71);
    const replayed = frames.slice(0, 61).map((timestamp, i) =>
      i === 0 ? 90 : (timestamp - frames[i - 1]) >>> 0
    );
    expect(replayed.every((step) => step >= 89 && step <= 91)).toBe(true);
    expect((frames[70] - frames[69]) >>> 0).toBe(3000);
    // The next one needs not wait: this publisher is known by now.
    const later = rig.openPeer();
    rig.openSender(later, 3, 1);
    rig.turn(10);
    rig.turn(10);
    expect(later.rtp.length).toBe(352);
  });

  test("is not given a group with a hole, nor one that the ring has lost", () => {
    const { rig, publisher, encoder } = openStream({ slotCount: 128 });
    encoder.send(true);
    rig.turn();
    encoder.sendMany(70);
    const late = rig.openPeer();
    rig.openSender(late, 2, 1);
    rig.run(1000);
    expect(late.rtp.length).toBe(0);
    expect(keyframeRequests(publisher).length).toBe(2);
  });
});
