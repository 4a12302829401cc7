import type { MiddlewareHandler } from "hono";
import { createHash, timingSafeEqual } from "node:crypto";
import { AppError, isLoopback } from "../../base/mod.ts";
import { peerAddressOf, type ServerEnv } from "./server_env.ts";

export interface AccessSettings {
  /** The token of KASKADO_API_TOKEN; null lets loopback peers in, and nobody else. */
  apiToken: string | null;
  /** Origins whose pages may use this server without a token, "*" for all; the server's own always may. */
  trustedOrigins?: readonly string[];
}

/** What of a request tells who asks. */
export interface Asker {
  url: URL;
  headers: Headers;
  /** The other end of the connection; null where it is unknown. */
  peerAddress: string | null;
}

/** Lets a request on to the control API or refuses it: 401 without the token, 403 for peers that are not local. */
export function controlAccess(settings: AccessSettings): MiddlewareHandler<ServerEnv> {
  return async (c, next) => {
    const { url, headers } = c.req.raw;
    requireControlAccess(settings, { url: new URL(url), headers, peerAddress: peerAddressOf(c) });
    await next();
  };
}

/** The rule of `controlAccess` by itself: returns or throws unauthorized or forbidden. */
export function requireControlAccess(settings: AccessSettings, asker: Asker): void {
  if (settings.apiToken !== null) {
    requireToken(asker.headers.get("Authorization") ?? undefined, settings.apiToken);
  } else requireLocal(asker, settings.trustedOrigins ?? []);
}

/** The credentials of an `Authorization: Bearer` header (RFC 6750 section 2.1), or null when there are none. */
export function bearerOf(header: string | undefined): string | null {
  return /^bearer +([\w.~+/-]+=*) *$/i.exec(header ?? "")?.[1] ?? null;
}

/** Compares two secrets in a time that tells nothing about where they differ, nor how long the right one is. */
export function sameSecret(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}

function requireToken(header: string | undefined, token: string): void {
  const given = bearerOf(header);
  if (given !== null && sameSecret(given, token)) return;
  const found = given === null ? "no bearer token was sent" : "the bearer token is not the server's";
  throw new AppError(
    "unauthorized",
    `Cannot use the control API: ${found}, send "Authorization: Bearer <token>"`,
  );
}

function requireLocal({ url, headers, peerAddress }: Asker, trustedOrigins: readonly string[]): void {
  if (peerAddress === null || !isLoopback(peerAddress)) {
    throw forbidden(`the request comes from ${peerAddress ?? "an unknown peer"}`);
  }
  // A name that is made to resolve to 127.0.0.1 (DNS rebinding), and a proxy on this machine that passes strangers on.
  const name = url.hostname.replace(/^\[|\]$/g, "");
  if (!isLoopback(name)) throw forbidden(`the request was addressed to "${name}"`);
  const origin = headers.get("Origin");
  if (origin === null || origin === url.origin) return;
  if (trustedOrigins.includes("*") || trustedOrigins.includes(origin)) return;
  throw forbidden(`the request was made by a page of ${origin}`);
}

function forbidden(found: string): AppError {
  return new AppError(
    "forbidden",
    `Cannot use the control API: ${found} and without KASKADO_API_TOKEN only local programs and this server's own ` +
      `pages may, set a token`,
  );
}
