import { expect, test } from "vitest";
import { fragmentOfJson } from "./json_candidates.ts";

const text = "candidate:1 1 udp 2130706431 192.0.2.7 50000 typ host";
const header = "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n";

test("reads a candidate as browsers serialise it, wrapped ones, and arrays of both", () => {
  const init = { candidate: text, sdpMid: "1", sdpMLineIndex: 1, usernameFragment: "abcd" };
  for (const body of [init, [init], { candidate: init }, { candidate: `a=${text}` }]) {
    expect(fragmentOfJson(JSON.stringify(body))).toBe(`${header}a=${text}\r\n`);
  }
  expect(fragmentOfJson(JSON.stringify([init, init]))).toBe(`${header}a=${text}\r\na=${text}\r\n`);
});

test("reads the two ways to say that there are no more", () => {
  for (const candidate of [null, ""]) {
    expect(fragmentOfJson(JSON.stringify({ candidate }))).toBe(`${header}a=end-of-candidates\r\n`);
  }
});

test("refuses other JSON, and text that would smuggle in lines of its own", () => {
  const smuggled = JSON.stringify({ candidate: `${text}\r\na=ice-ufrag:evil` });
  for (const body of ["{", "7", "null", "{}", '["x"]', '{"candidate":7}', '{"candidate":"x"}', smuggled]) {
    expect(() => fragmentOfJson(body)).toThrow("Cannot read the ICE candidates");
  }
});
