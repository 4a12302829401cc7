import { describe, expect, test } from "vitest";
import { type Libc, linux, openLibc } from "./libc.ts";
import { openNative } from "./mod.ts";
import { openUdpSocket } from "./udp_socket.ts";

const EAFNOSUPPORT = 97;

/** The real library, on a machine that knows no IPv6 (or no sockets at all). */
function without(families: number[]): Libc {
  const real = openLibc();
  const socket = (family: number, type: number, protocol: number) => {
    if (!families.includes(family)) return real.calls.socket(family, type, protocol);
    real.errno[0] = EAFNOSUPPORT;
    return -1;
  };
  return { ...real, calls: { ...real.calls, socket } as Libc["calls"] };
}

describe.skipIf(openNative().kind !== "ffi")("the UDP socket", () => {
  test("without IPv6 every address means every IPv4 address", () => {
    const libc = without([linux.AF_INET6]);
    const socket = openUdpSocket(libc, "", 0);
    expect(socket).toMatchObject({ family: "ipv4", nameBytes: 16 });
    expect(socket.port).toBeGreaterThan(0);
    libc.calls.close(socket.fd);
  });

  test("an IPv6 address without IPv6 is refused, and so is everything without any family", () => {
    expect(() => openUdpSocket(without([linux.AF_INET6]), "::1", 0)).toThrow("the system said error 97");
    expect(() => openUdpSocket(without([linux.AF_INET, linux.AF_INET6]), "", 0)).toThrow(
      "Cannot bind UDP port 0",
    );
  });
});
