import { describe, expect, test } from "vitest";
import { parseCandidate, usableAddress } from "./candidate.ts";

const usable = (text: string) => {
  const candidate = parseCandidate(text);
  return candidate && usableAddress(candidate);
};

describe("a remote candidate", () => {
  test("of UDP with an IP address can be checked", () => {
    expect(usable("candidate:1 1 UDP 2130706431 192.0.2.1 5000 typ host generation 0")).toEqual({
      address: "192.0.2.1",
      port: 5000,
    });
    expect(usable("a=candidate:1 1 udp 1 2001:DB8::1 5000 typ srflx raddr :: rport 0")?.address).toBe(
      "2001:db8::1",
    );
  });

  test("of another kind is skipped", () => {
    expect(usable("candidate:1 1 udp 1 f3a1.local 5000 typ host")).toBe(null);
    expect(usable("candidate:1 1 tcp 1 192.0.2.1 9 typ host tcptype active")).toBe(null);
    expect(usable("candidate:1 2 udp 1 192.0.2.1 5000 typ host")).toBe(null);
    expect(usable("candidate:1 1 udp 1 192.0.2.1 0 typ host")).toBe(null);
    expect(usable("candidate:1 1 udp 1 239.1.1.1 5000 typ host")).toBe(null);
    expect(usable("candidate:1 1 udp 1 255.255.255.255 5000 typ host")).toBe(null);
    expect(usable("candidate:1 1 udp 1 :: 5000 typ host")).toBe(null);
    expect(usable("nonsense")).toBe(null);
  });
});
