// hot

/** True when the RTP payload of `length` bytes is the first of a VP8 keyframe (RFC 7741 sections 4.2 and 4.3). */
export function startsKeyframe(bytes: Uint8Array, offset: number, length: number): boolean {
  if (length < 2) return false;
  const first = bytes[offset];
  // S set and partition index 0: the frame's beginning, where its own header stands.
  if ((first & 0x17) !== 0x10) return false;
  const descriptor = descriptorLength(bytes, offset, length);
  if (descriptor >= length) return false;
  return (bytes[offset + descriptor] & 0x01) === 0;
}

/** Bytes before the VP8 payload header; may be more than `length` when the packet breaks off. */
function descriptorLength(bytes: Uint8Array, offset: number, length: number): number {
  if ((bytes[offset] & 0x80) === 0) return 1;
  const extensions = bytes[offset + 1];
  let at = 2;
  if (extensions & 0x80) {
    if (at >= length) return length;
    at += bytes[offset + at] & 0x80 ? 2 : 1;
  }
  if (extensions & 0x40) at++;
  if (extensions & 0x30) at++;
  return at;
}
