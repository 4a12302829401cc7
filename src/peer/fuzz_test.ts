import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { VirtualClock } from "../../test/kit/virtual_clock.ts";
import { AppError } from "../base/mod.ts";
import { encodeStun } from "./ice/stun.ts";
import { openCertificates, openPeers, type PeerOptions } from "./mod.ts";

const fixture = (name: string) =>
  readFileSync(new URL(`../../test/data/sdp/${name}.sdp`, import.meta.url), "utf8");
const certificates = await openCertificates();
const from = { address: "198.51.100.1", port: 4000 };
const options: PeerOptions = {
  receive: true,
  send: true,
  codecs: { audio: ["OPUS", "PCMU"], video: ["VP8", "VP9", "H264", "AV1", "H265"] },
  requiredFormats: { audio: null, video: null },
  whip: null,
  maxReceiveKbps: { audio: 0, video: 0 },
  data: true,
  certificateKeyType: "ECDSA",
  ice: {
    networkInterfaces: [],
    externalIPv4: "",
    externalIPv6: "",
    stunServer: null,
    turnServer: null,
    tcp: false,
  },
};

/** A reproducible source of whole numbers below a bound (xorshift32). */
function seeded(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

function openPeer() {
  const reach = { addresses: ["203.0.113.1"], port: 8888 };
  const sent: Uint8Array[] = [];
  const clock = new VirtualClock();
  const peers = openPeers({ clock, certificates, reach, timeouts: { connectMs: 10_000, consentMs: 30_000 } });
  const peer = peers.open(options, {
    send: (_, bytes) => sent.push(bytes),
    admit: () => {},
    select: () => {},
    keys: () => {},
    iceState: () => {},
    dtlsState: () => {},
    candidate: () => {},
    gathered: () => {},
    dataChannel: () => {},
    dataMessage: () => {},
    ended: () => {},
  });
  return { peers, peer, sent, clock };
}

/** Cuts, doubles, swaps and spoils lines and characters. */
function mutated(text: string, random: (bound: number) => number): string {
  const lines = text.split("\r\n");
  for (let i = random(4); i >= 0; i--) {
    const at = random(lines.length);
    const line = lines[at];
    const cut = random(line.length + 1);
    const changes = [
      () => lines.splice(at, 1),
      () => lines.splice(at, 0, lines[random(lines.length)]),
      () => (lines[at] = line.slice(0, cut)),
      () => (lines[at] = line.slice(0, cut) + String.fromCharCode(random(0x300)) + line.slice(cut + 1)),
      () => (lines[at] = line.replace(/\d+/, String(random(2 ** 32) * random(4)))),
      () => (lines[at] = line + line.slice(cut).repeat(random(50))),
    ];
    changes[random(changes.length)]();
  }
  return lines.join("\r\n");
}

function mutatedBytes(bytes: Uint8Array, random: (bound: number) => number): Uint8Array {
  const copy = bytes.slice(0, random(8) === 0 ? random(bytes.length + 1) : bytes.length);
  for (let i = random(4); i >= 0 && copy.length > 0; i--) copy[random(copy.length)] = random(256);
  return copy;
}

test("a spoiled offer is answered or refused by an AppError, and an answer has no line that it should not have", () => {
  const random = seeded(1);
  const offers = [
    "chromium_camera",
    "chromium_layers",
    "chromium_watch",
    "chromium_data",
    "obs_simulcast",
    "ffmpeg_whip",
  ].map(fixture);
  let answered = 0;
  for (let i = 0; i < 3000; i++) {
    const { peer } = openPeer();
    try {
      const answer = peer.processOffer(mutated(offers[i % offers.length], random));
      expect(answer.split("\r\n").every((line) => line === "" || /^[a-z]=[^\r\n]*$/.test(line))).toBe(true);
      answered++;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
    }
    peer.close();
  }
  expect(answered).toBeGreaterThan(500);
});

test("a spoiled fragment is taken or refused by an AppError", () => {
  const random = seeded(2);
  const fragment =
    "a=ice-ufrag:EsAw\r\na=ice-pwd:asd88fgpdd777uzjYhagZg\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\n" +
    "a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0\r\na=end-of-candidates\r\n";
  const { peer } = openPeer();
  peer.processOffer(fixture("chromium_camera"));
  for (let i = 0; i < 3000; i++) {
    try {
      peer.processFragment(mutated(fragment, random));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
    }
  }
  peer.close();
});

test("spoiled STUN and DTLS never throw and never get a reply", () => {
  const random = seeded(3);
  const { peers, peer, sent } = openPeer();
  const answer = peer.processOffer(fixture("obs_simulcast"));
  const username = `${peer.localUfrag}:Cj5h`;
  const stun = encodeStun(
    { kind: "request", transactionId: "00".repeat(12), username, priority: 1 },
    "not the password",
  );
  expect(answer).toContain(peer.localUfrag);
  for (let i = 0; i < 5000; i++) peers.handleStun(from, mutatedBytes(stun, random));
  expect(sent).toEqual([]);
  const offerer = openPeer();
  offerer.peer.generateOffer({ audio: true, video: true });
  offerer.peer.processAnswer(peerAnswer(offerer.peer.localDescription!));
  for (let i = 0; i < 300; i++) {
    const server = openPeer();
    server.peer.processOffer(fixture("obs_simulcast"));
    for (let n = 0; n < 10; n++) server.peer.handleDtls(from, mutatedBytes(clientHello, random));
    server.peer.close();
  }
});

function peerAnswer(offer: string): string {
  return openPeer().peer.processOffer(offer);
}

/** The first flight of a client of ours, taken on its way out. */
const clientHello = (() => {
  const { peer, sent } = openPeer();
  const offer = fixture("obs_simulcast").replaceAll("a=setup:actpass", "a=setup:passive");
  peer.processOffer(offer);
  peer.handleDtls(from, new Uint8Array(1));
  peer.close();
  return sent.find((bytes) => bytes[0] === 22)!;
})();
