import { describe, expect, test } from "vitest";
import { errno, type Libc, openLibc } from "./libc.ts";
import { openNative } from "./mod.ts";
import { SendQueue } from "./send_queue.ts";
import { newCounters } from "./udp_counters.ts";

const UNREACHABLE = 113;

/** A system whose answers are scripted: `sendmmsg` takes so many messages, or fails with minus an error number. */
function scripted(answers: number[], single: number[] = []) {
  const real = openLibc();
  const offered: number[] = [];
  const answer = (value: number) => {
    if (value >= 0) return value;
    real.errno[0] = -value;
    return -1;
  };
  const calls = {
    ...real.calls,
    sendmmsg: (_fd: number, _headers: bigint, count: number) => {
      offered.push(count);
      return answer(answers.shift() ?? count);
    },
    sendto: (_fd: number, _bytes: bigint, length: bigint) => answer(single.shift() ?? Number(length)),
  };
  return { libc: { ...real, calls } as unknown as Libc, offered };
}

function open(libc: Libc, segmentation = true) {
  const counters = newCounters();
  const options = { fd: -1, nameBytes: 28, egressSlotCount: 256, destinationCount: 8, segmentation };
  const queue = new SendQueue(libc, options, counters);
  const push = (destination: number, length: number) => queue.push(destination, queue.nextEgress(), length);
  return { counters, queue, push };
}

describe.skipIf(openNative().kind !== "ffi")("the send queue", () => {
  test("packets of one destination share a message while they fit", () => {
    const { libc, offered } = scripted([]);
    const { queue, push } = open(libc);
    for (const length of [100, 100, 60, 100, 100, 101]) push(0, length);
    push(1, 101);
    queue.flush();
    // 100 100 60 | 100 100 | 101 | the other destination
    expect(offered).toEqual([4]);
  });

  test("a message ends at 64 segments and before 65000 bytes", () => {
    const { libc, offered } = scripted([]);
    const { queue, push } = open(libc);
    for (let i = 0; i < 65; i++) push(0, 10);
    queue.flush();
    for (let i = 0; i < 55; i++) push(0, 1200);
    queue.flush();
    expect(offered).toEqual([2, 2]);
  });

  test("without segmentation each packet is a message", () => {
    const { libc, offered } = scripted([]);
    const { queue, push } = open(libc, false);
    for (let i = 0; i < 5; i++) push(0, 10);
    queue.flush();
    expect(offered).toEqual([5]);
  });

  test("a partial send goes on where it stopped, and so does an interrupted one", () => {
    const { libc, offered } = scripted([2, -errno.EINTR, 1]);
    const { queue, push, counters } = open(libc);
    for (let i = 0; i < 5; i++) push(i, 10 + i);
    queue.flush();
    expect(offered).toEqual([5, 3, 3, 2]);
    expect(counters).toMatchObject({ packetsSent: 5, packetsUnsent: 0, bytesSent: 60, sendCalls: 4 });
  });

  test.each([errno.EAGAIN, errno.ENOBUFS, errno.ENOMEM])(
    "with no room (error %i) the rest is dropped and counted",
    (code) => {
      const { libc, offered } = scripted([1, -code]);
      const { queue, push, counters } = open(libc);
      for (const destination of [0, 1, 1, 2]) push(destination, 50);
      queue.flush();
      expect(offered).toEqual([3, 2]);
      expect(counters).toMatchObject({ packetsSent: 1, packetsUnsent: 3 });
    },
  );

  test("an unreachable destination loses its own packets only", () => {
    const { libc, offered } = scripted([1, -UNREACHABLE]);
    const { queue, push, counters } = open(libc);
    for (const destination of [0, 1, 1, 2, 3]) push(destination, 50);
    queue.flush();
    expect(offered).toEqual([4, 3, 2]);
    expect(counters).toMatchObject({ packetsSent: 3, packetsUnsent: 2 });
  });

  test("a message that the route cannot segment leaves as single datagrams", () => {
    const { libc } = scripted([1, -errno.EMSGSIZE], [50, -UNREACHABLE]);
    const { queue, push, counters } = open(libc);
    for (const destination of [0, 1, 1, 1, 2]) push(destination, 50);
    queue.flush();
    expect(counters).toMatchObject({ packetsSent: 4, packetsUnsent: 1, bytesSent: 200 });
  });

  test("a device without checksum offload (EIO) ends segmentation for good", () => {
    const { libc, offered } = scripted([-errno.EIO]);
    const { queue, push, counters } = open(libc);
    for (let i = 0; i < 3; i++) push(0, 50);
    queue.flush();
    for (let i = 0; i < 3; i++) push(0, 50);
    queue.flush();
    expect(offered).toEqual([1, 3]);
    expect(counters).toMatchObject({ packetsSent: 6, packetsUnsent: 0 });
  });
});
