import { AppError, parseAddress } from "../base/mod.ts";
import { type Libc, linux, sockaddr } from "./libc.ts";

/** Wanted socket buffers: 8 MB hold about a tenth of a second of the plane's full rate. */
const BUFFER_BYTES = 8 << 20;

/** A bound, non-blocking UDP socket. */
export interface UdpSocket {
  fd: number;
  port: number;
  family: "dual" | "ipv4";
  /** Bytes of its kind of address. */
  nameBytes: number;
  /** Whether the kernel can cut a long message into datagrams (UDP_SEGMENT, Linux 4.18). */
  segmentation: boolean;
}

/**
 * Opens and binds. `address` is "" or "::" for every address; an IPv4 one gives an IPv4 socket; without IPv6 on the
 * machine "every address" means every IPv4 one. Throws AppError `unavailable` when the port cannot be had.
 */
export function openUdpSocket(libc: Libc, address: string, port: number): UdpSocket {
  const words = new Uint32Array(4);
  const any = address === "" || address === "::";
  if (!any && !parseAddress(address, words)) throw refusal(address, port, "the address is not an IP address");
  const isIPv4 = words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
  const first = bindSocket(libc, isIPv4 ? linux.AF_INET : linux.AF_INET6, words, port);
  if (typeof first !== "number") return first;
  const second = any ? bindSocket(libc, linux.AF_INET, words, port) : first;
  if (typeof second !== "number") return second;
  throw refusal(address, port, `the system said error ${first}`);
}

function refusal(address: string, port: number, found: string): AppError {
  const wanted = "vs a free UDP port on an address of this machine, choose another";
  return new AppError("unavailable", `Cannot bind UDP port ${port} of "${address}": ${found} ${wanted}`);
}

/** The socket, or the error number. */
function bindSocket(libc: Libc, family: number, words: Uint32Array, port: number): UdpSocket | number {
  const { calls, errno } = libc;
  const fd = calls.socket(family, linux.SOCK_DGRAM | linux.SOCK_NONBLOCK | linux.SOCK_CLOEXEC, 0);
  if (fd < 0) return errno[0];
  if (family === linux.AF_INET6) setOption(libc, fd, linux.IPPROTO_IPV6, linux.IPV6_V6ONLY, 0);
  const nameBytes = family === linux.AF_INET6 ? sockaddr.v6Bytes : sockaddr.v4Bytes;
  const name = socketName(family, words, port);
  if (calls.bind(fd, name, nameBytes) !== 0) {
    const code = errno[0];
    calls.close(fd);
    return code;
  }
  enlargeBuffers(libc, fd);
  // Where the kernel cannot, no time comes with a datagram, and that is all.
  setOption(libc, fd, linux.SOL_SOCKET, linux.SO_TIMESTAMPNS, 1);
  return {
    fd,
    nameBytes,
    port: boundPort(libc, fd),
    family: family === linux.AF_INET6 ? "dual" : "ipv4",
    segmentation: setOption(libc, fd, linux.SOL_UDP, linux.UDP_SEGMENT, 0),
  };
}

function socketName(family: number, words: Uint32Array, port: number): Uint8Array<ArrayBuffer> {
  const name = new Uint8Array(sockaddr.stride);
  const view = new DataView(name.buffer);
  view.setUint16(sockaddr.family, family, true);
  view.setUint16(sockaddr.port, port, false);
  if (family === linux.AF_INET) view.setUint32(sockaddr.v4Address, words[3], false);
  else words.forEach((word, i) => view.setUint32(sockaddr.v6Address + 4 * i, word, false));
  return name;
}

function boundPort(libc: Libc, fd: number): number {
  const name = new Uint8Array(sockaddr.stride);
  libc.calls.getsockname(fd, name, int32(sockaddr.stride));
  return new DataView(name.buffer).getUint16(sockaddr.port, false);
}

function enlargeBuffers(libc: Libc, fd: number): void {
  // The FORCE options pass the system's limit and need CAP_NET_ADMIN; the plain ones take what the limit allows.
  setOption(libc, fd, linux.SOL_SOCKET, linux.SO_RCVBUFFORCE, BUFFER_BYTES) ||
    setOption(libc, fd, linux.SOL_SOCKET, linux.SO_RCVBUF, BUFFER_BYTES);
  setOption(libc, fd, linux.SOL_SOCKET, linux.SO_SNDBUFFORCE, BUFFER_BYTES) ||
    setOption(libc, fd, linux.SOL_SOCKET, linux.SO_SNDBUF, BUFFER_BYTES);
}

function setOption(libc: Libc, fd: number, level: number, option: number, value: number): boolean {
  return libc.calls.setsockopt(fd, level, option, int32(value), 4) === 0;
}

function int32(value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return bytes;
}
