import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { RTCPeerConnection, RTCRtpCodecParameters } from "werift";
import { firstOfEachFlight, type LoopbackPeer, openLoopback, publisher } from "../kit/loopback_peer.ts";

function weriftPeer(): RTCPeerConnection {
  return new RTCPeerConnection({
    iceServers: [],
    iceUseIpv6: false,
    iceAdditionalHostAddresses: ["127.0.0.1"],
    codecs: {
      audio: [new RTCRtpCodecParameters({ mimeType: "audio/opus", clockRate: 48000, channels: 2 })],
      video: [new RTCRtpCodecParameters({ mimeType: "video/VP8", clockRate: 90000 })],
    },
  });
}

interface SessionKeys {
  localKey: Buffer;
  remoteKey: Buffer;
  localSalt: Buffer;
  remoteSalt: Buffer;
}

function keysOf(pc: RTCPeerConnection): SessionKeys {
  const [transport] = pc.dtlsTransports;
  const isGcm = transport.dtls!.srtp.srtpProfile === 7;
  return transport.dtls!.extractSessionKeys(16, isGcm ? 12 : 14) as SessionKeys;
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(condition()).toBe(true);
}

async function connect(setup: "actpass" | "passive", drops?: Parameters<typeof openLoopback>[1]) {
  const ours = await openLoopback({ ...publisher, whip: "whip" }, drops);
  const pc = weriftPeer();
  pc.addTransceiver("audio", { direction: "sendonly" });
  pc.addTransceiver("video", { direction: "sendonly" });
  await pc.setLocalDescription(await pc.createOffer());
  const answer = ours.peer.processOffer(
    pc.localDescription!.sdp.replaceAll("a=setup:actpass", `a=setup:${setup}`),
  );
  await pc.setRemoteDescription({ type: "answer", sdp: answer });
  return { ours, pc, answer };
}

describe("with werift", () => {
  test("as DTLS server both sides come to the same SRTP keys", async () => {
    const { ours, pc, answer } = await connect("actpass");
    expect(answer).toContain("a=setup:passive");
    await expectSameKeys(ours, pc);
  });

  test("as DTLS client both sides come to the same SRTP keys", async () => {
    const { ours, pc, answer } = await connect("passive");
    expect(answer).toContain("a=setup:active");
    await expectSameKeys(ours, pc);
  });

  test("as DTLS server the handshake outlives the loss of every flight's first datagram", async () => {
    const { ours, pc } = await connect("actpass", firstOfEachFlight());
    await expectSameKeys(ours, pc);
  });

  test("as DTLS client the handshake outlives the loss of every flight's first datagram", async () => {
    const { ours, pc } = await connect("passive", firstOfEachFlight());
    await expectSameKeys(ours, pc);
  });

  test("an offer of ours is answered by werift", async () => {
    const ours = await openLoopback({ ...publisher, send: true, receive: true });
    const pc = weriftPeer();
    const offer = ours.peer.generateOffer({ audio: true, video: true });
    await pc.setRemoteDescription({ type: "offer", sdp: offer });
    await pc.setLocalDescription(await pc.createAnswer());
    ours.peer.processAnswer(pc.localDescription!.sdp);
    expect(ours.peer.media.map((m) => m.codecs.map((c) => c.codec))).toEqual([["OPUS"], ["VP8"]]);
    await expectSameKeys(ours, pc);
  });

  test("close_notify of werift's side is not needed: ours says it and ends", async () => {
    const { ours, pc } = await connect("actpass");
    await ours.keysCame;
    ours.peer.close();
    expect(await ours.hasEnded).toBe("closed");
    await pc.close();
    await ours.close();
  });
});

async function expectSameKeys(ours: LoopbackPeer, pc: RTCPeerConnection): Promise<void> {
  const keys = await ours.keysCame;
  await until(() => pc.connectionState === "connected");
  const theirs = keysOf(pc);
  expect(hex(keys.remoteKey)).toBe(hex(theirs.localKey));
  expect(hex(keys.localKey)).toBe(hex(theirs.remoteKey));
  expect(hex(keys.remoteSalt)).toBe(hex(theirs.localSalt));
  expect(hex(keys.localSalt)).toBe(hex(theirs.remoteSalt));
  expect(ours.selected.length).toBeGreaterThan(0);
  await pc.close();
  await ours.close();
}
