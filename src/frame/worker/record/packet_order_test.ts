import { expect, test } from "vitest";
import { PacketOrder } from "./packet_order.ts";
import type { TrackPacket } from "./track_packet.ts";

const packet = (media: "audio" | "video", atMs: number): TrackPacket => ({
  media,
  codec: "",
  bytes: new Uint8Array(),
  atMs,
  durationMs: 20,
  keyframe: true,
});

test("packets leave in the order of their times, and none before what may still come", () => {
  const order = new PacketOrder(["audio", "video"]);
  order.add(packet("audio", 20), 0);
  order.add(packet("audio", 40), 0);
  expect(order.take(1, false)).toBeNull();
  order.add(packet("video", 30), 1);
  expect(order.take(1, false)!.atMs).toBe(20);
  expect(order.take(1, false)!.atMs).toBe(30);
  expect(order.take(1, false)).toBeNull();
});

test("a silent track is waited for briefly, and longer while its packets are being made", () => {
  const order = new PacketOrder(["audio", "video"]);
  order.add(packet("audio", 0), 0);
  expect(order.take(399, false)).toBeNull();
  expect(order.take(2999, true)).toBeNull();
  expect(order.take(400, false)).not.toBeNull();
  order.add(packet("audio", 20), 0);
  expect(order.take(3000, true)).not.toBeNull();
});

test("what is left comes out at the end", () => {
  const order = new PacketOrder(["audio", "video"]);
  order.add(packet("audio", 20), 0);
  order.add(packet("audio", 0), 0);
  expect(order.drain().map(({ atMs }) => atMs)).toEqual([0, 20]);
  expect(order.drain()).toEqual([]);
});
