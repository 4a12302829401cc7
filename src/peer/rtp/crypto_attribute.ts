import { Buffer } from "node:buffer";
import { type EncryptingProfile, srtpKeyLengths } from "../../native/mod.ts";
import type { SdesKey } from "./types.ts";

/** A key that the other side sends with (RFC 4568 section 9.1). */
export interface CryptoAttribute extends SdesKey {
  readonly tag: number;
  /** Packets that the key may protect; undefined where that is not said. */
  readonly lifetimePackets?: number;
}

/** Suites by their names in SDP: RFC 4568 section 6.2, RFC 6188 section 4, RFC 7714 section 14.2. */
const suites: Record<string, EncryptingProfile> = {
  AES_CM_128_HMAC_SHA1_80: "AES128_CM_HMAC_SHA1_80",
  AES_CM_128_HMAC_SHA1_32: "AES128_CM_HMAC_SHA1_32",
  AES_256_CM_HMAC_SHA1_80: "AES256_CM_HMAC_SHA1_80",
  AES_256_CM_HMAC_SHA1_32: "AES256_CM_HMAC_SHA1_32",
  AEAD_AES_128_GCM: "AEAD_AES_128_GCM",
  AEAD_AES_256_GCM: "AEAD_AES_256_GCM",
};

/** What some senders write for the same. */
const aliases: Record<string, string> = {
  AES_CM_256_HMAC_SHA1_80: "AES_256_CM_HMAC_SHA1_80",
  AES_CM_256_HMAC_SHA1_32: "AES_256_CM_HMAC_SHA1_32",
};

/** The longest life that can be said: as many packets as SRTP numbers (RFC 4568 section 6.1). */
const MAX_LIFETIME_EXPONENT = 48;

/**
 * Reads the value of `a=crypto` as far as it is about `profile`; null when it is about another suite. A text says why one
 * of this suite cannot be used.
 */
export function readCrypto(value: string, profile: EncryptingProfile): CryptoAttribute | string | null {
  const [tag, suite, keys, ...parameters] = value.trim().split(/ +/);
  if (suite === undefined || suites[aliases[suite] ?? suite] !== profile) return null;
  if (!/^\d{1,9}$/.test(tag)) return "its tag is no number";
  const unknown = parameters.find((parameter) => !/^WSH=/i.test(parameter));
  if (unknown !== undefined) return `it wants the session parameter ${unknown.slice(0, 40)}`;
  return readKey(Number(tag), keys ?? "", profile);
}

/** The value of `a=crypto` that tells a key of ours. */
export function writeCrypto(tag: number, { profile, key, salt }: SdesKey): string {
  const name = Object.keys(suites).find((suite) => suites[suite] === profile);
  return `${tag} ${name} inline:${Buffer.concat([key, salt]).toString("base64")}`;
}

/** `inline:<key and salt>["|" lifetime]["|" MKI ":" length]` */
function readKey(tag: number, text: string, profile: EncryptingProfile): CryptoAttribute | string {
  if (!/^inline:/i.test(text)) return "its key is not given inline";
  if (text.includes(";")) return "it gives several keys, of which this server takes one";
  const [base64, ...rest] = text.slice("inline:".length).split("|");
  const lengths = srtpKeyLengths[profile];
  const bytes = new Uint8Array(Buffer.from(base64, "base64"));
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64) || bytes.length !== lengths.key + lengths.salt) {
    return `its key and salt are not ${lengths.key + lengths.salt} bytes in base64`;
  }
  const life = rest.length > 0 && !rest[0].includes(":") ? rest.shift() : undefined;
  const lifetimePackets = life === undefined ? undefined : readLifetime(life);
  if (Number.isNaN(lifetimePackets)) return `its lifetime ${life?.slice(0, 40)} is no number of packets`;
  if (rest.length > 0) return "it has a master key identifier (MKI), which this server does not take";
  const key = bytes.slice(0, lengths.key);
  return { tag, profile, key, salt: bytes.slice(lengths.key), ...(lifetimePackets && { lifetimePackets }) };
}

/** `2^31` or a plain number; NaN for anything else. */
function readLifetime(text: string): number {
  const power = /^2\^(\d{1,2})$/.exec(text);
  const packets = power ? 2 ** Number(power[1]) : /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  return packets >= 1 && packets <= 2 ** MAX_LIFETIME_EXPONENT ? packets : NaN;
}
