import { createSocket } from "node:dgram";
import { describe, expect, test } from "vitest";
import { AppError } from "../base/mod.ts";
import { openUdpConversation } from "./mod.ts";

async function openOther(address: "127.0.0.1" | "::1") {
  const socket = createSocket(address === "::1" ? "udp6" : "udp4");
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  const got: { bytes: Uint8Array; port: number }[] = [];
  socket.on("message", (bytes, from) => got.push({ bytes: new Uint8Array(bytes), port: from.port }));
  return { socket, got, remote: { address, port: socket.address().port } };
}

describe("a conversation", () => {
  test.each(["127.0.0.1", "::1"] as const)("carries datagrams both ways on %s, in order", async (address) => {
    const { socket, got, remote } = await openOther(address);
    const heard: number[] = [];
    const conversation = await openUdpConversation(address, remote, (bytes) => heard.push(bytes[0]));
    for (let i = 0; i < 50; i++) conversation.send(new Uint8Array([i, 1, 2]));
    await expect.poll(() => got.length).toBe(50);
    expect(got.map(({ bytes }) => bytes[0])).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(got[0].port).toBe(conversation.local.port);
    for (let i = 0; i < 5; i++) socket.send(new Uint8Array([i]), conversation.local.port, address);
    await expect.poll(() => heard).toHaveLength(5);
    conversation.close();
    socket.close();
  });

  test("sends the part of a buffer that it was given, whatever kind of array that is", async () => {
    const { socket, got, remote } = await openOther("127.0.0.1");
    const conversation = await openUdpConversation("127.0.0.1", remote, () => {});
    const whole = new Uint8Array([1, 2, 3, 4, 5]);
    conversation.send(whole.subarray(1, 3));
    conversation.send((await import("node:buffer")).Buffer.from(whole).subarray(3));
    await expect.poll(() => got.map(({ bytes }) => [...bytes])).toEqual([[2, 3], [4, 5]]);
    conversation.close();
    socket.close();
  });

  test("hears nobody but its other side, and nothing after its end", async () => {
    const { socket, remote } = await openOther("127.0.0.1");
    const stranger = await openOther("127.0.0.1");
    const heard: number[] = [];
    const conversation = await openUdpConversation("127.0.0.1", remote, (bytes) => heard.push(bytes[0]));
    const { port } = conversation.local;
    stranger.socket.send(new Uint8Array([1]), port, "127.0.0.1");
    socket.send(new Uint8Array([2]), port, "127.0.0.1");
    await expect.poll(() => heard).toEqual([2]);
    conversation.close();
    conversation.close();
    conversation.send(new Uint8Array([3]));
    stranger.socket.close();
    socket.close();
  });

  test("on an address of another machine is refused with a sentence", async () => {
    const opening = openUdpConversation("192.0.2.1", { address: "192.0.2.2", port: 9 }, () => {});
    await expect(opening).rejects.toThrow(AppError);
    await expect(opening).rejects.toThrow(/Cannot open a UDP socket on "192.0.2.1"/);
  });
});
