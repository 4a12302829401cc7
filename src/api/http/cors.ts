/** What pages of other origins may do here (Fetch standard, section 3.3). */
export interface CorsSettings {
  /** Origins that are let in; "*" for every one. Empty: none, and no header is written. */
  origins: readonly string[];
  /** Request headers they may send beside the simple ones. */
  allowHeaders: readonly string[];
  /** Response headers they may read beside the simple ones. */
  exposeHeaders: readonly string[];
}

/** Longest time in seconds that browsers keep the answer to a preflight (Chromium caps at two hours). */
const PREFLIGHT_MAX_AGE_S = 7200;

/** True for the question a browser asks before a request that is not simple. */
export function isPreflight(request: Request): boolean {
  return request.method === "OPTIONS" && request.headers.has("Origin") &&
    request.headers.has("Access-Control-Request-Method");
}

/** The answer to a preflight: 204 with what is allowed, or without any CORS header where the origin is not let in. */
export function preflightOf(request: Request, settings: CorsSettings, methods: readonly string[]): Response {
  const headers = new Headers({ Allow: methods.join(", ") });
  if (allowOrigin(headers, request, settings)) {
    headers.set("Access-Control-Allow-Methods", methods.join(", "));
    headers.set("Access-Control-Allow-Headers", settings.allowHeaders.join(", "));
    headers.set("Access-Control-Max-Age", String(PREFLIGHT_MAX_AGE_S));
  }
  return new Response(null, { status: 204, headers });
}

/** Writes the CORS headers of an actual response, errors included: pages must be able to read why. */
export function addCorsHeaders(headers: Headers, request: Request, settings: CorsSettings): void {
  if (!allowOrigin(headers, request, settings)) return;
  headers.set("Access-Control-Expose-Headers", settings.exposeHeaders.join(", "));
}

function allowOrigin(headers: Headers, request: Request, settings: CorsSettings): boolean {
  const origin = request.headers.get("Origin");
  if (settings.origins.includes("*")) {
    headers.set("Access-Control-Allow-Origin", "*");
    return true;
  }
  if (settings.origins.length > 0) headers.append("Vary", "Origin");
  if (origin === null || !settings.origins.includes(origin)) return false;
  headers.set("Access-Control-Allow-Origin", origin);
  return true;
}
