import { type AccessSettings, requireControlAccess, sameSecret } from "../http/mod.ts";

/**
 * Lets a handshake through or throws as the control API does. Browsers can send no Authorization with a WebSocket, so
 * the token may stand in the query as well (RFC 6750 section 2.3). Pages of any origin may connect: programs that
 * speak Kurento's protocol from a page are the usual case.
 */
export function requireAccess(request: Request, peerAddress: string | null, apiToken: string | null): void {
  const url = new URL(request.url);
  const given = url.searchParams.get("access_token");
  if (apiToken !== null && given !== null && sameSecret(given, apiToken)) return;
  const settings: AccessSettings = { apiToken, trustedOrigins: ["*"] };
  requireControlAccess(settings, { url, headers: request.headers, peerAddress });
}
