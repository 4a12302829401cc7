import { expect, test } from "vitest";
import { readTurnUrl } from "./turn_url.ts";

test("a TURN URL gives its parts, by UDP where it says no transport", () => {
  expect(readTurnUrl("user:pass@192.0.2.1:3478")).toEqual({
    address: "192.0.2.1",
    port: 3478,
    transport: "udp",
    username: "user",
    credential: "pass",
  });
  expect(readTurnUrl("u:p@[2001:db8::1]:5349?transport=tls")).toMatchObject({
    address: "2001:db8::1",
    port: 5349,
    transport: "tls",
  });
  expect(readTurnUrl("u:p@192.0.2.1:80?transport=tcp")?.transport).toBe("tcp");
});

test("other forms, names and ports out of range are none", () => {
  for (
    const url of [
      "",
      "turn:192.0.2.1:3478",
      "u@192.0.2.1:1",
      "u:p@name:1",
      "u:p@192.0.2.1",
      "u:p@192.0.2.1:0",
    ]
      .concat("u:p@192.0.2.1:65536", "u:p@192.0.2.1:1?transport=sctp", "u:p@2001:db8::1:1")
  ) {
    expect(readTurnUrl(url), url).toBeNull();
  }
});
