import { randomBytes } from "node:crypto";
import { AppError } from "../base/mod.ts";
import { srtpKeyLengths } from "../native/mod.ts";
import type { SdesKey } from "../peer/mod.ts";

/**
 * The key that an element sends with by this suite, from master key and salt in one; a random one without. Throws AppError
 * value_unacceptable when they are not as long as the suite says.
 */
export function srtpKey(profile: SdesKey["profile"], keyAndSalt: Uint8Array | null): SdesKey {
  const { key, salt } = srtpKeyLengths[profile];
  const bytes = keyAndSalt ?? new Uint8Array(randomBytes(key + salt));
  if (bytes.length === key + salt) return { profile, key: bytes.slice(0, key), salt: bytes.slice(key) };
  throw new AppError(
    "value_unacceptable",
    `Cannot use the master key: it has ${bytes.length} bytes vs ${
      key + salt
    } for ${profile}, ${key} of key and ` +
      `${salt} of salt; give as many`,
  );
}
