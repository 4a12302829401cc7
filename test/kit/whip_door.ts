import { createWhipApp, type WhipSettings } from "../../src/api/whip/mod.ts";
import { FakeSessions, offer } from "./fake_sessions.ts";
import { VirtualClock } from "./virtual_clock.ts";

/** The WHIP door over fake sessions, asked without a network. */
export class WhipDoor {
  readonly sessions = new FakeSessions();
  readonly clock = new VirtualClock();
  readonly app: ReturnType<typeof createWhipApp>;
  /** Where requests seem to come from. */
  peer = "127.0.0.1";

  constructor(settings: Partial<WhipSettings> = {}) {
    this.app = createWhipApp(this.sessions.commands, {
      strict: false,
      publishToken: null,
      watchToken: null,
      iceServers: [],
      corsOrigins: ["*"],
      rateLimit: { perAddressPerMinute: 0, burst: 1 },
      maxOfferBytes: 256 * 1024,
      counterOffer: "onRequest",
      counterOfferValidMs: 30_000,
      acceptingSessions: () => true,
      clock: this.clock,
      ...settings,
    });
  }

  async request(method: string, path: string, headers: Record<string, string> = {}, body?: string) {
    const request = new Request(new URL(path, "http://127.0.0.1:8888"), { method, headers, body });
    return await this.app.fetch(request, { remote: { hostname: this.peer, port: 40_000 } });
  }

  post(path: string, headers: Record<string, string> = {}, body = offer) {
    return this.request("POST", path, { "Content-Type": "application/sdp", ...headers }, body);
  }

  /** Opens a session and gives the path in its Location and its ETag. */
  async open(
    path: string,
    headers: Record<string, string> = {},
  ): Promise<{ location: string; etag: string }> {
    const response = await this.post(path, headers);
    return { location: response.headers.get("Location") ?? "", etag: response.headers.get("ETag") ?? "" };
  }

  patch(location: string, headers: Record<string, string>, body = trickle) {
    const type = { "Content-Type": "application/trickle-ice-sdpfrag" };
    return this.request("PATCH", location, { ...type, ...headers }, body);
  }
}

/** A fragment with a candidate of the ICE session of `offer`. */
export const trickle =
  "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\n" +
  "a=candidate:1 1 udp 2130706431 192.0.2.7 50000 typ host\r\n";

/** A fragment with credentials that the session has not seen. */
export const restart = trickle.replace("abcd", "wxyz");
