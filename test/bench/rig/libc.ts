/**
 * The few calls of libc that a load generator needs and the server does not: many sockets behind one epoll, and the
 * clock that all processes of a machine share.
 */
const { symbols: calls } = Deno.dlopen("libc.so.6", {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  epoll_create1: { parameters: ["i32"], result: "i32" },
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  epoll_wait: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32" },
  recvmmsg: { parameters: ["i32", "buffer", "u32", "i32", "u64"], result: "i32" },
  sendto: { parameters: ["i32", "u64", "u64", "i32", "buffer", "u32"], result: "i32" },
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
});

export { calls };

const CLOCK_REALTIME = 0;
const timespec = new BigInt64Array(2);
const halves = new Uint32Array(timespec.buffer);

/** Microseconds since 1970, the same in every process of this machine and in what the kernel says of arrivals. */
export function realTimeUs(): number {
  calls.clock_gettime(CLOCK_REALTIME, timespec);
  return (halves[0] + halves[1] * 4294967296) * 1e6 + halves[2] / 1000;
}

/** `struct sockaddr_in` of "a.b.c.d" and a port. */
export function socketAddress(address: string, port: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_INET, true);
  view.setUint16(2, port, false);
  bytes.set(address.split(".").map(Number), 4);
  return bytes;
}

export const AF_INET = 2;
export const SOCK_DGRAM_NONBLOCK = 2 | 0x800;
export const SOL_SOCKET = 1;
export const SO_RCVBUFFORCE = 33;
export const SO_TIMESTAMPNS = 35;
export const EPOLLIN = 1;
export const EPOLL_CTL_ADD = 1;
export const MSG_DONTWAIT = 0x40;
