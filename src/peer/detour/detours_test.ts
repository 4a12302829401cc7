import { createSocket } from "node:dgram";
import { afterEach, describe, expect, test } from "vitest";
import { VirtualClock } from "../../../test/kit/virtual_clock.ts";
import { hostCandidates } from "../ice/local_candidates.ts";
import { Detours } from "./detours.ts";

const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

async function open(bind = "127.0.0.1") {
  const clock = new VirtualClock();
  const plane = createSocket("udp4");
  await new Promise<void>((resolve) => plane.bind(0, "127.0.0.1", resolve));
  const atPlane: number[][] = [];
  plane.on("message", (bytes) => atPlane.push([...bytes]));
  const detours = new Detours(clock, bind, plane.address().port);
  closing.push(() => detours.close(), () => plane.close());
  const out: number[][] = [];
  let released = 0;
  const far = {
    remote: { address: "192.0.2.9", port: 4242 },
    local: hostCandidates(["203.0.113.1"], 8888)[0],
    send: (bytes: Uint8Array) => void out.push([...bytes]),
    released: () => void released++,
  };
  const detour = (await detours.open(far))!;
  const fromPlane = (bytes: number[]) => plane.send(new Uint8Array(bytes), detour.address.port, "127.0.0.1");
  return { clock, detours, detour, atPlane, out, fromPlane, released: () => released };
}

test.each(["127.0.0.1", "", "::", "0.0.0.0"])("a plane bound to %j is reached", async (bind) => {
  const { detour, detours, atPlane, fromPlane, out } = await open(bind);
  expect(detours.at(detour.address)).toBe(detour);
  detour.enter(new Uint8Array([1, 2]));
  await expect.poll(() => atPlane).toEqual([[1, 2]]);
  fromPlane([3]);
  await expect.poll(() => out).toEqual([[3]]);
});

test("what is longer than a slot of the plane stays out", async () => {
  const { detour, atPlane } = await open();
  detour.enter(new Uint8Array(1501));
  detour.enter(new Uint8Array([1]));
  await expect.poll(() => atPlane).toEqual([[1]]);
});

test("nobody but the plane gets through", async () => {
  const { detour, out, fromPlane } = await open();
  const stranger = createSocket("udp4");
  await new Promise<void>((resolve) =>
    stranger.send(new Uint8Array([9]), detour.address.port, "127.0.0.1", () => resolve())
  );
  fromPlane([1]);
  await expect.poll(() => out).toEqual([[1]]);
  stranger.close();
});

test("one that nobody claims closes by itself", async () => {
  const { clock, detour, detours, released } = await open();
  clock.advance(9999);
  expect(released()).toBe(0);
  clock.advance(1);
  expect([released(), detours.at(detour.address)]).toEqual([1, undefined]);
});

test("one whose far side is gone keeps its port until the last holder has left", async () => {
  const { clock, detour, detours, released, out, fromPlane, atPlane } = await open();
  const holder = {};
  detour.hold(holder);
  expect([detour.isHeldByOther(holder), detour.isHeldByOther({})]).toEqual([false, true]);
  detour.cut();
  clock.advance(60_000);
  expect([detour.isOpen, detours.at(detour.address), released()]).toEqual([false, detour, 0]);
  detour.enter(new Uint8Array([1]));
  fromPlane([1]);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect([atPlane, out]).toEqual([[], []]);
  detour.drop(holder);
  expect([detours.at(detour.address), released()]).toEqual([undefined, 1]);
});

describe("a loop", () => {
  test("gives what enters the one end out by the other, both ways", async () => {
    const { detours, atPlane, plane } = await openLoop();
    const near = (await detours.loop(candidate))!;
    const from = (port: number, bytes: number[]) => plane.send(new Uint8Array(bytes), port, "127.0.0.1");
    from(near.address.port, [1]);
    await expect.poll(() => atPlane).toHaveLength(1);
    const far = detours.at({ address: "127.0.0.1", port: atPlane[0].port })!;
    expect(far.address.port).not.toBe(near.address.port);
    from(far.address.port, [2]);
    await expect.poll(() => atPlane).toHaveLength(2);
    expect(atPlane[1]).toEqual({ bytes: [2], port: near.address.port });
    const place = { address: candidate.address, port: candidate.port };
    expect([near.far.remote, far.far.remote, near.far.local]).toEqual([place, place, candidate]);
  });

  test("ends at both ends when it has ended at one, or when nobody came", async () => {
    const { detours, clock, plane, atPlane } = await openLoop();
    const near = (await detours.loop(candidate))!;
    plane.send(new Uint8Array([1]), near.address.port, "127.0.0.1");
    await expect.poll(() => atPlane).toHaveLength(1);
    const far = detours.at({ address: "127.0.0.1", port: atPlane[0].port })!;
    const holders = [{}, {}];
    near.hold(holders[0]);
    far.hold(holders[1]);
    near.drop(holders[0]);
    expect([near.isOpen, far.isOpen, detours.at(far.address)]).toEqual([false, false, far]);
    far.drop(holders[1]);
    expect([detours.at(near.address), detours.at(far.address)]).toEqual([undefined, undefined]);
    const unclaimed = (await detours.loop(candidate))!;
    clock.advance(10_000);
    expect([unclaimed.isOpen, detours.at(unclaimed.address)]).toEqual([false, undefined]);
  });

  const candidate = hostCandidates(["203.0.113.1"], 8888)[0];

  async function openLoop() {
    const clock = new VirtualClock();
    const plane = createSocket("udp4");
    await new Promise<void>((resolve) => plane.bind(0, "127.0.0.1", resolve));
    const atPlane: { bytes: number[]; port: number }[] = [];
    plane.on("message", (bytes, { port }) => atPlane.push({ bytes: [...bytes], port }));
    const detours = new Detours(clock, "127.0.0.1", plane.address().port);
    closing.push(() => detours.close(), () => plane.close());
    return { clock, plane, atPlane, detours };
  }
});
