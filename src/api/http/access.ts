import type { Context, MiddlewareHandler } from "hono";
import { createHash, timingSafeEqual } from "node:crypto";
import { AppError, isLoopback } from "../../base/mod.ts";
import { peerAddressOf, type ServerEnv } from "./server_env.ts";

export interface AccessSettings {
  /** The token of KASKADO_API_TOKEN; null lets loopback peers in, and nobody else. */
  apiToken: string | null;
  /** Origins whose pages may use this server without a token, "*" for all; the server's own always may. */
  trustedOrigins?: readonly string[];
}

/** Lets a request on to the control API or refuses it: 401 without the token, 403 for peers that are not local. */
export function controlAccess(settings: AccessSettings): MiddlewareHandler<ServerEnv> {
  return async (c, next) => {
    if (settings.apiToken !== null) requireToken(c.req.header("Authorization"), settings.apiToken);
    else requireLocal(c, settings.trustedOrigins ?? []);
    await next();
  };
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

function requireLocal(c: Context<ServerEnv>, trustedOrigins: readonly string[]): void {
  const peer = peerAddressOf(c);
  if (peer === null || !isLoopback(peer)) {
    throw forbidden(`the request comes from ${peer ?? "an unknown peer"}`);
  }
  const host = new URL(c.req.url);
  // A name that is made to resolve to 127.0.0.1 (DNS rebinding), and a proxy on this machine that passes strangers on.
  const name = host.hostname.replace(/^\[|\]$/g, "");
  if (!isLoopback(name)) throw forbidden(`the request was addressed to "${name}"`);
  const origin = c.req.header("Origin");
  if (origin === undefined || origin === host.origin) return;
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
