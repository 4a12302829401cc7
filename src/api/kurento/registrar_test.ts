import { expect, test } from "vitest";
import { VirtualClock } from "../../../test/kit/virtual_clock.ts";
import { register } from "./registrar.ts";

class Line {
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onerror = null;
  readonly sent: string[] = [];
  closed = false;
  send = (text: string) => void this.sent.push(text);
  close = () => void (this.closed = true);
}

function dialling() {
  const clock = new VirtualClock();
  const lines: Line[] = [];
  const dial = (_url: string) => {
    lines.push(new Line());
    return lines.at(-1) as unknown as WebSocket;
  };
  const stop = register({ url: "ws://registrar", ownUrl: "ws://me:8888/kurento", clock, dial });
  return { clock, lines, stop };
}

test("the registrar is told where this server is", () => {
  const { lines } = dialling();
  lines[0].onopen?.();
  expect(lines[0].sent.map((text) => JSON.parse(text))).toEqual([
    { jsonrpc: "2.0", method: "register", params: { ws: "ws://me:8888/kurento" } },
  ]);
});

test("a line that breaks is tried again after 100 ms, then twice as long each time up to 10 s", () => {
  const { clock, lines } = dialling();
  for (const delayMs of [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]) {
    lines.at(-1)!.onclose?.();
    const dialled = lines.length;
    clock.advance(delayMs - 1);
    expect(lines.length).toBe(dialled);
    clock.advance(1);
    expect(lines.length).toBe(dialled + 1);
  }
  lines.at(-1)!.onopen?.();
  lines.at(-1)!.onclose?.();
  const dialled = lines.length;
  clock.advance(100);
  expect(lines.length).toBe(dialled + 1);
});

test("once stopped it dials no more", () => {
  const { clock, lines, stop } = dialling();
  stop();
  expect(lines[0].closed).toBe(true);
  lines[0].onclose?.();
  clock.advance(60_000);
  expect(lines.length).toBe(1);
});
