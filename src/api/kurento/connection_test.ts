import { expect, test } from "vitest";
import { Connection } from "./connection.ts";

function opened(receive: (text: string) => Promise<void> = () => Promise.resolve()) {
  const wire = {
    bufferedAmount: 0,
    sent: [] as string[],
    closed: null as number | null,
    send: (text: string) => void wire.sent.push(text),
    close: (code: number) => void (wire.closed = code),
  };
  return { wire, connection: new Connection(wire, (_connection, text) => receive(text)) };
}

test("messages are begun in their order, not too many at a time", async () => {
  const begun: string[] = [];
  const finish: (() => void)[] = [];
  const { connection } = opened((text) => {
    begun.push(text);
    return new Promise((resolve) => finish.push(resolve));
  });
  for (let n = 0; n < 40; n++) connection.take(String(n));
  expect(begun).toEqual(Array.from({ length: 16 }, (_, n) => String(n)));
  finish[3]();
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(begun.slice(16)).toEqual(["16"]);
});

test.each([
  ["bytes", new ArrayBuffer(1024 * 1024 + 1)],
  ["a text", "x".repeat(1024 * 1024 + 1)],
])("%s beyond all reason are the end of the connection", (_what, message) => {
  const { wire, connection } = opened();
  connection.take(message);
  expect(wire.closed).toBe(1009);
  expect(connection.isOpen).toBe(false);
});

test("bytes are read as text", () => {
  const taken: string[] = [];
  const { connection } = opened((text) => {
    taken.push(text);
    return Promise.resolve();
  });
  connection.take(new TextEncoder().encode('{"grün":1}').buffer);
  expect(taken).toEqual(['{"grün":1}']);
});

test("a client that sends without end is closed", () => {
  const { wire, connection } = opened(() => new Promise(() => {}));
  for (let n = 0; n < 2016; n++) connection.take("{}");
  expect(wire.closed).toBeNull();
  connection.take("{}");
  expect(wire.closed).toBe(1008);
});

test("a client that does not read is closed", () => {
  const { wire, connection } = opened();
  wire.bufferedAmount = 4 * 1024 * 1024;
  connection.send("a");
  expect(wire.closed).toBeNull();
  wire.bufferedAmount++;
  connection.send("b");
  expect(wire.closed).toBe(1008);
  connection.send("c");
  expect(wire.sent).toEqual(["a", "b"]);
});

test("a socket that throws is taken for lost", () => {
  const { wire, connection } = opened();
  wire.send = () => {
    throw new Error("not open");
  };
  connection.send("a");
  expect(connection.isOpen).toBe(false);
});
