/** Data channel establishment protocol (RFC 8832). */

const OPEN = 3;
const ACK = 2;
const OPEN_HEADER_BYTES = 12;

/** Channel types (RFC 8832 section 5.1). */
const UNORDERED = 0x80;
const RELIABLE = 0;
const BY_RETRANSMITS = 1;
const BY_LIFE_TIME = 2;

/** What a DATA_CHANNEL_OPEN says of the new channel. */
export interface ChannelTerms {
  label: string;
  protocol: string;
  ordered: boolean;
  /** At most one of the two is not null. */
  maxPacketLifeTimeMs: number | null;
  maxRetransmits: number | null;
}

export type DcepMessage = { kind: "open"; terms: ChannelTerms } | { kind: "ack" };

/** Null when it is malformed or of an unknown kind. */
export function readDcep(bytes: Uint8Array): DcepMessage | null {
  if (bytes[0] === ACK) return { kind: "ack" };
  if (bytes[0] !== OPEN || bytes.length < OPEN_HEADER_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const labelEnd = OPEN_HEADER_BYTES + view.getUint16(8);
  const protocolEnd = labelEnd + view.getUint16(10);
  const bound = bytes[1] & ~UNORDERED;
  if (protocolEnd > bytes.length || bound > BY_LIFE_TIME) return null;
  const decoder = new TextDecoder();
  return {
    kind: "open",
    terms: {
      label: decoder.decode(bytes.subarray(OPEN_HEADER_BYTES, labelEnd)),
      protocol: decoder.decode(bytes.subarray(labelEnd, protocolEnd)),
      ordered: (bytes[1] & UNORDERED) === 0,
      maxRetransmits: bound === BY_RETRANSMITS ? view.getUint32(4) : null,
      maxPacketLifeTimeMs: bound === BY_LIFE_TIME ? view.getUint32(4) : null,
    },
  };
}

/** A DATA_CHANNEL_OPEN; label and protocol have at most 65535 bytes each. */
export function writeOpen(terms: ChannelTerms): Uint8Array {
  const encoder = new TextEncoder();
  const [label, protocol] = [encoder.encode(terms.label), encoder.encode(terms.protocol)];
  const bytes = new Uint8Array(OPEN_HEADER_BYTES + label.length + protocol.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = OPEN;
  bytes[1] = boundOf(terms) | (terms.ordered ? 0 : UNORDERED);
  view.setUint32(4, terms.maxRetransmits ?? terms.maxPacketLifeTimeMs ?? 0);
  view.setUint16(8, label.length);
  view.setUint16(10, protocol.length);
  bytes.set(label, OPEN_HEADER_BYTES);
  bytes.set(protocol, OPEN_HEADER_BYTES + label.length);
  return bytes;
}

/** A DATA_CHANNEL_ACK. */
export function writeAck(): Uint8Array {
  return new Uint8Array([ACK]);
}

function boundOf(terms: ChannelTerms): number {
  if (terms.maxRetransmits !== null) return BY_RETRANSMITS;
  return terms.maxPacketLifeTimeMs !== null ? BY_LIFE_TIME : RELIABLE;
}
