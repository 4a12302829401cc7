import { isIP } from "node:net";

/** More and longer ones need not be kept (RFC 6265 section 6.1). */
const MAX_COOKIES = 50;
const MAX_BYTES = 4096;

/** Where a request goes to. */
export interface CookiePlace {
  host: string;
  /** With what follows it, from a question mark on. */
  path: string;
  isSecure: boolean;
}

interface Cookie {
  name: string;
  value: string;
  domain: string;
  /** Other hosts of the domain do not get it. */
  isOfHost: boolean;
  path: string;
  isSecure: boolean;
  /** When it is to be forgotten, in milliseconds since the Unix epoch. */
  endMs: number;
}

/**
 * Cookies of the web servers of one source (RFC 6265): what one has set goes with the next request to it, and to nobody
 * else. None outlives the source.
 */
export class CookieJar {
  readonly #now: () => number;
  #cookies: Cookie[] = [];

  /** `now`: milliseconds since the Unix epoch. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Keeps what the Set-Cookie fields of an answer from there say. */
  keep(fields: string[], place: CookiePlace): void {
    for (const field of fields) {
      const cookie = field.length > MAX_BYTES ? null : cookieOf(field, place, this.#now());
      if (cookie) this.#cookies = [...this.#cookies.filter((other) => !isSame(other, cookie)), cookie];
    }
    this.#cookies = this.#cookies.slice(-MAX_COOKIES);
  }

  /** The field of a request, or none. */
  fieldsFor(place: CookiePlace): string[] {
    const nowMs = this.#now();
    const fitting = this.#cookies.filter((cookie) => cookie.endMs > nowMs && fits(cookie, place));
    // The nearest first (section 5.4).
    const sorted = fitting.toSorted((one, other) => other.path.length - one.path.length);
    const pairs = sorted.map(({ name, value }) => `${name}=${value}`);
    return pairs.length === 0 ? [] : [`Cookie: ${pairs.join("; ")}`];
  }
}

/** Section 5.2; null for what is none, or is for somebody else. */
function cookieOf(field: string, place: CookiePlace, nowMs: number): Cookie | null {
  const [, name, value] = /^\s*([^=;\s][^=;]*?)\s*=\s*([^;]*?)\s*(;|$)/.exec(field) ?? [];
  if (name === undefined) return null;
  const host = place.host.toLowerCase();
  const domain = attributeOf(field, "domain").replace(/^\./, "").toLowerCase();
  if (domain !== "" && !isWithin(host, domain)) return null;
  const path = attributeOf(field, "path");
  return {
    name,
    value,
    domain: domain || host,
    isOfHost: domain === "",
    path: path.startsWith("/") ? path : folderOf(place.path),
    isSecure: /;\s*secure\s*(;|$)/i.test(field),
    endMs: endOf(field, nowMs),
  };
}

const attributeOf = (field: string, name: string) =>
  new RegExp(`;\\s*${name}\\s*=\\s*([^;]*)`, "i").exec(field)?.[1].trim() ?? "";

/** Max-Age goes before Expires; one that has neither, or none that can be read, stays. */
function endOf(field: string, nowMs: number): number {
  const seconds = attributeOf(field, "max-age");
  if (/^-?\d+$/.test(seconds)) return nowMs + Number(seconds) * 1000;
  const endMs = Date.parse(attributeOf(field, "expires"));
  return Number.isNaN(endMs) ? Infinity : endMs;
}

/** Section 5.1.3; of a whole top-level domain there are no cookies. */
function isWithin(host: string, domain: string): boolean {
  return host === domain || (host.endsWith(`.${domain}`) && domain.includes(".") && !isIP(host));
}

/** Section 5.1.4. */
const folderOf = (path: string) => /^(\/[^?]*)\/[^/?]*/.exec(path)?.[1] ?? "/";

const isSame = (one: Cookie, other: Cookie) =>
  one.name === other.name && one.domain === other.domain && one.path === other.path;

function fits(cookie: Cookie, { host, path, isSecure }: CookiePlace): boolean {
  const isHost = cookie.isOfHost
    ? host.toLowerCase() === cookie.domain
    : isWithin(host.toLowerCase(), cookie.domain);
  const asked = path.split("?")[0];
  const isBelow = asked === cookie.path || asked.startsWith(cookie.path.replace(/\/?$/, "/"));
  return isHost && isBelow && (isSecure || !cookie.isSecure);
}
