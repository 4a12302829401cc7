/**
 * Bytes that both JavaScript and the operating system see. `address` is where they start in the process
 * (0 in the portable twin); it stays valid as long as `bytes` is referenced.
 */
export interface Memory {
  readonly bytes: Uint8Array;
  readonly address: number;
}

/** Bytes per slot of the receive ring and of the egress area: an Ethernet MTU and some room for RTX and tags. */
export const SLOT_BYTES = 1536;

/**
 * One UDP port with batched reception into a ring of fixed slots and batched sending.
 *
 * The receive ring is also the packet history: `receive` fills the next slots in ring order, so a slot keeps its
 * packet until the ring has gone round once. Slot `i` starts at byte `i * SLOT_BYTES` of `ring.bytes`.
 * Nothing here allocates per packet (the portable twin does, and says so in `kind`).
 */
export interface UdpPort {
  readonly kind: "libc" | "portable";
  readonly localPort: number;
  /** "dual": one IPv6 socket that takes IPv4 too; "ipv4" where the machine has no IPv6. */
  readonly family: "dual" | "ipv4";

  readonly ring: Memory;
  /** A power of two. */
  readonly slotCount: number;
  /** By slot: length of the datagram in bytes. */
  readonly slotLength: Int32Array;
  /** By slot: four words of the sender's address, see base/address.ts. */
  readonly slotAddress: Uint32Array;
  /** By slot: the sender's port. */
  readonly slotPort: Uint16Array;
  /**
   * By slot: when the system took the datagram off the wire, in milliseconds of its own clock, whatever the time was
   * when this process came to read it; 0 where the system does not tell. Only differences mean anything.
   */
  readonly slotTimeMs: Float64Array;
  /** By slot: the side that the datagram came in by, 0 for the port itself. */
  readonly slotSide: Uint16Array;
  /** First slot of the last `receive`; the batch never wraps round the end of the ring. */
  readonly firstSlot: number;

  /** Resolves when something can be received, or after `timeoutMs`, or when `close` is called. */
  wait(timeoutMs: number): Promise<void>;
  /** Takes what is there, at most one batch; returns how many slots were filled from `firstSlot` on. */
  receive(): number;

  /**
   * Opens one more socket on the address of this one, a side, whose datagrams fill slots of the same ring; `port` 0
   * lets the system choose. Rejects with AppError `unavailable` when the port cannot be had.
   */
  openSide(port: number): Promise<SidePort>;
  /** Closes a side; its number may be given again. What was queued for it must be flushed before. */
  closeSide(side: number): void;

  /**
   * Names a destination, so that sending needs a number only; it is sent to by `side`, 0 for the port itself.
   * Destinations are 0 … destinationCount-1.
   */
  setDestination(destination: number, address: Uint32Array, at: number, port: number, side?: number): void;
  readonly destinationCount: number;
  /**
   * Marks what is sent to a destination from now on with a DiffServ code point (RFC 2474), 0–63; it stays when the
   * destination's address changes. Returns false, and marks nothing, where the system does not let it be said.
   */
  setDscp(destination: number, dscp: number): boolean;

  readonly egress: Memory;
  /**
   * Byte offset in `egress.bytes` of the next free egress slot of SLOT_BYTES. It is taken by the `push` that follows;
   * flushes by itself when all slots are taken.
   */
  nextEgress(): number;
  /**
   * Queues `length` bytes at `offset` of `egress` for `destination`. Consecutive pushes to one destination whose
   * lengths are equal (the last may be shorter) leave as one UDP GSO message where the system can do it.
   */
  push(destination: number, offset: number, length: number): void;
  /** Sends all that is queued. Never waits: what the socket buffer cannot take is dropped and counted. */
  flush(): void;

  readonly counters: UdpCounters;
  close(): void;
}

/** A socket beside the shared one. */
export interface SidePort {
  /** 1 or more. */
  readonly side: number;
  readonly port: number;
}

/** Running totals since the port was opened. */
export interface UdpCounters {
  packetsReceived: number;
  bytesReceived: number;
  packetsSent: number;
  bytesSent: number;
  /** Datagrams that could not be sent: full socket buffer, unreachable destination. */
  packetsUnsent: number;
  /** Datagrams longer than a slot, cut by the system and dropped here. */
  packetsTruncated: number;
  /** System calls made for sending; packetsSent / sendCalls shows how well batches fill. */
  sendCalls: number;
}

/**
 * SRTP protection profiles, by their RFC 5764 and RFC 7714 names, those of RFC 6188 likewise; NONE is plain RTP, with
 * empty keys.
 */
export type SrtpProfile = EncryptingProfile | "NONE";
export type EncryptingProfile = DtlsProfile | SdesProfile;
/** Those that DTLS negotiates here. */
export type DtlsProfile = "AEAD_AES_128_GCM" | "AES128_CM_HMAC_SHA1_80";
/** Those that only keys in an SDP are given for (RFC 4568, RFC 6188, RFC 7714). */
export type SdesProfile =
  | "AES128_CM_HMAC_SHA1_32"
  | "AES256_CM_HMAC_SHA1_80"
  | "AES256_CM_HMAC_SHA1_32"
  | "AEAD_AES_256_GCM";

/** Length in bytes of master key and master salt per profile (RFC 5764 section 4.1.2, RFC 6188, RFC 7714 section 12). */
export const srtpKeyLengths: Record<SrtpProfile, { key: number; salt: number }> = {
  AEAD_AES_128_GCM: { key: 16, salt: 12 },
  AEAD_AES_256_GCM: { key: 32, salt: 12 },
  AES128_CM_HMAC_SHA1_80: { key: 16, salt: 14 },
  AES128_CM_HMAC_SHA1_32: { key: 16, salt: 14 },
  AES256_CM_HMAC_SHA1_80: { key: 32, salt: 14 },
  AES256_CM_HMAC_SHA1_32: { key: 32, salt: 14 },
  NONE: { key: 0, salt: 0 },
};

/**
 * SRTP and SRTCP for one direction of one transport: keys derived, contexts kept. It knows neither replay nor
 * rollover; the caller gives and checks those. All lengths are bytes.
 */
export interface SrtpCipher {
  readonly profile: SrtpProfile;
  /** Bytes that protection adds to an RTP packet: 16, 10, 4, or 0 for none. */
  readonly rtpOverhead: number;
  /** Bytes that protection adds to an RTCP packet: 20, 14, or 0 for none. */
  readonly rtcpOverhead: number;

  /**
   * Encrypts `payloadLength` bytes of `source` from `payloadOffset` to right behind the plain header of
   * `headerLength` bytes that stands in `target` at `offset`, and appends the tag. `source` may be `target` with the
   * payload already in place. Returns the length of the protected packet, or 0 when nothing was protected: the cipher
   * is closed, or a span or the room for the tag is not within its memory.
   */
  protectRtp(
    target: Memory,
    offset: number,
    headerLength: number,
    source: Memory,
    payloadOffset: number,
    payloadLength: number,
    ssrc: number,
    rolloverCounter: number,
    sequenceNumber: number,
  ): number;

  /** Checks and decrypts a packet in place. Returns the plain length, or -1 when it is not authentic. */
  unprotectRtp(
    memory: Memory,
    offset: number,
    length: number,
    headerLength: number,
    ssrc: number,
    rolloverCounter: number,
    sequenceNumber: number,
  ): number;

  /** Protects a compound RTCP packet in place with SRTCP index `index` (0 … 2^31-1). Returns the new length, or 0 as above. */
  protectRtcp(memory: Memory, offset: number, length: number, index: number): number;

  /** Checks and decrypts in place. Returns the plain length, or -1; the SRTCP index is then in `rtcpIndex`. */
  unprotectRtcp(memory: Memory, offset: number, length: number): number;
  readonly rtcpIndex: number;

  /** Frees what the library holds. */
  close(): void;
}

export interface UdpOptions {
  /** Address to bind, "" or "::" for every one. */
  bind: string;
  /** 0 lets the system choose. */
  port: number;
  /** A power of two. */
  slotCount: number;
  /** Slots behind those in the ring's memory that nothing is received into, for packets that its owner writes; 0 when absent. */
  spareSlotCount?: number;
  egressSlotCount: number;
  destinationCount: number;
  /**
   * Where datagrams come faster than they are waited for, a wait holds the calling thread for a millisecond, at most four
   * times in a row, so that many are taken in one turn: for a thread that has little else to do.
   */
  gathers?: boolean;
}

/** The way to the operating system: FFI where it can be had, else the portable twin with the same types. */
export interface Native {
  readonly kind: "ffi" | "portable";
  /** Why it is the portable one; empty for FFI. */
  readonly reason: string;
  memory(byteLength: number): Memory;
  openUdp(options: UdpOptions): Promise<UdpPort>;
  openCipher(profile: SrtpProfile, masterKey: Uint8Array, masterSalt: Uint8Array): SrtpCipher;
  /**
   * Has the C library give memory back to the system that it holds for nobody, which it does not do by itself when that
   * lies between pieces in use: sessions that come and go leave a quarter of their memory so. It is done on another
   * thread, in a millisecond or so. Resolves to whether there was any; to false where the library cannot.
   */
  trimMemory(): Promise<boolean>;
  /**
   * Gives the calling thread another priority: `nice` from -20 (first) to 19 (last), 0 at start. False where it may not:
   * to come before others takes root or CAP_SYS_NICE.
   */
  setPriority(nice: number): boolean;
}
