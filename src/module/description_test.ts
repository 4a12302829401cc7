import { expect, test } from "vitest";
import { requireDescription } from "./description.ts";

test("a text that begins like a description is let through", () => {
  requireDescription("offer", "v=0\r\ns=-\r\n");
  requireDescription("answer", "\nv=0\n");
});

test.each([["", /it is empty vs/], [" \r\n", /it is empty vs/], ["m=audio 9", /"m=audio 9" vs/], [
  "v=01",
  /"v=01"/,
]])(
  "%j is refused with a sentence",
  (text, sentence) => {
    expect(() => requireDescription("offer", text)).toThrow(sentence);
    expect(() => requireDescription("answer", text)).toThrow(/^Cannot process the answer: /);
  },
);
