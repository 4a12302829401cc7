import { expect, test } from "vitest";
import { LineSplitter, readMessage, writeMessage } from "./lines.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test("lines are the same however the bytes are cut, within characters too", () => {
  const whole = bytes('{"a":"ä€"}\n\nsecond\nrest');
  for (let size = 1; size <= whole.length; size++) {
    const splitter = new LineSplitter();
    const lines: string[] = [];
    for (let at = 0; at < whole.length; at += size) lines.push(...splitter.push(whole.slice(at, at + size)));
    expect(lines).toEqual(['{"a":"ä€"}', "", "second"]);
    expect(splitter.push(bytes("!\n"))).toEqual(["rest!"]);
  }
});

test("a line without an end is dropped, and the next one is read", () => {
  const splitter = new LineSplitter();
  for (let i = 0; i < 300; i++) expect(splitter.push(new Uint8Array(8192).fill(65))).toEqual([]);
  expect(splitter.push(bytes("A\nshort\n"))).toEqual(["short"]);
});

test("messages survive the way, and what is none is nothing", () => {
  const message = { do: "close", program: 3, text: "a\nb" };
  const [line] = new LineSplitter().push(writeMessage(message));
  expect(readMessage(line)).toEqual(message);
  expect(readMessage("x264 [info]: hello")).toBeNull();
  expect(readMessage("{broken")).toBeNull();
});
