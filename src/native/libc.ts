/**
 * The C library of Linux as this room calls it.
 *
 * What runs per packet takes every pointer as a `u64` parameter that goes in as a bigint. Measured with Deno 2.9.6: a bigint takes V8's fast call
 * (4 ns), a number for the same parameter takes the slow one (70 ns). A bigint that is read from a BigUint64Array, or kept
 * in a field, costs no allocation once the caller is optimised; see `AddressWords`. What runs once takes a `buffer`, which
 * also keeps the bytes from being collected during the call.
 */
const symbols = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  epoll_create1: { parameters: ["i32"], result: "i32" },
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  epoll_wait: { parameters: ["i32", "u64", "i32", "i32"], result: "i32" },
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  // ssize_t: the lower half says all we ask, and an i64 would come back as an allocated bigint.
  write: { parameters: ["i32", "buffer", "u64"], result: "i32" },
  poll: { parameters: ["u64", "u64", "i32"], result: "i32", nonblocking: true },
  pollHere: { name: "poll", parameters: ["u64", "u64", "i32"], result: "i32" },
  recvmmsg: { parameters: ["i32", "u64", "u32", "i32", "u64"], result: "i32" },
  sendmmsg: { parameters: ["i32", "u64", "u32", "i32"], result: "i32" },
  sendto: { parameters: ["i32", "u64", "u64", "i32", "u64", "u32"], result: "i32" },
  memmove: { parameters: ["u64", "u64", "u64"], result: "void" },
  __errno_location: { parameters: [], result: "u64" },
  setpriority: { parameters: ["i32", "u32", "i32"], result: "i32" },
  // glibc alone has it.
  malloc_trim: { parameters: ["usize"], result: "i32", nonblocking: true, optional: true },
} as const;

export type LibcCalls = Deno.DynamicLibrary<typeof symbols>["symbols"];

/** The C library's calls and this thread's error number. */
export interface Libc {
  readonly calls: LibcCalls;
  /** `errno` of the thread that opened the library, at index 0; valid right after a call that failed. */
  readonly errno: Int32Array;
}

/** Opens the C library (glibc or musl). Throws when it has none of the calls, e.g. on another system than Linux. */
export function openLibc(): Libc {
  const { symbols: calls } = openFirst(["libc.so.6", "libc.so", `libc.musl-${Deno.build.arch}.so.1`]);
  const location = Deno.UnsafePointer.create(calls.__errno_location());
  if (location === null) throw new Error("Cannot read errno: the C library gave no address for it");
  return { calls, errno: new Int32Array(Deno.UnsafePointerView.getArrayBuffer(location, 4)) };
}

function openFirst(names: string[]): Deno.DynamicLibrary<typeof symbols> {
  let failure: unknown;
  for (const name of names) {
    try {
      return Deno.dlopen(name, symbols);
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

/** Numbers of Linux' headers; equal on x86_64 and aarch64. */
export const linux = {
  AF_INET: 2,
  AF_INET6: 10,
  SOCK_DGRAM: 2,
  SOCK_NONBLOCK: 0x800,
  SOCK_CLOEXEC: 0x80000,
  SOL_SOCKET: 1,
  SO_SNDBUF: 7,
  SO_RCVBUF: 8,
  SO_TIMESTAMPNS: 35,
  SO_SNDBUFFORCE: 32,
  SO_RCVBUFFORCE: 33,
  IPPROTO_IP: 0,
  IP_TOS: 1,
  IPPROTO_IPV6: 41,
  IPV6_V6ONLY: 26,
  IPV6_TCLASS: 67,
  SOL_UDP: 17,
  UDP_SEGMENT: 103,
  EPOLL_CLOEXEC: 0x80000,
  EPOLL_CTL_ADD: 1,
  EPOLLIN: 1,
  EFD_CLOEXEC: 0x80000,
  EFD_NONBLOCK: 0x800,
  POLLIN: 1,
  PRIO_PROCESS: 0,
  MSG_TRUNC: 0x20,
  MSG_DONTWAIT: 0x40,
} as const;

/** Error numbers of Linux that sending has to tell apart. */
export const errno = {
  EINTR: 4,
  EIO: 5,
  EAGAIN: 11,
  ENOMEM: 12,
  EINVAL: 22,
  EMSGSIZE: 90,
  ENOBUFS: 105,
} as const;

/** `struct sockaddr_in` and `sockaddr_in6`: offsets in bytes; the port has the same place in both. */
export const sockaddr = {
  family: 0,
  port: 2,
  v4Address: 4,
  v6Address: 8,
  v4Bytes: 16,
  v6Bytes: 28,
  /** Distance between two in our tables: a multiple of 8 that holds either. */
  stride: 32,
} as const;

/** `struct iovec`. */
export const iovec = { base: 0, length: 8, bytes: 16 } as const;

/** `struct mmsghdr`: a `msghdr` and the length of what was received or sent. */
export const mmsghdr = {
  name: 0,
  nameLength: 8,
  iovecs: 16,
  iovecCount: 24,
  control: 32,
  controlLength: 40,
  flags: 48,
  length: 56,
  bytes: 64,
} as const;

/** `struct cmsghdr` that carries one u16; `space` is CMSG_SPACE(2), `lengthValue` CMSG_LEN(2). */
export const cmsg = { length: 0, level: 8, type: 12, data: 16, lengthValue: 18, space: 24 } as const;

/** `struct cmsghdr` that carries one int (IP_TOS, IPV6_TCLASS); `space` is CMSG_SPACE(4), `lengthValue` CMSG_LEN(4). */
export const classCmsg = { length: 0, level: 8, type: 12, data: 16, lengthValue: 20, space: 24 } as const;

/** `struct cmsghdr` that carries a `struct timespec` (SO_TIMESTAMPNS); `space` is CMSG_SPACE(16). */
export const timeCmsg = { length: 0, type: 12, seconds: 16, nanoseconds: 24, space: 32 } as const;

/** `struct epoll_event`, which x86_64 packs. */
export const epollEvent = Deno.build.arch === "x86_64"
  ? { events: 0, data: 4, bytes: 12 } as const
  : { events: 0, data: 8, bytes: 16 } as const;

/** `struct pollfd`. */
export const pollfd = { fd: 0, events: 4, revents: 6, bytes: 8 } as const;
