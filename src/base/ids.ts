/** A new random identifier (UUIDv4, RFC 9562 section 5.4): unguessable, safe in a URL path. */
export function newId(): string {
  return crypto.randomUUID();
}

/** `length` random characters of the ICE alphabet without `+` and `/` (a subset of RFC 8839 section 5.4 `ice-char`). */
export function randomToken(length: number): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  let token = "";
  // 62 does not divide 256; the bias of 1.6 % costs less than 0.01 bit per character.
  for (const byte of bytes) token += alphabet[byte % alphabet.length];
  return token;
}

/** A random unsigned 32-bit number, never 0: SSRCs, tie-breakers' halves, first timestamps. */
export function randomUint32(): number {
  const [value] = crypto.getRandomValues(new Uint32Array(1));
  return value === 0 ? 1 : value;
}
