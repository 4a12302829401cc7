import { createCipheriv } from "node:crypto";

/** AES in counter mode over `bytes`, with a key of 16 or 32 bytes; the same for both directions. */
export function aesCounterMode(key: Uint8Array, iv: Uint8Array, bytes: Uint8Array): Uint8Array {
  const cipher = createCipheriv(key.length === 32 ? "aes-256-ctr" : "aes-128-ctr", key, iv);
  const result = cipher.update(bytes);
  // Deno 2.9.6 never frees a cipher that was not brought to its end: 0.9 kB each.
  cipher.final();
  return result;
}
