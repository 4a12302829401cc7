// hot

const PICTURE_ID = 0x80;
const INTER_PREDICTED = 0x40;
const LAYER_INDICES = 0x20;
const FRAME_START = 0x08;
/** Everything that puts further bytes after the first of the payload descriptor: I, L, F and V. */
const FURTHER_FIELDS = 0xb2;

/**
 * True when the RTP payload of `length` bytes is the first of a VP9 keyframe's lowest spatial layer
 * (RFC 9628 section 4.2): not inter-picture predicted, begins a frame, SID 0.
 */
export function startsKeyframe(bytes: Uint8Array, offset: number, length: number): boolean {
  if (length < 2) return false;
  const first = bytes[offset];
  if ((first & (INTER_PREDICTED | FRAME_START)) !== FRAME_START) return false;
  // FFmpeg's packetiser writes only where frames begin and end, and never P: then the frame itself must tell.
  if ((first & FURTHER_FIELDS) === 0) return frameIsKey(bytes[offset + 1]);
  if ((first & LAYER_INDICES) === 0) return true;
  let at = 1;
  if (first & PICTURE_ID) at += bytes[offset + 1] & 0x80 ? 2 : 1;
  return at < length && ((bytes[offset + at] >>> 1) & 0x07) === 0;
}

/**
 * Reads the first byte of the frame's uncompressed header (VP9 bitstream section 6.2): frame marker 2, two bits of
 * profile, a reserved bit in profile 3, then show_existing_frame and frame_type, both 0 in a keyframe.
 */
function frameIsKey(header: number): boolean {
  if (header >>> 6 !== 2) return false;
  return (header & 0x30) === 0x30 ? (header & 0x0e) === 0 : (header & 0x0c) === 0;
}
