import { AddressWords } from "./address_words.ts";
import { evp, type LibcryptoCalls, newCipherContext } from "./libcrypto.ts";
import { allocate } from "./memory.ts";
import type { Keystream } from "./srtp_key_derivation.ts";

/** Longest key and longest keystream that SRTP derives from one label. */
const MOST_BYTES = 32;
const at = { key: 0, iv: 32, input: 64, output: 128, ignored: 192, end: 256 } as const;

/**
 * The keystream of AES in counter mode by libcrypto: a microsecond each where node:crypto takes some fifteen, of which
 * each session needs twelve, in the thread that carries the packets.
 */
export function openKeystream(calls: LibcryptoCalls): Keystream {
  const memory = allocate(at.end);
  const words = new AddressWords(5);
  Object.values(at).slice(0, 5).forEach((offset, i) => words.set(i, memory.address + offset));
  const [key, iv, input, output, ignored] = words.at;
  const contexts = new Map(
    [16, 32].map((length) => {
      const cipher = length === 16 ? calls.EVP_aes_128_ctr() : calls.EVP_aes_256_ctr();
      return [length, newCipherContext(calls, cipher, memory.address)];
    }),
  );
  return (masterKey, vector, length) => {
    const context = contexts.get(masterKey.length) ?? 0n;
    memory.bytes.set(masterKey, at.key);
    memory.bytes.set(vector, at.iv);
    const done = length <= MOST_BYTES && context !== 0n &&
      calls.EVP_CipherInit_ex(context, 0n, 0n, key, iv, evp.ENCRYPT) === 1 &&
      calls.EVP_CipherUpdate(context, output, ignored, input, length) === 1;
    const stream = memory.bytes.slice(at.output, at.output + length);
    memory.bytes.fill(0);
    if (!done) throw new Error(`Cannot derive SRTP keys: libcrypto made no ${length} bytes of keystream`);
    return stream;
  };
}
