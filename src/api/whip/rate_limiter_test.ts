import { expect, test } from "vitest";
import { RateLimiter } from "./rate_limiter.ts";

test("lets a burst through, then as many as come back with time, and says how long to wait", () => {
  const limiter = new RateLimiter({ perAddressPerMinute: 30, burst: 2 });
  expect([0, 0, 0].map(() => limiter.take("192.0.2.1", 1000))).toEqual([0, 0, 2]);
  expect(limiter.take("192.0.2.1", 2500)).toBe(1);
  expect(limiter.take("192.0.2.1", 3000)).toBe(0);
  expect(limiter.take("192.0.2.1", 3000)).toBe(2);
});

test("gives back no more than the burst after a long quiet time", () => {
  const limiter = new RateLimiter({ perAddressPerMinute: 60, burst: 1 });
  limiter.take("192.0.2.1", 0);
  expect(limiter.take("192.0.2.1", 3_600_000)).toBe(0);
  expect(limiter.take("192.0.2.1", 3_600_000)).toBe(1);
});

test("counts a host with all its IPv6 addresses as one, mapped IPv4 as IPv4, and unknown peers together", () => {
  const limiter = new RateLimiter({ perAddressPerMinute: 1, burst: 1 });
  const first = ["2001:db8:1:2::1", "2001:db8:1:3::1", "192.0.2.1", "192.0.2.2", ""];
  const again = ["2001:db8:1:2:ffff::9", "2001:db8:1:3::2", "::ffff:192.0.2.1", "192.0.2.2", ""];
  expect(first.map((address) => limiter.take(address, 0))).toEqual([0, 0, 0, 0, 0]);
  expect(again.map((address) => limiter.take(address, 0))).toEqual([60, 60, 60, 60, 60]);
});

test("a rate of 0 lets everything through", () => {
  const limiter = new RateLimiter({ perAddressPerMinute: 0, burst: 1 });
  for (let i = 0; i < 1000; i++) expect(limiter.take("192.0.2.1", 0)).toBe(0);
});

test("forgets the address unheard for longest once ten thousand are known", () => {
  const limiter = new RateLimiter({ perAddressPerMinute: 1, burst: 1 });
  const address = (n: number) => `10.0.${n >> 8}.${n & 255}`;
  for (let n = 0; n < 10_000; n++) limiter.take(address(n), 0);
  expect(limiter.take(address(0), 0)).toBe(60);
  limiter.take("192.0.2.1", 0);
  expect(limiter.take(address(0), 0)).toBe(60);
  expect(limiter.take(address(1), 0)).toBe(0);
});
