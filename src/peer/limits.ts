/**
 * Upper bounds on what a remote side may make this room hold or do. A well-behaved client stays an order of magnitude
 * below each of them.
 */
export const limits = {
  /** Bytes of a session description; a Chromium offer of two m-lines has about 7000. */
  sdpBytes: 131_072,
  /** m-lines of a session description. */
  mediaSections: 32,
  /** Simulcast layers of one m-line. */
  simulcastLayers: 16,
  /** Keys offered on one m-line (RFC 4568); there are some ten suites. */
  cryptosPerSection: 32,
  /** Announced SSRCs of one m-line. */
  ssrcsPerSection: 64,
  /** Candidates in one description or fragment, and pairs of one ICE generation. */
  remoteCandidates: 64,
  /** Checks sent to one address that has not answered one yet. */
  checksPerPair: 8,
  /** Our connectivity checks that may wait for their response at one time, per peer. */
  outstandingChecks: 128,
  /** Bytes of one handshake message; a chain of three RSA certificates has about 4000. */
  handshakeMessageBytes: 16_384,
  /** Handshake messages held ahead of the one that is due. */
  handshakeMessagesAhead: 8,
  /** Bytes taken from the remote side before DTLS is connected. */
  handshakeBytes: 131_072,
  /** Times that one flight is sent again because the remote side repeated its own. */
  flightRepeats: 16,
  /** Datagrams kept while nobody knows yet who is the DTLS client. */
  earlyDatagrams: 16,
  /** Bytes of SCTP that wait for what is missing before them; overhead counts. */
  sctpReceiveBytes: 1_048_576,
  /** How far a TSN may be ahead of the ones that are missing, and how many gaps there may be between. */
  sctpTsnsAhead: 16_384,
  sctpGaps: 1024,
  /** Streams of one SCTP association whose numbering is remembered. */
  sctpStreams: 2048,
  /** Bytes of SCTP on their way at one time. */
  sctpSendWindowBytes: 1_048_576,
  /** Data channels of one peer. */
  dataChannels: 1024,
  /** Bytes of one data channel message, announced as a=max-message-size. */
  dataMessageBytes: 262_144,
  /** Bytes given to the data channels of one peer that have not arrived yet; overhead counts. */
  dataBufferBytes: 1_048_576,
  /** Remote addresses of one ICE generation that are also tried by way of our relay. */
  relayedPairs: 16,
  /** Remote addresses that one TURN allocation talks with at one time, all peers together. */
  relayRemotes: 4096,
  /** Channels of one TURN allocation: as many as there are numbers (RFC 8656 section 12). */
  relayChannels: 4096,
  /** Bytes of one packet by a detour: more is longer than a slot of the plane. */
  detourPacketBytes: 1500,
  /** Bytes that may wait for a TCP connection to take them; a client, or a TURN server, that lags behind further loses. */
  tcpBacklogBytes: 1_048_576,
  /** TCP connections from one address, and from everywhere; a site behind NAT has one address. */
  tcpConnectionsPerAddress: 256,
  tcpConnections: 8192,
} as const;

/** Sizes of RSA keys that are taken, ours and the other side's: no weaker, and none whose use costs a turn of the loop. */
export const rsaBits = { least: 2048, most: 4096 } as const;
