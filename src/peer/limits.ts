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
} as const;
