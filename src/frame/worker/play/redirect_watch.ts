const FIELD = new TextEncoder().encode("location:");
const CARRIAGE_RETURN = 13;

/**
 * Looks for a Location field in what an RTSP server says, over any cut into chunks. FFmpeg drops every carriage return
 * and lets packets stand between lines, so that the field is looked for anywhere; that a stream has it for another reason
 * while it is being opened is not worth the risk of an exception.
 */
export class RedirectWatch {
  /** Characters of the field that have been seen. */
  #seen = 0;

  /** True once the field has come. */
  sees(chunk: Uint8Array): boolean {
    for (const byte of chunk) {
      if (byte === CARRIAGE_RETURN) continue;
      const lower = byte >= 65 && byte <= 90 ? byte + 32 : byte;
      // No beginning of the field comes again within it.
      this.#seen = lower === FIELD[this.#seen] ? this.#seen + 1 : lower === FIELD[0] ? 1 : 0;
      if (this.#seen === FIELD.length) return true;
    }
    return false;
  }
}
