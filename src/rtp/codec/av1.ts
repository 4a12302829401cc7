// hot

const CONTINUES = 0x80;
const NEW_SEQUENCE = 0x08;
const SEQUENCE_HEADER = 1;

/**
 * True when the RTP payload of `length` bytes starts a coded video sequence ("RTP Payload Format For AV1" section
 * 4.4): the N bit of the aggregation header says so, or a sequence header OBU is in it.
 */
export function startsKeyframe(bytes: Uint8Array, offset: number, length: number): boolean {
  if (length < 2) return false;
  const aggregation = bytes[offset];
  if (aggregation & CONTINUES) return false;
  if (aggregation & NEW_SEQUENCE) return true;
  return carriesSequenceHeader(bytes, offset + 1, offset + length, (aggregation >>> 4) & 0x03);
}

/** `elements` is the W field: how many there are, the last without a length; 0 when all have one. */
function carriesSequenceHeader(bytes: Uint8Array, start: number, end: number, elements: number): boolean {
  let at = start;
  for (let index = 1; at < end; index++) {
    let size = end - at;
    if (index !== elements) {
      const prefix = leb128Length(bytes, at, end);
      if (prefix === 0) return false;
      size = leb128(bytes, at, prefix);
      at += prefix;
    }
    if (size > end - at) return false;
    if (size > 0 && ((bytes[at] >>> 3) & 0x0f) === SEQUENCE_HEADER) return true;
    if (index === elements) return false;
    at += size;
  }
  return false;
}

/** Bytes of the leb128 number at `at` (AV1 section 4.10.5); 0 when it does not end, or not within four. */
function leb128Length(bytes: Uint8Array, at: number, end: number): number {
  for (let length = 1; length <= 4 && at + length <= end; length++) {
    if (bytes[at + length - 1] < 0x80) return length;
  }
  return 0;
}

function leb128(bytes: Uint8Array, at: number, length: number): number {
  let value = 0;
  for (let i = 0; i < length; i++) value |= (bytes[at + i] & 0x7f) << (7 * i);
  return value;
}
