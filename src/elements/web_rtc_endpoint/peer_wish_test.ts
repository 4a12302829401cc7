import { expect, test } from "vitest";
import { allOf } from "../../graph/mod.ts";
import WebRtcEndpoint from "./mod.ts";
import { ratesOf } from "../../module/mod.ts";
import { byOperations, wishOf } from "./peer_wish.ts";

const known = allOf(WebRtcEndpoint, "properties");
const context = (set: Record<string, unknown> = {}) => ({
  property: (name: string) => name in set ? set[name] : known[name].default,
});
const options = (given: object = {}) => WebRtcEndpoint.options.parse(given) as never;

test("an endpoint that was told nothing wants what the server's settings give", () => {
  expect(wishOf(context(), options(), byOperations)).toEqual({
    receive: true,
    send: true,
    rules: null,
    maxReceiveKbps: { audio: 0, video: 0 },
    data: false,
    certificateKeyType: "RSA",
    ice: {},
    dscp: undefined,
    onlyCodecs: {},
  });
});

test("options and properties become the wish", () => {
  const ctx = context({
    maxVideoRecvBandwidth: 300,
    networkInterfaces: "eth0, wlan0,",
    iceTcp: false,
    stunServerAddress: "192.0.2.1",
    stunServerPort: 5000,
    turnUrl: "user:p:w@[2001:db8::1]:443?transport=tls",
    externalIPv4: "198.51.100.7",
    externalIPv6: "2001:db8::7",
    audioFormat: { codec: "PCMU", bitrate: 64_000 },
    videoFormat: { codec: "H264", framerate: { numerator: 30, denominator: 1 } },
  });
  const given = options({ useDataChannels: true, certificateKeyType: "ECDSA", qosDscp: "EF" });
  expect(wishOf(ctx, given, byOperations)).toMatchObject({
    maxReceiveKbps: { audio: 0, video: 300 },
    data: true,
    certificateKeyType: "ECDSA",
    dscp: 46,
    onlyCodecs: { audio: ["PCMU"], video: ["H264"] },
    ice: {
      networkInterfaces: ["eth0", "wlan0"],
      tcp: false,
      stunServer: { address: "192.0.2.1", port: 5000 },
      turnServer: {
        address: "2001:db8::1",
        port: 443,
        transport: "tls",
        username: "user",
        credential: "p:w",
      },
      externalIPv4: "198.51.100.7",
      externalIPv6: "2001:db8::7",
    },
  });
});

test("sessions of WHIP and WHEP go one way and show the cheaper certificate", () => {
  expect(wishOf(context(), options(), { rules: "whip", offered: true })).toMatchObject({
    receive: true,
    send: false,
    certificateKeyType: "ECDSA",
  });
  const whep = { rules: "whep", offered: true } as const;
  expect(wishOf(context(), options(), whep)).toMatchObject({ receive: false, send: true });
});

test("data channels of an endpoint that has them are offered to peers, but not to sessions that ask for an offer", () => {
  const has = (given: object, terms: Parameters<typeof wishOf>[2]) =>
    wishOf(context(), options(given), terms).data;
  const useDataChannels = true;
  expect(has({ useDataChannels }, byOperations)).toBe(true);
  expect(has({ useDataChannels }, { rules: "whep", offered: true })).toBe(true);
  expect(has({ useDataChannels }, { rules: "whep", offered: false })).toBe(false);
  expect(has({}, { rules: "whip", offered: true })).toBe(false);
});

test("rates are those of the properties, with the interface's own estimator", () => {
  expect(ratesOf(context({ minVideoSendBandwidth: 50, rembParams: { upLosses: 3 } }))).toMatchObject({
    minReceiveKbps: 0,
    maxReceiveKbps: 0,
    minSendKbps: 50,
    maxSendKbps: 0,
    remb: { upLosses: 3, linealFactorMin: 50 },
  });
});

test.each([
  ["stunServerAddress", "stun.example.org", /names are not looked up/],
  ["turnUrl", "user:pass@turn.example.org:3478", /IP address/],
  ["turnUrl", "user@192.0.2.1:3478", /user:password@/],
  ["turnUrl", "user:pass@192.0.2.1:0", /user:password@/],
  ["turnUrl", "user:pass@192.0.2.1:3478?transport=sctp", /udp\|tcp\|tls/],
  ["externalIPv4", "2001:db8::1", /no IPv4 address/],
  ["externalIPv6", "192.0.2.1", /no IPv6 address/],
])("%s refuses %s with a sentence", (name, value, sentence) => {
  const { schema } = known[name];
  expect(schema.safeParse("").success).toBe(true);
  expect(schema.safeParse(value).error?.issues[0].message).toMatch(sentence);
});
