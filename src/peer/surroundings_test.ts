import { afterEach, expect, test } from "vitest";
import { VirtualClock } from "../../test/kit/virtual_clock.ts";
import type { SocketAddress } from "../base/mod.ts";
import { type DtlsCertificates, openPeers } from "./mod.ts";
import { encodeStun, parseStun } from "./ice/stun.ts";

const stunServer = { address: "203.0.113.5", port: 3478 };
const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

/** The room with a STUN server that is kept; certificates are for DTLS, which does not come here. */
function open() {
  const clock = new VirtualClock();
  const sent: { to: SocketAddress; bytes: Uint8Array }[] = [];
  const peers = openPeers({
    clock,
    certificates: { ECDSA: { fingerprint: "AA:BB" } } as DtlsCertificates,
    reach: { addresses: ["10.0.0.1"], port: 8888 },
    timeouts: { connectMs: 10_000, consentMs: 30_000 },
    network: {
      bind: "",
      tcpPort: null,
      keep: { stunServer, turnServer: null },
      send: (to, bytes) => sent.push({ to, bytes }),
    },
  });
  closing.push(() => peers.close());
  const offer = () => {
    const nothing = () => {};
    const peer = peers.open({
      receive: true,
      send: false,
      codecs: { audio: ["OPUS"], video: [] },
      requiredFormats: { audio: null, video: null },
      whip: null,
      maxReceiveKbps: { audio: 0, video: 0 },
      data: false,
      certificateKeyType: "ECDSA",
      ice: {
        networkInterfaces: [],
        externalIPv4: "",
        externalIPv6: "",
        stunServer,
        turnServer: null,
        tcp: false,
      },
    }, {
      send: nothing,
      admit: nothing,
      select: nothing,
      keys: nothing,
      iceState: nothing,
      dtlsState: nothing,
      candidate: nothing,
      gathered: nothing,
      dataChannel: nothing,
      dataMessage: nothing,
      ended: nothing,
    });
    return peer.generateOffer({ audio: true, video: false });
  };
  const answer = (mapped: SocketAddress) => {
    const { transactionId } = parseStun(sent.at(-1)!.bytes)!;
    peers.handleStun(
      stunServer,
      encodeStun({ kind: "success", transactionId, mappedAddress: mapped }, null),
    );
  };
  return { clock, peers, sent, offer, answer };
}

test("the server's own STUN server is asked at the start, and first descriptions have what it said", () => {
  const { sent, offer, answer, peers } = open();
  expect(sent.map(({ to }) => to)).toEqual([stunServer]);
  expect(offer()).not.toMatch(/srflx|end-of-candidates/);
  answer({ address: "198.51.100.7", port: 4000 });
  expect(peers.counters).toMatchObject({ stunTaken: 1, stunUnknown: 0 });
  expect(offer()).toMatch(
    /198\.51\.100\.7 4000 typ srflx raddr 10\.0\.0\.1 rport 8888\r\na=end-of-candidates/,
  );
});

test("a mapping that changes is told to those who come later", () => {
  const { offer, answer, clock } = open();
  answer({ address: "198.51.100.7", port: 4000 });
  clock.advance(15_000);
  answer({ address: "198.51.100.8", port: 4001 });
  expect(offer()).toContain("198.51.100.8 4001 typ srflx");
});

test("a STUN server that falls silent is believed for a minute", () => {
  const { offer, answer, clock } = open();
  answer({ address: "198.51.100.7", port: 4000 });
  clock.advance(59_000);
  expect(offer()).toContain("typ srflx");
  clock.advance(2000);
  expect(offer()).not.toContain("typ srflx");
});

test("nothing is asked any more when the room is closed", () => {
  const { peers, clock } = open();
  peers.close();
  expect(clock.pending).toBe(0);
});
