import { createSocket } from "node:dgram";
import { connect, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { VirtualClock } from "../../../test/kit/virtual_clock.ts";
import type { SocketAddress } from "../../base/mod.ts";
import { hostCandidates, tcpCandidates } from "../ice/local_candidates.ts";
import { encodeStun } from "../ice/stun.ts";
import { limits } from "../limits.ts";
import { Detours } from "./detours.ts";
import { framed } from "./stream_frames.ts";
import { IceTcpListener } from "./tcp_listener.ts";

const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    })
  );
}

/** A listener for one peer whose user name fragment is "ours", before a plane that is a socket. */
async function open() {
  const clock = new VirtualClock();
  const plane = createSocket("udp4");
  await new Promise<void>((resolve) => plane.bind(0, "127.0.0.1", resolve));
  const atPlane: { from: SocketAddress; bytes: Uint8Array }[] = [];
  plane.on("message", (bytes, { address, port }) => {
    atPlane.push({ from: { address, port }, bytes: new Uint8Array(bytes) });
  });
  const detours = new Detours(clock, "127.0.0.1", plane.address().port);
  const port = await freePort();
  const [candidate] = tcpCandidates(hostCandidates(["127.0.0.1"], 8888), port);
  const candidateFor = (ufrag: string) => ufrag === "ours" ? candidate : null;
  const listener = new IceTcpListener({ clock, detours, candidateFor }, "127.0.0.1", port);
  closing.push(() => listener.close(), () => detours.close(), () => plane.close());
  await expect.poll(() => listener.listening).toBe(true);
  return { clock, plane, atPlane, detours, port, listener };
}

async function dial(port: number) {
  const socket: Socket = connect(port, "127.0.0.1");
  const got: number[] = [];
  let ended = false;
  socket.on("data", (chunk: Uint8Array) => got.push(...chunk));
  socket.on("close", () => ended = true);
  socket.on("error", () => {});
  closing.push(() => socket.destroy());
  await new Promise<void>((resolve) => socket.once("connect", () => resolve()));
  return { socket, got, ended: () => ended };
}

const check = (ufrag: string) =>
  encodeStun({ kind: "request", transactionId: "00".repeat(12), username: `${ufrag}:theirs` }, "password");

describe("a TCP connection", () => {
  test("that checks a known peer has a way to the plane and back", async () => {
    const { atPlane, detours, plane, port } = await open();
    const { socket, got } = await dial(port);
    const first = framed(check("ours"));
    socket.write(first.subarray(0, 5));
    socket.write(first.subarray(5));
    socket.write(framed(new Uint8Array([22, 1, 2])));
    await expect.poll(() => atPlane.length).toBe(2);
    expect(atPlane.map(({ bytes }) => bytes)).toEqual([check("ours"), new Uint8Array([22, 1, 2])]);
    const detour = detours.at(atPlane[0].from)!;
    expect(detour.far.remote).toEqual({ address: "127.0.0.1", port: socket.localPort });
    expect(detour.far.local).toMatchObject({ protocol: "tcp", tcpType: "passive", port });
    plane.send(new Uint8Array([7, 8]), atPlane[0].from.port, "127.0.0.1");
    await expect.poll(() => got).toEqual([0, 2, 7, 8]);
  });

  test.each([
    ["checks a peer that nobody knows", framed(check("x"))],
    ["begins with media", framed(new Uint8Array([0x80, 96, 0, 0]))],
    ["speaks HTTP", new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n")],
    ["sends an empty packet", new Uint8Array([0, 0])],
    [
      "sends an unsigned check",
      framed(encodeStun({ kind: "request", transactionId: "00".repeat(12) }, null)),
    ],
  ])("that %s is closed", async (_, bytes) => {
    const { port, atPlane } = await open();
    const { socket, ended } = await dial(port);
    socket.write(bytes);
    await expect.poll(ended).toBe(true);
    expect(atPlane).toEqual([]);
  });

  test("that says nothing is closed after 5 s", async () => {
    const { port, clock } = await open();
    const { ended } = await dial(port);
    await expect.poll(() => clock.pending).toBe(1);
    clock.advance(4999);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(ended()).toBe(false);
    clock.advance(1);
    await expect.poll(ended).toBe(true);
  });

  test("that nobody claims is closed, and one that ends lets go of its detour", async () => {
    const { port, clock, atPlane, detours } = await open();
    const left = await dial(port);
    left.socket.write(framed(check("ours")));
    await expect.poll(() => atPlane.length).toBe(1);
    left.socket.end();
    await expect.poll(() => detours.at(atPlane[0].from)).toBe(undefined);
    const unclaimed = await dial(port);
    unclaimed.socket.write(framed(check("ours")));
    await expect.poll(() => atPlane.length).toBe(2);
    clock.advance(10_000);
    await expect.poll(unclaimed.ended).toBe(true);
  });

  test("that does not read is closed before it costs memory without end", async () => {
    const { port, atPlane, plane, detours } = await open();
    const { socket, ended } = await dial(port);
    socket.write(framed(check("ours")));
    await expect.poll(() => atPlane.length).toBe(1);
    const detour = detours.at(atPlane[0].from)!;
    detour.hold({});
    socket.pause();
    const packet = new Uint8Array(1400).fill(0x80);
    for (let i = 0; detour.isOpen && i < 400; i++) {
      for (let k = 0; k < 40; k++) plane.send(packet, atPlane[0].from.port, "127.0.0.1");
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(detour.isOpen).toBe(false);
    socket.resume();
    // It reads what had reached it, byte by byte.
    await expect.poll(ended, { timeout: 10_000 }).toBe(true);
  });
});

test("one address may hold so many connections, and no more", async () => {
  const { port } = await open();
  const dialled: Awaited<ReturnType<typeof dial>>[] = [];
  for (let i = 0; i <= limits.tcpConnectionsPerAddress; i++) dialled.push(await dial(port));
  await expect.poll(() => dialled.filter(({ ended }) => ended()).length).toBe(1);
  dialled[0].socket.end();
  await expect.poll(dialled[0].ended).toBe(true);
  const next = await dial(port);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(next.ended()).toBe(false);
}, 20_000);

test("a port that is taken means no TCP, and no more than that", async () => {
  const taken = createServer();
  const port = await freePort();
  await new Promise<void>((resolve) => taken.listen(port, "127.0.0.1", () => resolve()));
  const clock = new VirtualClock();
  const detours = new Detours(clock, "127.0.0.1", 9);
  const listener = new IceTcpListener({ clock, detours, candidateFor: () => null }, "127.0.0.1", port);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(listener.listening).toBe(false);
  listener.close();
  taken.close();
});
