import { describe, expect, test } from "vitest";
import { parseAddress } from "../base/mod.ts";
import { openNative, SLOT_BYTES, type UdpPort } from "./mod.ts";

const native = openNative();
const options = { bind: "", port: 0, slotCount: 64, egressSlotCount: 64, destinationCount: 4 };
/** Expedited forwarding and AF42: what RFC 8837 gives to audio and to interactive video. */
const EF = 46;
const AF42 = 36;

const number = {
  AF_INET: 2,
  AF_INET6: 10,
  SOCK_DGRAM: 2,
  IPPROTO_IP: 0,
  IP_RECVTOS: 13,
  IPPROTO_IPV6: 41,
  IPV6_RECVTCLASS: 66,
  MSG_DONTWAIT: 0x40,
};

function openLibc() {
  return Deno.dlopen("libc.so.6", {
    socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
    bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
    getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
    setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
    recvmsg: { parameters: ["i32", "buffer", "i32"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
  });
}

/** A socket on the loopback address of one family that tells the traffic class of what it receives. */
class ClassReader {
  readonly #libc = openLibc();
  readonly #fd: number;
  readonly port: number;

  constructor(family: "ipv4" | "ipv6") {
    const calls = this.#libc.symbols;
    const v6 = family === "ipv6";
    this.#fd = calls.socket(v6 ? number.AF_INET6 : number.AF_INET, number.SOCK_DGRAM, 0);
    const name = new Uint8Array(28);
    name[0] = v6 ? number.AF_INET6 : number.AF_INET;
    if (v6) name[23] = 1;
    else name.set([127, 0, 0, 1], 4);
    expect(calls.bind(this.#fd, name, v6 ? 28 : 16)).toBe(0);
    calls.getsockname(this.#fd, name, new Uint8Array(new Int32Array([28]).buffer));
    this.port = new DataView(name.buffer).getUint16(2);
    const on = new Uint8Array(new Int32Array([1]).buffer);
    const [level, option] = v6
      ? [number.IPPROTO_IPV6, number.IPV6_RECVTCLASS]
      : [number.IPPROTO_IP, number.IP_RECVTOS];
    expect(calls.setsockopt(this.#fd, level, option, on, 4)).toBe(0);
  }

  /** DSCP and first byte of each datagram that is there. */
  take(): { dscp: number; first: number }[] {
    const taken: { dscp: number; first: number }[] = [];
    for (;;) {
      const data = new Uint8Array(2048);
      const control = new Uint8Array(64);
      const iovec = new BigUint64Array([addressOf(data), 2048n]);
      const header = new BigUint64Array(7);
      header.set([0n, 0n, addressOf(iovec), 1n, addressOf(control), 64n]);
      const length = this.#libc.symbols.recvmsg(this.#fd, header, number.MSG_DONTWAIT);
      if (length < 0) return taken;
      // IP_TOS comes as a byte, IPV6_TCLASS as an int of the machine's (little) order.
      const told = header[5] > 0n ? control[16] : 0;
      taken.push({ dscp: told >>> 2, first: data[0] });
    }
  }

  close(): void {
    this.#libc.symbols.close(this.#fd);
    this.#libc.close();
  }
}

const addressOf = (bytes: Uint8Array<ArrayBuffer> | BigUint64Array<ArrayBuffer>) =>
  Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes));

function aim(port: UdpPort, destination: number, address: string, at: number): void {
  const words = new Uint32Array(4);
  parseAddress(address, words);
  port.setDestination(destination, words, 0, at);
}

function push(port: UdpPort, destination: number, first: number, count = 1): void {
  for (let i = 0; i < count; i++) {
    const at = port.nextEgress();
    port.egress.bytes.fill(first, at, at + 200);
    port.push(destination, at, 200);
  }
}

describe.skipIf(native.kind !== "ffi")("DiffServ code points by FFI", () => {
  const families = [["ipv4", "127.0.0.1"], ["ipv6", "::1"]] as const;
  test.each(families)("each destination's own is on its packets, %s", async (family, address) => {
    const port = await native.openUdp(options);
    const reader = new ClassReader(family);
    for (let destination = 0; destination < 3; destination++) aim(port, destination, address, reader.port);
    expect(port.setDscp(0, EF)).toBe(true);
    expect(port.setDscp(1, AF42)).toBe(true);
    // One alone, a run that leaves as one message, and packets without any between them.
    push(port, 0, 1);
    push(port, 2, 2);
    push(port, 1, 3, 5);
    push(port, 2, 4, 3);
    push(port, 0, 5);
    port.flush();
    const expected = [[EF, 1], [0, 2], ...Array(5).fill([AF42, 3]), ...Array(3).fill([0, 4]), [EF, 5]];
    expect(reader.take().map(({ dscp, first }) => [dscp, first])).toEqual(expected);
    // The same messages again with everything the other way round.
    port.setDscp(0, 0);
    port.setDscp(2, EF);
    push(port, 0, 6, 2);
    push(port, 2, 7);
    push(port, 0, 8);
    push(port, 2, 9, 2);
    port.flush();
    expect(reader.take().map(({ dscp, first }) => [dscp, first])).toEqual([
      [0, 6],
      [0, 6],
      [EF, 7],
      [0, 8],
      [EF, 9],
      [EF, 9],
    ]);
    expect(port.counters.packetsUnsent).toBe(0);
    reader.close();
    port.close();
  });
});

test("the portable twin says that it cannot mark, and sends all the same", async () => {
  const port = await openNative("portable").openUdp(options);
  expect(port.setDscp(0, EF)).toBe(false);
  expect(port.setDscp(0, 0)).toBe(true);
  expect(port.egress.bytes.length).toBe(options.egressSlotCount * SLOT_BYTES);
  port.close();
});
