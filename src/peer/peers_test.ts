import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { VirtualClock } from "../../test/kit/virtual_clock.ts";
import { AppError, type SocketAddress } from "../base/mod.ts";
import { encodeStun } from "./ice/stun.ts";
import { openCertificates, openPeers, type Peer, type PeerEnd, type PeerOptions } from "./mod.ts";

const fixture = (name: string) =>
  readFileSync(new URL(`../../test/data/sdp/${name}.sdp`, import.meta.url), "utf8");
const certificates = await openCertificates();
const home = { address: "198.51.100.1", port: 4000 };
const options: PeerOptions = {
  receive: true,
  send: false,
  codecs: { audio: ["OPUS"], video: ["VP8", "H264"] },
  requiredFormats: { audio: null, video: null },
  whip: "whip",
  maxReceiveKbps: { audio: 0, video: 0 },
  data: false,
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

const wish = { label: "", ordered: true, maxPacketLifeTimeMs: null, maxRetransmits: null, protocol: "" };

function openRoom() {
  const clock = new VirtualClock();
  const reach = { addresses: ["203.0.113.1"], port: 8888 };
  const timeouts = { connectMs: 10_000, consentMs: 30_000 };
  const peers = openPeers({ clock, certificates, reach, timeouts });
  const open = (wanted: Partial<PeerOptions> = {}) => {
    const sent: { to: SocketAddress; bytes: Uint8Array }[] = [];
    const ends: PeerEnd[] = [];
    const peer = peers.open({ ...options, ...wanted }, {
      send: (to, bytes) => sent.push({ to, bytes }),
      admit: () => {},
      select: () => {},
      keys: () => {},
      iceState: () => {},
      dtlsState: () => {},
      candidate: () => {},
      gathered: () => {},
      dataChannel: () => {},
      dataMessage: () => {},
      ended: (end) => ends.push(end),
    });
    return { peer, sent, ends };
  };
  return { clock, peers, open };
}

function checkOf(peer: Peer, password: string): Uint8Array {
  const transactionId = "00112233445566778899aabb";
  const username = `${peer.localUfrag}:theirs`;
  return encodeStun({ kind: "request", transactionId, username, useCandidate: true }, password);
}

function passwordOf(peer: Peer): string {
  return /a=ice-pwd:(.*)\r/.exec(peer.localDescription!)![1];
}

function codeOf(action: () => unknown): string {
  try {
    action();
    return "none";
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return error.code;
  }
}

describe("the room", () => {
  test("finds the peer of a check by its user name and drops everything else with a count", () => {
    const { peers, open } = openRoom();
    const [a, b] = [open(), open()];
    a.peer.processOffer(fixture("chromium_camera"));
    b.peer.processOffer(fixture("obs_simulcast"));
    peers.handleStun(home, checkOf(b.peer, passwordOf(b.peer)));
    expect([a.sent.length, b.sent.length > 0]).toEqual([0, true]);
    peers.handleStun(home, checkOf(a.peer, "wrong"));
    peers.handleStun(
      home,
      encodeStun({ kind: "request", transactionId: "00".repeat(12), username: "x:y" }, "p"),
    );
    peers.handleStun(home, encodeStun({ kind: "success", transactionId: "00".repeat(12) }, "p"));
    peers.handleStun(home, new Uint8Array(30));
    expect(a.sent).toEqual([]);
    expect(peers.counters).toEqual({ stunTaken: 1, stunMalformed: 1, stunUnknown: 2, stunUnauthentic: 1 });
  });

  test("closes all its peers, and each says so once", () => {
    const { peers, open, clock } = openRoom();
    const { peer, ends } = open();
    expect(peer.hasTransport).toBe(false);
    peer.processOffer(fixture("chromium_camera"));
    expect(peer.hasTransport).toBe(true);
    peers.close();
    peer.close();
    expect(ends).toEqual(["closed"]);
    expect(clock.pending).toBe(0);
    peers.handleStun(home, checkOf(peer, passwordOf(peer)));
    expect(peers.counters.stunUnknown).toBe(1);
  });
});

describe("a peer", () => {
  test("ends when DTLS does not follow ICE", () => {
    const { peers, open, clock } = openRoom();
    const { peer, ends } = open();
    peer.processOffer(fixture("chromium_camera"));
    peers.handleStun(home, checkOf(peer, passwordOf(peer)));
    expect(peer.iceState).toBe("connected");
    expect(peer.selectedPair?.remoteCandidate).toContain("198.51.100.1 4000 typ prflx");
    clock.advance(10_001);
    expect(ends).toEqual(["dtlsFailed"]);
    expect(clock.pending).toBe(0);
  });

  test("ends when ICE does not begin", () => {
    const { open, clock } = openRoom();
    const { peer, ends } = open();
    peer.processOffer(fixture("chromium_camera"));
    clock.advance(10_001);
    expect(ends).toEqual(["iceTimeout"]);
  });

  test("refuses what comes in the wrong order", () => {
    const { open } = openRoom();
    const { peer } = open();
    expect(codeOf(() => peer.processAnswer("v=0\r\n"))).toBe("offer_not_generated");
    expect(codeOf(() => peer.processFragment("a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n")))
      .toBe("endpoint_not_negotiated");
    peer.processOffer(fixture("chromium_camera"));
    expect(codeOf(() => peer.processOffer(fixture("chromium_camera")))).toBe("endpoint_negotiated");
    expect(codeOf(() => peer.generateOffer({ audio: true, video: true }))).toBe("endpoint_negotiated");
  });

  test("answers plain RTP and waits for nobody then", () => {
    const { open, clock, peers } = openRoom();
    const { peer, sent, ends } = open({ whip: null });
    const offer = "v=0\r\ns=-\r\nm=video 5004 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=recvonly\r\n";
    expect(peer.processOffer(offer)).toContain("m=video 0 RTP/AVP 96");
    expect(peer.hasTransport).toBe(false);
    peer.gather();
    peer.addRemoteCandidate("candidate:1 1 udp 1 192.0.2.1 5 typ host", null, 0);
    clock.advance(60_000);
    expect([sent, ends, peer.iceState, peer.dtlsState]).toEqual([[], [], "new", "new"]);
    expect(codeOf(() => peer.processOffer(offer))).toBe("endpoint_negotiated");
    peers.close();
    expect(ends).toEqual(["closed"]);
  });

  test("stays as it was when an offer is refused", () => {
    const { open } = openRoom();
    const { peer } = open();
    expect(codeOf(() => peer.processOffer(fixture("chromium_watch")))).toBe("sdp_unacceptable");
    expect(peer.localDescription).toBe(null);
    expect(peer.processOffer(fixture("chromium_camera"))).toContain("a=setup:passive");
  });

  test("drops candidates that cannot be used and refuses text that is none", () => {
    const { open } = openRoom();
    const { peer } = open();
    peer.processOffer(fixture("chromium_camera"));
    peer.addRemoteCandidate("candidate:1 1 udp 1 abcd.local 5 typ host", "0", 0);
    peer.addRemoteCandidate("", "0", 0);
    expect(codeOf(() => peer.addRemoteCandidate("nonsense", null, null))).toBe("candidate_invalid");
  });

  test("takes trickled candidates under the old name and a new name as a restart", () => {
    const { open } = openRoom();
    const { peer } = open();
    peer.processOffer(fixture("obs_simulcast"));
    const before = peer.localUfrag;
    const candidate = "m=audio 9 RTP/AVP 0\r\na=mid:0\r\na=candidate:1 1 udp 1 192.0.2.1 5 typ host\r\n";
    const credentials = (ufrag: string) => `a=ice-ufrag:${ufrag}\r\na=ice-pwd:bHdPQ1Yz4YWnHSZrZ2wQx1\r\n`;
    expect(peer.processFragment(credentials("Cj5h") + candidate)).toEqual({ restarted: false });
    expect(peer.processFragment(candidate)).toEqual({ restarted: false });
    const result = peer.processFragment(credentials("other") + candidate);
    expect(result).toMatchObject({ restarted: true });
    expect(peer.localUfrag).not.toBe(before);
    expect(result.restarted && result.fragment).toContain(`a=ice-ufrag:${peer.localUfrag}\r\n`);
  });

  test("takes an answer to its offer and only codecs that it offered", () => {
    const { open } = openRoom();
    const [offerer, answerer] = [open({ whip: null }), open({ whip: null, receive: false, send: true })];
    const offer = offerer.peer.generateOffer({ audio: true, video: true });
    expect(offer).toContain("a=setup:actpass\r\n");
    offerer.peer.processAnswer(answerer.peer.processOffer(offer));
    expect(offerer.peer.media.map((m) => [m.mid, m.direction, m.codecs[0].codec])).toEqual([
      ["0", "recvonly", "OPUS"],
      ["1", "recvonly", "VP8"],
    ]);
    expect(offerer.peer.media[1].remoteSsrcs[0].ssrc).toBe(answerer.peer.media[1].localSsrc);
    expect(offerer.peer.media[1].remoteSsrcs[0].rtxSsrc).toBe(answerer.peer.media[1].localRtxSsrc);
  });

  test("offers data channels where they are wanted, and takes an answer with or without them", () => {
    const { open } = openRoom();
    for (const data of [true, false]) {
      const [offerer, answerer] = [open({ whip: null, data: true }), open({ whip: null, data })];
      const offer = offerer.peer.generateOffer({ audio: true, video: false });
      expect(offer).toContain("a=group:BUNDLE 0 1\r\n");
      const answer = answerer.peer.processOffer(offer);
      expect(/m=application (\d+)/.exec(answer)![1] === "0").toBe(!data);
      offerer.peer.processAnswer(answer);
      expect(codeOf(() => offerer.peer.createDataChannel(wish))).toBe("data_channel_failed");
    }
    const unlike = open({ whip: null, data: true });
    unlike.peer.generateOffer({ audio: true, video: false });
    const answer = open({ whip: null }).peer.processOffer(fixture("chromium_camera"));
    expect(codeOf(() => unlike.peer.processAnswer(answer))).toBe("sdp_unacceptable");
  });

  test("with nothing but data channels is restarted by a fragment too", () => {
    const { open } = openRoom();
    const { peer } = open({ whip: null, data: true });
    peer.processOffer(fixture("chromium_data"));
    const fragment =
      "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\nm=application 9 X 0\r\na=mid:0\r\n";
    expect(peer.processFragment(fragment)).toMatchObject({ restarted: true });
  });

  test("without data channels says so, and with them that they must be connected first", () => {
    const { open } = openRoom();
    const without = open({ whip: null });
    expect(codeOf(() => without.peer.createDataChannel(wish))).toBe("operation_not_supported");
    const idle = open({ data: true, whip: null });
    expect(codeOf(() => idle.peer.createDataChannel(wish))).toBe("data_channel_failed");
    expect(codeOf(() => idle.peer.closeDataChannel(0))).toBe("data_channel_not_found");
    expect(idle.peer.sendData(0, "x")).toBe(false);
    expect(idle.peer.dataChannels).toEqual([]);
  });
});
