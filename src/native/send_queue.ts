// hot
import { AddressWords } from "./address_words.ts";
import { classCmsg, cmsg, errno, iovec, type Libc, linux, mmsghdr, sockaddr } from "./libc.ts";
import { allocate, writeAddress } from "./memory.ts";
import { type Memory, SLOT_BYTES, type UdpCounters } from "./types.ts";

/** What the kernel takes in one GSO message: UDP_MAX_SEGMENTS, and a datagram's 16-bit length with some room. */
const MAX_SEGMENTS = 64;
const MAX_MESSAGE_BYTES = 65000;

/** The control bytes of one message: its segment size, then its traffic class. */
const CONTROL_BYTES = cmsg.space + classCmsg.space;
/** What a destination's DiffServ code point is shifted by in the traffic class: the two bits below are ECN's. */
const DSCP_SHIFT = 2;

/** What a SendQueue is made for. */
export interface SendQueueOptions {
  fd: number;
  /** Bytes of the socket's kind of address: 16 for IPv4, 28 for IPv6. */
  nameBytes: number;
  egressSlotCount: number;
  destinationCount: number;
  /** Whether the kernel knows UDP_SEGMENT. */
  segmentation: boolean;
}

/**
 * The send side of a socket. Segment `i` has `iovec` i; message `m` has `mmsghdr` m, whose control bytes hold one
 * UDP_SEGMENT and one traffic class, which pointer and length switch on. Only lengths, counts and pointers change per
 * packet.
 */
export class SendQueue {
  readonly egress: Memory;
  readonly destinationCount: number;

  readonly #libc: Libc;
  readonly #options: SendQueueOptions;
  readonly #counters: UdpCounters;
  readonly #destinations: Memory;
  readonly #destinationView: DataView;
  readonly #iovecs: Memory;
  readonly #iovecView: DataView;
  readonly #headers: Memory;
  readonly #headerView: DataView;
  readonly #controls: Memory;
  readonly #controlView: DataView;
  readonly #words = new AddressWords(3);
  /** By destination: traffic class, and whether it is reached over IPv4. */
  readonly #classes: Uint8Array;
  readonly #overIPv4: Uint8Array;
  /** By message: the class that its control bytes are set up for, 0 for none. */
  readonly #messageClass: Uint8Array;

  readonly #messageDestination: Int32Array;
  readonly #messageFirst: Int32Array;
  readonly #messageSegments: Int32Array;
  readonly #messageBytes: Int32Array;
  readonly #messageSegmentBytes: Int32Array;
  /** By destination: the side it is sent to by; and by side its socket, -1 for none. */
  readonly #sides: Uint16Array;
  readonly #sideFds: number[] = [];
  #hasSides = false;
  #messageCount = 0;
  #segmentCount = 0;
  /** The last message cannot grow: its last segment was shorter. */
  #messageClosed = true;
  #maxSegments: number;

  constructor(libc: Libc, options: SendQueueOptions, counters: UdpCounters) {
    const slots = options.egressSlotCount;
    this.#libc = libc;
    this.#options = options;
    this.#counters = counters;
    this.#maxSegments = options.segmentation ? MAX_SEGMENTS : 1;
    this.egress = allocate(slots * SLOT_BYTES);
    this.destinationCount = options.destinationCount;
    this.#destinations = allocate(options.destinationCount * sockaddr.stride);
    this.#destinationView = new DataView(this.#destinations.bytes.buffer);
    this.#iovecs = allocate(slots * iovec.bytes);
    this.#iovecView = new DataView(this.#iovecs.bytes.buffer);
    this.#headers = allocate(slots * mmsghdr.bytes);
    this.#headerView = new DataView(this.#headers.bytes.buffer);
    this.#controls = allocate(slots * CONTROL_BYTES);
    this.#controlView = new DataView(this.#controls.bytes.buffer);
    this.#classes = new Uint8Array(options.destinationCount);
    this.#overIPv4 = new Uint8Array(options.destinationCount);
    this.#sides = new Uint16Array(options.destinationCount);
    this.#sideFds.push(options.fd);
    this.#messageClass = new Uint8Array(slots);
    this.#messageDestination = new Int32Array(slots);
    this.#messageFirst = new Int32Array(slots);
    this.#messageSegments = new Int32Array(slots);
    this.#messageBytes = new Int32Array(slots);
    this.#messageSegmentBytes = new Int32Array(slots);
    this.#writeTables(slots);
  }

  /** The socket of a side, -1 when it is closed. All have the family of the shared one. */
  setSide(side: number, fd: number): void {
    this.#sideFds[side] = fd;
    this.#hasSides = true;
  }

  setDestination(destination: number, address: Uint32Array, at: number, port: number, side: number): void {
    this.#sides[destination] = side;
    const offset = destination * sockaddr.stride;
    const view = this.#destinationView;
    const mapped = address[at] === 0 && address[at + 1] === 0 && address[at + 2] === 0xffff;
    this.#overIPv4[destination] = mapped ? 1 : 0;
    view.setUint16(offset + sockaddr.port, port, false);
    if (this.#options.nameBytes === sockaddr.v4Bytes) {
      // An IPv6 destination keeps its family here, which an IPv4 socket refuses: a counted drop.
      view.setUint16(offset + sockaddr.family, mapped ? linux.AF_INET : linux.AF_INET6, true);
      view.setUint32(offset + sockaddr.v4Address, address[at + 3], false);
      return;
    }
    view.setUint16(offset + sockaddr.family, linux.AF_INET6, true);
    for (let i = 0; i < 4; i++) view.setUint32(offset + sockaddr.v6Address + 4 * i, address[at + i], false);
  }

  setDscp(destination: number, dscp: number): boolean {
    this.#classes[destination] = dscp << DSCP_SHIFT;
    return true;
  }

  nextEgress(): number {
    if (this.#segmentCount === this.#options.egressSlotCount) this.flush();
    return this.#segmentCount * SLOT_BYTES;
  }

  push(destination: number, offset: number, length: number): void {
    if (!this.#isSendable(destination, offset, length)) {
      this.#counters.packetsUnsent++;
      return;
    }
    if (this.#segmentCount === this.#options.egressSlotCount) this.flush();
    const segment = this.#segmentCount++;
    const at = segment * iovec.bytes;
    writeAddress(this.#iovecView, at + iovec.base, this.egress.address + offset);
    this.#iovecView.setUint32(at + iovec.length, length, true);
    if (this.#fitsLastMessage(destination, length)) this.#appendSegment(length);
    else this.#startMessage(destination, segment, length);
  }

  flush(): void {
    const total = this.#messageCount;
    let next = 0;
    for (let message = 0; message < total; message++) this.#finishMessage(message);
    while (next < total) {
      const end = this.#hasSides ? this.#endOfSide(next, total) : total;
      this.#words.set(0, this.#headers.address + next * mmsghdr.bytes);
      const sent = this.#libc.calls.sendmmsg(
        this.#fdOf(next),
        this.#words.at[0],
        end - next,
        linux.MSG_DONTWAIT,
      );
      this.#counters.sendCalls++;
      if (sent > 0) {
        for (let i = 0; i < sent; i++) this.#countSent(next + i);
        next += sent;
        continue;
      }
      next = this.#afterFailure(next, end);
    }
    this.#messageCount = 0;
    this.#segmentCount = 0;
    this.#messageClosed = true;
  }

  /** Messages of one socket leave together: where the run that begins with `message` ends. */
  #endOfSide(message: number, total: number): number {
    const side = this.#sides[this.#messageDestination[message]];
    let end = message + 1;
    while (end < total && this.#sides[this.#messageDestination[end]] === side) end++;
    return end;
  }

  #fdOf(message: number): number {
    return this.#sideFds[this.#sides[this.#messageDestination[message]]];
  }

  /** Says from which message to go on after `message` could not be sent; its socket's messages end before `end`. */
  #afterFailure(message: number, end: number): number {
    const code = this.#libc.errno[0];
    if (code === errno.EINTR) return message;
    if (code === errno.EAGAIN || code === errno.ENOBUFS || code === errno.ENOMEM) {
      // No room in the socket or the device: what follows would fail too.
      for (let i = message; i < end; i++) this.#counters.packetsUnsent += this.#messageSegments[i];
      return end;
    }
    // One viewer's trouble (no route, refused, forbidden) must not cost another viewer a packet.
    if (this.#messageSegments[message] > 1 && isSegmentationFailure(code)) this.#sendOneByOne(message, code);
    else this.#counters.packetsUnsent += this.#messageSegments[message];
    return message + 1;
  }

  /** A route or device that cannot segment (a path MTU below the segment, no checksum offload) still takes datagrams. */
  #sendOneByOne(message: number, code: number): void {
    if (code === errno.EIO) this.#maxSegments = 1;
    const first = this.#messageFirst[message];
    const name = this.#destinations.address + this.#messageDestination[message] * sockaddr.stride;
    this.#words.set(2, name);
    for (let segment = first; segment < first + this.#messageSegments[message]; segment++) {
      this.#sendSegment(segment, this.#fdOf(message));
    }
  }

  #sendSegment(segment: number, fd: number): void {
    const at = segment * iovec.bytes;
    const length = this.#iovecView.getUint32(at + iovec.length, true);
    const high = this.#iovecView.getUint32(at + iovec.base + 4, true);
    this.#words.set(0, high * 4294967296 + this.#iovecView.getUint32(at + iovec.base, true));
    this.#words.set(1, length);
    const { at: words } = this.#words;
    const { nameBytes } = this.#options;
    const sent = this.#libc.calls.sendto(fd, words[0], words[1], linux.MSG_DONTWAIT, words[2], nameBytes);
    this.#counters.sendCalls++;
    if (sent < 0) {
      this.#counters.packetsUnsent++;
      return;
    }
    this.#counters.packetsSent++;
    this.#counters.bytesSent += length;
  }

  /** A wrong offset would hand the network bytes that are not ours to send, so it is a counted drop. */
  #isSendable(destination: number, offset: number, length: number): boolean {
    return length > 0 && length <= SLOT_BYTES && offset >= 0 && offset + length <= this.egress.bytes.length &&
      destination >= 0 && destination < this.destinationCount;
  }

  #fitsLastMessage(destination: number, length: number): boolean {
    const last = this.#messageCount - 1;
    return !this.#messageClosed && this.#messageDestination[last] === destination &&
      length <= this.#messageSegmentBytes[last] && this.#messageSegments[last] < this.#maxSegments &&
      this.#messageBytes[last] + length <= MAX_MESSAGE_BYTES;
  }

  #appendSegment(length: number): void {
    const last = this.#messageCount - 1;
    this.#messageSegments[last]++;
    this.#messageBytes[last] += length;
    this.#messageClosed = length < this.#messageSegmentBytes[last];
  }

  #startMessage(destination: number, segment: number, length: number): void {
    const message = this.#messageCount++;
    this.#messageDestination[message] = destination;
    this.#messageFirst[message] = segment;
    this.#messageSegments[message] = 1;
    this.#messageBytes[message] = length;
    this.#messageSegmentBytes[message] = length;
    this.#messageClosed = false;
  }

  #finishMessage(message: number): void {
    const header = message * mmsghdr.bytes;
    const view = this.#headerView;
    const segments = this.#messageSegments[message];
    const name = this.#destinations.address + this.#messageDestination[message] * sockaddr.stride;
    const first = this.#iovecs.address + this.#messageFirst[message] * iovec.bytes;
    writeAddress(view, header + mmsghdr.name, name);
    writeAddress(view, header + mmsghdr.iovecs, first);
    view.setUint32(header + mmsghdr.iovecCount, segments, true);
    view.setUint32(header + mmsghdr.controlLength, segments > 1 ? cmsg.space : 0, true);
    this.#controlView.setUint16(
      message * CONTROL_BYTES + cmsg.data,
      this.#messageSegmentBytes[message],
      true,
    );
    const trafficClass = this.#classes[this.#messageDestination[message]];
    if (trafficClass !== 0 || this.#messageClass[message] !== 0) this.#markMessage(message, trafficClass);
  }

  /** Without a segment size the control bytes begin with the class; without a class they end before it. */
  #markMessage(message: number, trafficClass: number): void {
    const header = message * mmsghdr.bytes;
    const control = message * CONTROL_BYTES;
    const segmented = this.#messageSegments[message] > 1;
    const start = segmented || trafficClass === 0 ? control : control + cmsg.space;
    const length = (segmented ? cmsg.space : 0) + (trafficClass === 0 ? 0 : classCmsg.space);
    writeAddress(this.#headerView, header + mmsghdr.control, this.#controls.address + start);
    this.#headerView.setUint32(header + mmsghdr.controlLength, length, true);
    const view = this.#controlView;
    const at = control + cmsg.space;
    // Each address family reads its own option and passes over the other.
    const overIPv4 = this.#overIPv4[this.#messageDestination[message]] === 1;
    view.setInt32(at + classCmsg.level, overIPv4 ? linux.IPPROTO_IP : linux.IPPROTO_IPV6, true);
    view.setInt32(at + classCmsg.type, overIPv4 ? linux.IP_TOS : linux.IPV6_TCLASS, true);
    view.setInt32(at + classCmsg.data, trafficClass, true);
    this.#messageClass[message] = trafficClass;
  }

  #countSent(message: number): void {
    this.#counters.packetsSent += this.#messageSegments[message];
    this.#counters.bytesSent += this.#messageBytes[message];
  }

  #writeTables(slots: number): void {
    for (let message = 0; message < slots; message++) {
      const header = message * mmsghdr.bytes;
      const control = message * CONTROL_BYTES;
      this.#headerView.setUint32(header + mmsghdr.nameLength, this.#options.nameBytes, true);
      writeAddress(this.#headerView, header + mmsghdr.control, this.#controls.address + control);
      this.#controlView.setUint32(control + cmsg.length, cmsg.lengthValue, true);
      this.#controlView.setInt32(control + cmsg.level, linux.SOL_UDP, true);
      this.#controlView.setInt32(control + cmsg.type, linux.UDP_SEGMENT, true);
      this.#controlView.setUint32(control + cmsg.space + classCmsg.length, classCmsg.lengthValue, true);
    }
  }
}

function isSegmentationFailure(code: number): boolean {
  return code === errno.EINVAL || code === errno.EMSGSIZE || code === errno.EIO;
}
