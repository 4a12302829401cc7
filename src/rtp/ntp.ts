// hot

/** Seconds from the NTP epoch (1900) to the Unix epoch (1970). */
const UNIX_EPOCH_NTP_SECONDS = 2_208_988_800;
const ERA_SECONDS = 2 ** 32;

/** The seconds of the 64-bit NTP timestamp (RFC 5905 section 6) of a time in ms since the Unix epoch. */
export function ntpSeconds(nowMs: number): number {
  return (Math.floor(nowMs / 1000) + UNIX_EPOCH_NTP_SECONDS) % ERA_SECONDS;
}

/** The fraction of the 64-bit NTP timestamp, in units of 2^-32 s. */
export function ntpFraction(nowMs: number): number {
  const seconds = nowMs / 1000;
  return Math.floor((seconds - Math.floor(seconds)) * ERA_SECONDS);
}

/** Milliseconds since the Unix epoch, fractional. Seconds below 2^31 belong to the era that begins in 2036. */
export function ntpToMs(seconds: number, fraction: number): number {
  const whole = seconds < ERA_SECONDS / 2 ? seconds + ERA_SECONDS : seconds;
  return (whole - UNIX_EPOCH_NTP_SECONDS) * 1000 + fraction * (1000 / ERA_SECONDS);
}

/** The middle 32 bits of an NTP timestamp, in units of 2^-16 s: what LSR carries (RFC 3550 section 4). */
export function compactNtp(seconds: number, fraction: number): number {
  return ((seconds << 16) | (fraction >>> 16)) >>> 0;
}

/** How far the compact time `a` is after `b`, in seconds: -32768 up to just below 32768. */
export function compactDeltaSeconds(a: number, b: number): number {
  return ((a - b) | 0) / 65536;
}
