import { describe, expect, test } from "vitest";
import { VirtualClock } from "../../../test/kit/virtual_clock.ts";
import type { SocketAddress } from "../../base/mod.ts";
import { Reflexive } from "./reflexive.ts";
import { encodeStun, parseStun, type StunMessage } from "./stun.ts";

const server = { address: "203.0.113.5", port: 3478 };
const mapped = { address: "198.51.100.7", port: 4000 };

function open() {
  const clock = new VirtualClock();
  const sent: { to: SocketAddress; message: StunMessage; atMs: number }[] = [];
  const startMs = clock.now();
  const reflexive = new Reflexive(
    clock,
    (to, bytes) => sent.push({ to, message: parseStun(bytes)!, atMs: clock.now() - startMs }),
  );
  const answer = (fields: Partial<StunMessage> = {}, from: SocketAddress = server) => {
    const { transactionId } = sent.at(-1)!.message;
    const response = { kind: "success", transactionId, mappedAddress: mapped, ...fields } as const;
    return reflexive.take(from, parseStun(encodeStun(response, null))!);
  };
  return { clock, sent, reflexive, answer };
}

describe("a question to a STUN server", () => {
  test("is asked again at 0.5, 1.5 and 3.5 s and given up at 7.5 s", () => {
    const { clock, sent, reflexive } = open();
    const told: (SocketAddress | null)[] = [];
    reflexive.ask(server, (each) => told.push(each));
    clock.advance(7499);
    expect(sent.map(({ atMs }) => atMs)).toEqual([0, 500, 1500, 3500]);
    expect(new Set(sent.map(({ message }) => message.transactionId)).size).toBe(1);
    expect(told).toEqual([]);
    clock.advance(1);
    expect([told, clock.pending]).toEqual([[null], 0]);
  });

  test("is answered for all who asked meanwhile, and known for a minute", () => {
    const { clock, sent, reflexive, answer } = open();
    const told: (SocketAddress | null)[] = [];
    reflexive.ask(server, (each) => told.push(each));
    reflexive.ask(server, (each) => told.push(each));
    expect(answer()).toBe(true);
    expect([told, sent.length, clock.pending]).toEqual([[mapped, mapped], 1, 0]);
    clock.advance(59_999);
    expect(reflexive.known(server)).toEqual(mapped);
    clock.advance(1);
    expect(reflexive.known(server)).toBe(null);
  });

  test("is not answered from elsewhere, nor by what it did not ask", () => {
    const { reflexive, answer } = open();
    const told: (SocketAddress | null)[] = [];
    reflexive.ask(server, (each) => told.push(each));
    expect(answer({}, { ...server, port: 1 })).toBe(false);
    expect(answer({ transactionId: "00".repeat(12) })).toBe(false);
    expect(told).toEqual([]);
    expect(answer({ kind: "error", errorCode: 400, mappedAddress: undefined })).toBe(true);
    expect(told).toEqual([null]);
    expect(answer()).toBe(false);
  });

  test("may be kept going, so that the answer is always known", () => {
    const { clock, sent, reflexive, answer } = open();
    reflexive.keep(server);
    for (let i = 0; i < 8; i++) {
      answer();
      clock.advance(15_000);
    }
    expect(sent).toHaveLength(9);
    expect(reflexive.known(server)).toEqual(mapped);
    reflexive.close();
    expect(clock.pending).toBe(0);
  });
});
