// hot
/** Datagrams and packets that went no further, by reason. Totals since the plane was opened. */
export class Drops {
  /** Neither STUN, DTLS, RTP nor RTCP by its first byte (RFC 7983), or empty. */
  unknownKind = 0;
  /** DTLS, RTP or RTCP from an address that ICE did not admit. */
  unknownAddress = 0;
  /** STUN or DTLS beyond what one turn passes up. */
  controlFlood = 0;
  /** No keys for this transport yet. */
  notKeyed = 0;
  malformed = 0;
  /** Its authentication tag is wrong. */
  notAuthentic = 0;
  /** Seen before, or older than the replay window (RFC 3711 section 3.3.2). */
  replayed = 0;
  /** Authentic, but belongs to no m-line. */
  unknownSsrc = 0;
  /** The transport uses as many SSRCs as it may. */
  tooManySsrcs = 0;
  /** A payload type that the m-line did not negotiate. */
  unknownPayload = 0;
  /** An RTX packet for a stream that is not known yet, or for nothing (a probe). */
  emptyRetransmission = 0;
  /** A packet older than what its stream goes on from. */
  late = 0;
  /** From an SSRC that does not feed its stream now: a replaced publisher, one before its first keyframe. */
  notFeeding = 0;
  /** The packet with its new header would be longer than a slot. */
  tooLong = 0;
  /** More media than can be sent on: the thread is overloaded. */
  overload = 0;
  /** A viewer asked for a packet that is no longer, or never was, in the history. */
  notInHistory = 0;
  /** A viewer asked again too soon, or for more than its share. */
  retransmissionThrottled = 0;
  /** Datagrams of the control side with an unusable address, or longer than a slot. */
  badDestination = 0;
  /** Wishes for a DiffServ code point that this way to the system (the portable one) cannot express. */
  unmarked = 0;
  /** Commands about something that is closed already, or was refused. */
  staleCommand = 0;
}
