import { expect, test } from "vitest";
import { iceServerLinks } from "./ice_server_link.ts";

test("writes a STUN server without and a TURN server with credentials", () => {
  const turn = { url: "turns:turn.example?transport=tcp", username: "1700000000:me", credential: "aB+/=" };
  expect(iceServerLinks([{ url: "stun:[2001:db8::1]:3478" }, turn])).toEqual([
    '<stun:[2001:db8::1]:3478>; rel="ice-server"',
    '<turns:turn.example?transport=tcp>; rel="ice-server"; username="1700000000:me"; credential="aB+/="; ' +
    'credential-type="password"',
  ]);
});

test("refuses what is no STUN or TURN URL, and says which", () => {
  for (const url of ["https://stun.example", "stun:", "stun:a,b", "stun:a>; rel=x"]) {
    expect(() => iceServerLinks([{ url }])).toThrow(`Cannot announce ICE server "${url}"`);
  }
});

test("refuses credentials that a naive reader of Link headers would cut", () => {
  for (const credential of ["a,b", "a;b", 'a"b', "a b", "a\\b", "ä", ""]) {
    const server = { url: "turn:turn.example", username: "me", credential };
    expect(() => iceServerLinks([server])).toThrow("its credential is empty or has");
  }
});
