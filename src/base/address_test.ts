import { describe, expect, test } from "vitest";
import { isIP } from "node:net";
import { ADDRESS_WORDS, formatAddress, isLoopback, parseAddress } from "./mod.ts";

function words(text: string): number[] | null {
  const parsed = new Uint32Array(ADDRESS_WORDS);
  return parseAddress(text, parsed) ? [...parsed] : null;
}

function canonical(text: string): string | null {
  const parsed = words(text);
  return parsed && formatAddress(Uint32Array.from(parsed));
}

/** The WHATWG URL parser writes IPv6 in the form of RFC 5952: an independent second opinion. */
function byUrl(ipv6: string): string {
  return new URL(`http://[${ipv6}]/`).hostname.slice(1, -1);
}

/** A small seeded generator (Numerical Recipes' constants), so that a failure can be repeated. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}

describe("parseAddress", () => {
  test("IPv4 becomes four words of its v4-mapped form", () => {
    expect(words("192.0.2.1")).toEqual([0, 0, 0xffff, 0xc0000201]);
    expect(words("0.0.0.0")).toEqual([0, 0, 0xffff, 0]);
    expect(words("255.255.255.255")).toEqual([0, 0, 0xffff, 0xffffffff]);
    expect(words("::ffff:192.0.2.1")).toEqual(words("192.0.2.1"));
    expect(words("::FFFF:c000:0201")).toEqual(words("192.0.2.1"));
  });

  test("IPv6 in each of its spellings", () => {
    expect(words("2001:db8::1")).toEqual([0x20010db8, 0, 0, 1]);
    expect(words("2001:DB8:0:0:0:0:0:1")).toEqual([0x20010db8, 0, 0, 1]);
    expect(words("::")).toEqual([0, 0, 0, 0]);
    expect(words("1::")).toEqual([0x10000, 0, 0, 0]);
    expect(words("::1")).toEqual([0, 0, 0, 1]);
    expect(words("1:2:3:4:5:6:7::")).toEqual([0x10002, 0x30004, 0x50006, 0x70000]);
    expect(words("64:ff9b::192.0.2.33")).toEqual([0x64ff9b, 0, 0, 0xc0000221]);
    expect(words("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")).toEqual(Array(4).fill(0xffffffff));
  });

  test("a zone index is left out", () => {
    expect(words("fe80::1%eth0")).toEqual(words("fe80::1"));
  });

  test("writes at the asked place and nowhere else", () => {
    const row = new Uint32Array(12).fill(7);
    expect(parseAddress("1.2.3.4", row, 4)).toBe(true);
    expect([...row]).toEqual([7, 7, 7, 7, 0, 0, 0xffff, 0x01020304, 7, 7, 7, 7]);
    expect(formatAddress(row, 4)).toBe("1.2.3.4");
  });

  test.each([
    "",
    " ",
    "localhost",
    "example.com",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "1.2.3.-4",
    "01.2.3.4",
    "0x1.2.3.4",
    "1.2.3.4 ",
    "1.2.3.4\n",
    "1,2,3,4",
    "١.٢.٣.٤",
    ":",
    ":::",
    "1::2::3",
    ":1::2",
    "1::2:",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "12345::",
    "g::",
    "1:2:3:4:5:6:7:1.2.3.4",
    "::1.2.3",
    "::1.2.3.256",
    "1.2.3.4::",
    "[::1]",
    "::1/64",
    "%eth0",
    "a.local",
  ])("refuses %j", (text) => {
    expect(words(text)).toBeNull();
    expect(isIP(text)).toBe(0);
  });

  test("refuses a megabyte of colons or digits at once", () => {
    expect(words(":".repeat(1_000_000))).toBeNull();
    expect(words("1".repeat(1_000_000))).toBeNull();
    expect(words("1:".repeat(500_000))).toBeNull();
  });
});

describe("properties", () => {
  test("every IPv4 address comes back as it was", () => {
    const random = randomFrom(1);
    for (let i = 0; i < 5000; i++) {
      const text = [random(256), random(256), random(256), random(256)].join(".");
      expect(canonical(text)).toBe(text);
    }
  });

  test("any four words survive being written and read again", () => {
    const random = randomFrom(2);
    for (let i = 0; i < 5000; i++) {
      const some = Array.from(
        { length: 4 },
        () => random(3) === 0 ? 0 : random(2 ** 32) & -(2 ** random(32)),
      );
      const given = [...Uint32Array.from(some)];
      expect(words(formatAddress(Uint32Array.from(given)))).toEqual(given);
    }
  });

  test("IPv6 is written as the URL parser writes it, zero runs and all", () => {
    const random = randomFrom(3);
    for (let i = 0; i < 5000; i++) {
      const groups = Array.from({ length: 8 }, () => random(2) ? "0" : random(65536).toString(16));
      groups[0] = "2001";
      const text = groups.join(":");
      expect(canonical(text)).toBe(byUrl(text));
    }
  });

  test("agrees with node:net on random text of an address's letters", () => {
    const random = randomFrom(4);
    const letters = [
      "0",
      "1",
      "9",
      "25",
      "255",
      "256",
      "a",
      "f",
      "ffff",
      "g",
      ".",
      ".",
      ":",
      ":",
      "::",
      "1.2.3.4",
    ];
    let valid = 0;
    for (let i = 0; i < 50_000; i++) {
      const text = Array.from({ length: 1 + random(16) }, () => letters[random(letters.length)]).join("");
      if (isIP(text) !== 0) valid++;
      expect([text, words(text) !== null]).toEqual([text, isIP(text) !== 0]);
    }
    expect(valid).toBeGreaterThan(100);
  });
});

describe("isLoopback", () => {
  test.each([
    "127.0.0.1",
    "127.255.0.9",
    "::1",
    "0:0:0:0:0:0:0:1",
    "::ffff:127.0.0.1",
    "::FFFF:7f00:1",
    "localhost",
  ])(
    "%s is",
    (text) => expect(isLoopback(text)).toBe(true),
  );

  test.each([
    "128.0.0.1",
    "10.0.0.127",
    "::",
    "::2",
    "1::1",
    "::ffff:128.0.0.1",
    "::127.0.0.1",
    "127.0.0.1.example.com",
  ])(
    "%s is not",
    (text) => expect(isLoopback(text)).toBe(false),
  );
});
