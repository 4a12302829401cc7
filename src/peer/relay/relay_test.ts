import { createSocket } from "node:dgram";
import { afterEach, describe, expect, test } from "vitest";
import { FakeTurn, turnCredentials } from "../../../test/kit/fake_turn.ts";
import { VirtualClock } from "../../../test/kit/virtual_clock.ts";
import { Detours } from "../detour/detours.ts";
import type { TurnServer } from "../types.ts";
import type { LinkCallbacks } from "./link.ts";
import { Relays } from "./relays.ts";

const place: TurnServer = { address: "203.0.113.5", port: 3478, transport: "udp", ...turnCredentials };
const remote = { address: "192.0.2.9", port: 4242 };
const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

/** Relays before a plane that is a socket on loopback, with a fake server for every link that they open. */
async function open(reachable = true) {
  const clock = new VirtualClock();
  const plane = createSocket("udp4");
  await new Promise<void>((resolve) => plane.bind(0, "127.0.0.1", resolve));
  const atPlane: { port: number; bytes: number[] }[] = [];
  plane.on("message", (bytes, from) => atPlane.push({ port: from.port, bytes: [...bytes] }));
  const detours = new Detours(clock, "127.0.0.1", plane.address().port);
  const attempts: number[] = [];
  const servers: { turn: FakeTurn; callbacks: LinkCallbacks }[] = [];
  const openLink = (_: TurnServer, callbacks: LinkCallbacks) => {
    attempts.push(clock.now());
    if (!reachable) return Promise.reject(new Error("no route"));
    const turn = new FakeTurn();
    turn.toClient = callbacks.message;
    servers.push({ turn, callbacks });
    return Promise.resolve(turn.link);
  };
  const relays = new Relays({ clock, detours, openLink });
  closing.push(() => relays.close(), () => detours.close(), () => plane.close());
  return { clock, plane, atPlane, detours, relays, servers, attempts };
}

const settled = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

async function openReady(opened?: Awaited<ReturnType<typeof open>>) {
  const room = opened ?? await open();
  const relay = room.relays.acquire(place);
  const candidate = await new Promise((resolve) => relay.whenReady(resolve));
  return { ...room, relay, candidate, turn: room.servers.at(-1)!.turn };
}

describe("a relay", () => {
  test("gives a relayed candidate that names where the server sees us", async () => {
    const { candidate } = await openReady();
    expect(candidate).toMatchObject({
      type: "relay",
      protocol: "udp",
      address: "203.0.113.50",
      port: 50_000,
      related: { address: "198.51.100.7", port: 4000 },
    });
  });

  test("carries datagrams between a remote address and a socket that stands for it", async () => {
    const { relay, turn, plane, atPlane } = await openReady();
    const detour = (await relay.reach(remote))!;
    turn.dataFrom(remote, new Uint8Array([1, 2]));
    await expect.poll(() => atPlane).toEqual([{ port: detour.address.port, bytes: [1, 2] }]);
    plane.send(new Uint8Array([0, 9]), detour.address.port, "127.0.0.1");
    await expect.poll(() => turn.relayedOut).toEqual([{ to: remote, bytes: [0, 9] }]);
    expect(turn.asked).not.toContain("channelBind");
    plane.send(new Uint8Array([22, 9]), detour.address.port, "127.0.0.1");
    await expect.poll(() => turn.asked).toContain("channelBind");
  });

  test("opens a way for a permitted address that sends from another port", async () => {
    const { relay, turn, atPlane } = await openReady();
    await relay.reach(remote);
    const moved = { ...remote, port: 5 };
    turn.dataFrom(moved, new Uint8Array([1]));
    const detour = (await relay.reach(moved))!;
    turn.dataFrom(moved, new Uint8Array([2]));
    await expect.poll(() => atPlane).toEqual([{ port: detour.address.port, bytes: [2] }]);
  });

  test("reaches nobody of the other family, nor whom the server refuses", async () => {
    const { relay, turn } = await openReady();
    expect(await relay.reach({ address: "2001:db8::1", port: 1 })).toBe(null);
    turn.answer = () => ({ kind: "error", errorCode: 403 });
    expect(await relay.reach({ address: "127.0.0.1", port: 1 })).toBe(null);
    turn.answer = () => ({ kind: "success" });
    expect(await relay.reach({ address: "127.0.0.1", port: 1 })).not.toBe(null);
  });

  test("gives up permission and channel when the last holder of a detour leaves", async () => {
    const { relay, turn, clock, detours } = await openReady();
    const detour = (await relay.reach(remote))!;
    const [first, second] = [{}, {}];
    detour.hold(first);
    detour.hold(second);
    detour.drop(first);
    expect(detours.at(detour.address)).toBe(detour);
    detour.drop(second);
    expect(detours.at(detour.address)).toBe(undefined);
    const before = turn.asked.length;
    clock.advance(240_000);
    expect(turn.asked).toHaveLength(before);
  });

  test("cuts its detours when it is lost, and their ports stay taken while somebody holds them", async () => {
    const { relay, servers, detours } = await openReady();
    const held = (await relay.reach(remote))!;
    held.hold({});
    const idle = (await relay.reach({ ...remote, port: 1 }))!;
    servers[0].callbacks.ended("reset");
    expect([held.isOpen, idle.isOpen, relay.candidate]).toEqual([false, false, null]);
    expect(detours.at(held.address)).toBe(held);
    expect(detours.at(idle.address)).toBe(undefined);
    expect(await relay.reach(remote).then((detour) => detour?.isOpen ?? false)).toBe(false);
  });
});

describe("the relays of a plane", () => {
  test("share one allocation among all who name the same server, until the last has left", async () => {
    const { relays, relay, servers, clock } = await openReady();
    expect(relays.acquire({ ...place })).toBe(relay);
    const other = relays.acquire({ ...place, username: "somebody else" });
    expect(other).not.toBe(relay);
    await settled();
    relays.release(relay);
    expect(relays.find(place)).toBe(relay);
    relays.release(relay);
    expect(relays.find(place)).toBe(null);
    expect(servers[0].turn.requests.at(-1)).toMatchObject({ method: "refresh", lifetime: 0 });
    clock.advance(100);
    expect(servers[0].turn.closed).toBe(true);
  });

  test("say so when the server cannot be reached at all", async () => {
    const { relays } = await open(false);
    const relay = relays.acquire(place);
    expect(await new Promise((resolve) => relay.whenReady(resolve))).toBe(null);
    expect(relays.find(place)).toBe(null);
  });

  test("keep one for good: it is asked for again when it is lost", async () => {
    const { relays, servers, clock } = await open();
    relays.keep(place);
    await settled();
    expect(relays.find(place)?.candidate).toBeTruthy();
    servers[0].callbacks.ended("reset");
    expect(relays.find(place)).toBe(null);
    clock.advance(5000);
    servers[1]?.callbacks.ended("reset");
    await settled();
    expect(servers).toHaveLength(2);
    expect(relays.find(place)?.candidate).toBeTruthy();
    relays.close();
    clock.advance(100);
    expect(clock.pending).toBe(0);
  });

  test("ask less and less often for one that cannot be had", async () => {
    const { relays, attempts, clock } = await open(false);
    relays.keep(place);
    for (let i = 0; i < 200; i++) {
      await settled();
      clock.advance(1000);
    }
    const waits = attempts.slice(1).map((atMs, i) => Math.round((atMs - attempts[i]) / 1000));
    expect(waits).toEqual([5, 10, 20, 40, 60, 60]);
  });
});
