// hot

/** What a datagram on the shared port is; one of the KIND numbers. */
export type PacketKind = 0 | 1 | 2 | 3 | 4;

/** Nothing that is spoken here: ZRTP, TURN channels, QUIC, or shorter than the smallest header of its kind. */
export const KIND_UNKNOWN = 0;
export const KIND_STUN = 1;
export const KIND_DTLS = 2;
export const KIND_RTP = 3;
export const KIND_RTCP = 4;

const STUN_HEADER_BYTES = 20;
const DTLS_RECORD_HEADER_BYTES = 13;
const RTP_MIN_BYTES = 12;
const RTCP_MIN_BYTES = 8;

/**
 * Tells the protocols of one port apart by the first byte (RFC 7983 section 7), and RTCP from RTP by the second one
 * (RFC 5761 section 4: 192–223 is RTCP).
 */
export function packetKind(bytes: Uint8Array, offset: number, length: number): PacketKind {
  if (length < RTCP_MIN_BYTES) return KIND_UNKNOWN;
  const first = bytes[offset];
  if (first >= 128 && first <= 191) return mediaKind(bytes[offset + 1], length);
  if (first <= 3) return length >= STUN_HEADER_BYTES ? KIND_STUN : KIND_UNKNOWN;
  if (first >= 20 && first <= 63) return length >= DTLS_RECORD_HEADER_BYTES ? KIND_DTLS : KIND_UNKNOWN;
  return KIND_UNKNOWN;
}

function mediaKind(second: number, length: number): PacketKind {
  if (second >= 192 && second <= 223) return KIND_RTCP;
  return length >= RTP_MIN_BYTES ? KIND_RTP : KIND_UNKNOWN;
}
