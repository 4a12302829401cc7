import { describe, expect, test } from "vitest";
import { parseAddress } from "../base/mod.ts";
import { openNative } from "./open_native.ts";
import type { UdpPort } from "./types.ts";

const native = openNative();

describe.skipIf(native.kind === "portable")("where datagrams come faster than they are waited for", () => {
  test("a port that gathers holds the thread for a millisecond and takes what has come", async () => {
    await withPort({ gathers: true }, async (port) => {
      expect(Math.max(...await heldTimesMs(port))).toBeGreaterThan(0.9);
    });
  });

  test("one that does not asks the pool each time", async () => {
    await withPort({}, async (port) => {
      expect(Math.min(...await heldTimesMs(port))).toBeLessThan(0.5);
    });
  });

  test("the pool waits again when nothing comes any more", async () => {
    await withPort({ gathers: true }, async (port) => {
      await receiveOne(port);
      for (let i = 0; i < 2; i++) await port.wait(1);
      expect(Math.min(...await Array.fromAsync(tries, () => restedMs(port)))).toBeLessThan(0.5);
    });
  });
});

describe.skipIf(native.kind === "portable")("while datagrams come without an end", () => {
  test("the thread's timers and messages have their turns", async () => {
    await withPort({ gathers: true }, async (port) => {
      const { port1, port2 } = new MessageChannel();
      const turns = { timers: 0, messages: 0 };
      const timer = setInterval(() => turns.timers++, 1);
      port1.onmessage = () => port2.postMessage(++turns.messages);
      port2.onmessage = () => port1.postMessage(null);
      port2.postMessage(null);
      for (let i = 0; i < 100; i++) await receiveOne(port);
      clearInterval(timer);
      port1.close();
      port2.close();
      // A hundred waits of a millisecond, five between two turns.
      expect(turns.timers).toBeGreaterThan(10);
      expect(turns.messages).toBeGreaterThan(10);
    });
  });
});

/** Ten, as a busy machine makes single ones long. */
const tries = Array.from({ length: 10 });

/** After a pause, so that nothing is gathered. */
async function restedMs(port: UdpPort): Promise<number> {
  await port.wait(5);
  return await heldMs(port);
}

/** Each right after another datagram. */
const heldTimesMs = (port: UdpPort) =>
  Array.fromAsync(tries, async () => {
    await receiveOne(port);
    return await heldMs(port);
  });

/** How long the next call of `wait` holds the thread while a datagram is there. */
async function heldMs(port: UdpPort): Promise<number> {
  send(port);
  const startMs = performance.now();
  const waited = port.wait(50);
  const tookMs = performance.now() - startMs;
  await waited;
  expect(port.receive()).toBe(1);
  return tookMs;
}

async function receiveOne(port: UdpPort): Promise<void> {
  send(port);
  await port.wait(50);
  expect(port.receive()).toBe(1);
}

function send(port: UdpPort): void {
  const at = port.nextEgress();
  port.egress.bytes[at] = 1;
  port.push(0, at, 1);
  port.flush();
}

/** A port that sends to itself. */
async function withPort(
  options: { gathers?: boolean },
  use: (port: UdpPort) => Promise<void>,
): Promise<void> {
  const slots = { slotCount: 64, egressSlotCount: 64, destinationCount: 1 };
  const port = await native.openUdp({ bind: "127.0.0.1", port: 0, ...slots, ...options });
  const words = new Uint32Array(4);
  parseAddress("127.0.0.1", words);
  port.setDestination(0, words, 0, port.localPort);
  try {
    await use(port);
  } finally {
    port.close();
  }
}
