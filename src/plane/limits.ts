/**
 * Every bound of the packet plane, with the reason for its size. Running out of one is a counted drop, never a throw.
 */

/**
 * Slots of the receive ring, which is also the history that NACKs and joins are answered from. At 10 publishers of
 * 300 packets/s each the ring holds more than 5 s: longer than any retransmission is useful, and about two groups of
 * pictures of an encoder that makes a keyframe every 2 s. 16384 × 1536 bytes = 24 MiB.
 */
export const RECEIVE_SLOTS = 16384;

/**
 * Slots behind the ring for parameter sets that descriptions tell: four to six for each publisher who does so.
 * Those beyond have to send them in the stream. 1024 × 1536 bytes = 1.5 MiB, touched only where they are used.
 */
export const SPARE_SLOTS = 1024;

/**
 * Slots of the egress area. A flush of 128 packets amortises its system call, stays in the second-level cache, and the
 * first viewers of a large batch have theirs early; 512 cost as much or more per packet.
 */
export const EGRESS_SLOTS = 128;

/** Transports at once: more than one plane thread can serve with media (1.3 µs per packet leaves 2500 viewers). */
export const MAX_TRANSPORTS = 4096;

/** Destinations that datagrams of the control side rotate through between two flushes. */
export const CONTROL_DESTINATIONS = 32;

/** Destinations at the UDP port: each transport's media, those of the control side, each transport's RTCP apart. */
export const DESTINATIONS = 2 * MAX_TRANSPORTS + CONTROL_DESTINATIONS;

/** Pairs of ports that are tried before a range counts as full: enough for one with a thousand in use. */
export const MAX_PORT_ATTEMPTS = 1024;

/** Addresses admitted per transport: the pairs that ICE may move between, and an IPv4 and IPv6 one of each. */
export const MAX_ADDRESSES_PER_TRANSPORT = 8;

/** SSRCs that one peer may use: 3 simulcast layers with RTX on 4 m-lines, and a restart of some of them. */
export const MAX_SSRCS_PER_TRANSPORT = 32;

/** Those that a peer with SRTP gave up, one with each restart, and may not use again: one an hour for more than a month. */
export const MAX_RETIRED_SSRCS = 1024;

/** STUN and DTLS datagrams passed up per turn; a flood of them must not fill the memory of the control side. */
export const MAX_CONTROL_DATAGRAMS_PER_TURN = 1024;

/**
 * Receive batches taken before the turn forwards what it has. In overload this empties the socket each turn, so that
 * STUN and DTLS never wait behind seconds of media; 4096 datagrams take some 6 ms and a quarter of the ring.
 */
export const MAX_BATCHES_PER_TURN = 64;

/**
 * Packets sent on behalf of one turn, about 150 ms of a core. What came beyond that while the turn before was under way
 * is more than the thread can serve: it is dropped at its entry, so that the sessions themselves go on.
 */
export const MAX_SENDS_PER_TURN = 65_536;

/** Packets of one source that a turn takes in any case: a keyframe may be more than its share at once. */
export const MIN_PACKETS_PER_TURN = 64;

/** Packets a source keeps an index of: the reach of NACK answers and of the replay of a group of pictures. */
export const VIDEO_HISTORY = 2048;
export const AUDIO_HISTORY = 512;

/** Packets of one source that wait for the end of the turn; a full list is forwarded at once. */
export const MAX_PENDING = 1024;

/** Missing packets remembered per SSRC. More than this is not loss but an outage: a keyframe is asked for instead. */
export const MAX_MISSING = 512;

/** Largest group of pictures that is replayed to a viewer who joins, in packets. */
export const MAX_REPLAY_PACKETS = 2000;

/** Replayed packets per sender and turn: about 25 ms of a 100 Mbit/s line, so that no queue on the way overflows. */
export const REPLAY_PACKETS_PER_TURN = 256;

/** Longest RTCP compound packet we write, so that it fits any path after protection. */
export const MAX_RTCP_BYTES = 1200;

/** Formats (codec and parameters) interned in the life of the plane; ids are stored in 16 bits per slot. */
export const MAX_FORMATS = 65535;
