import { ADDRESS_WORDS, parseAddress } from "../../base/mod.ts";
import type { RateLimit } from "./settings.ts";

/** Addresses remembered at once, about 100 bytes each; the one not heard for longest is forgotten first. */
const MAX_ADDRESSES = 10_000;

interface Bucket {
  tokens: number;
  atMs: number;
}

/** One token bucket per peer address: a request takes a token, tokens come back with time. */
export class RateLimiter {
  readonly #limit: RateLimit;
  readonly #buckets = new Map<string, Bucket>();

  constructor(limit: RateLimit) {
    this.#limit = limit;
  }

  /** Takes a token for `address` at `nowMs`: 0 when there was one, else the whole seconds until there is, 1 or more. */
  take(address: string, nowMs: number): number {
    if (this.#limit.perAddressPerMinute === 0) return 0;
    const tokensPerMs = this.#limit.perAddressPerMinute / 60_000;
    const bucket = this.#refilled(originOf(address), tokensPerMs, nowMs);
    if (bucket.tokens < 1) return Math.ceil((1 - bucket.tokens) / tokensPerMs / 1000);
    bucket.tokens -= 1;
    return 0;
  }

  #refilled(key: string, tokensPerMs: number, nowMs: number): Bucket {
    const bucket = this.#buckets.get(key) ?? { tokens: this.#limit.burst, atMs: nowMs };
    bucket.tokens = Math.min(this.#limit.burst, bucket.tokens + (nowMs - bucket.atMs) * tokensPerMs);
    bucket.atMs = nowMs;
    // Set anew, because a Map keeps the order of insertion and so its first key is the one unheard for longest.
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > MAX_ADDRESSES) this.#buckets.delete(this.#buckets.keys().next().value!);
    return bucket;
  }
}

/** Who an address belongs to: a host in IPv4, a /64 in IPv6, where a single host has 2^64 addresses to choose from. */
function originOf(address: string): string {
  const words = new Uint32Array(ADDRESS_WORDS);
  if (!parseAddress(address, words)) return address;
  const isIPv4 = words[0] === 0 && words[1] === 0;
  return isIPv4 ? `4:${words[3]}` : `6:${words[0]}:${words[1]}`;
}
