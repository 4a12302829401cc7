import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { hostCandidates } from "../ice/local_candidates.ts";
import { AppError } from "../../base/mod.ts";
import type { PeerOptions } from "../types.ts";
import { negotiateOffer } from "./negotiate.ts";
import { parseDescription } from "./parse.ts";
import { writeAnswer } from "./write_answer.ts";

const fixture = (name: string) =>
  readFileSync(new URL(`../../../test/data/sdp/${name}.sdp`, import.meta.url), "utf8");

const all = { audio: ["OPUS", "PCMU", "PCMA"], video: ["VP8", "VP9", "H264", "H265", "AV1"] };
const whip: PeerOptions = {
  receive: true,
  send: false,
  codecs: all,
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
const whep: PeerOptions = { ...whip, receive: false, send: true, whip: "whep" };
const local = { candidates: hostCandidates(["2001:db8::7", "203.0.113.7"], 8888), complete: true };

function plan(sdp: string, options: PeerOptions) {
  let ssrc = 1000;
  return negotiateOffer(parseDescription(sdp), options, { cname: "cname", newSsrc: () => ssrc++ });
}

function answerTo(sdp: string, options: PeerOptions): string {
  const transport = {
    ufrag: "ufrag",
    password: "password".repeat(3),
    fingerprint: "AA:BB",
    setup: "passive",
    local,
  } as const;
  return writeAnswer(plan(sdp, options), transport, options, { sessionId: "1", version: 1 });
}

function codeOf(sdp: string, options: PeerOptions): string {
  try {
    plan(sdp, options);
    return "none";
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect(error.message).toMatch(/^Cannot [^.]+: .+ vs .+, /);
    return error.code;
  }
}

describe("an answer to a publisher", () => {
  test("keeps the order and the payload types of the offer, with RTX", () => {
    const offer = parseDescription(fixture("chromium_camera")).media[1].payloads.filter((p) =>
      all.video.includes(p.name)
    );
    const media = plan(fixture("chromium_camera"), whip).sections[1].media!;
    expect(media.codecs.map((c) => [c.payloadType, c.codec])).toEqual(
      offer.map((p) => [p.payloadType, p.name]),
    );
    expect(media.codecs.every((c) => c.rtxPayloadType !== null)).toBe(true);
    expect(media.direction).toBe("recvonly");
    expect(media.localSsrc).toBe(0);
  });

  test("is refused for what is wrong with the m-lines, where that and not their codecs leaves none", () => {
    const offer = fixture("chromium_camera").replaceAll("a=rtcp-mux\r\n", "");
    expect(() => plan(offer, { ...whip, whip: null })).toThrow(/lacks a=rtcp-mux vs/);
  });

  test("spells codecs as the offer did", () => {
    const offer = fixture("chromium_camera").replace("opus/48000", "OPUS/48000").replace("VP8/", "vp8/");
    const answer = answerTo(offer, whip);
    expect(answer).toMatch(/^a=rtpmap:\d+ OPUS\/48000\/2\r$/m);
    expect(answer).toMatch(/^a=rtpmap:\d+ vp8\/90000\r$/m);
  });

  test("has both kinds of rate feedback where both are offered", () => {
    const { feedback } = plan(fixture("chromium_camera"), whip).sections[1].media!.codecs[0];
    expect(feedback).toEqual({ nack: true, pli: true, fir: true, remb: true, transportCc: true });
  });

  test("has REMB where transport-wide sequence numbers are not offered", () => {
    const { feedback } = plan(fixture("obs_simulcast"), whip).sections[1].media!.codecs[0];
    expect(feedback).toEqual({ nack: true, pli: true, fir: false, remb: true, transportCc: false });
  });

  test("to OBS names every layer in the order of the offer", () => {
    const answer = answerTo(fixture("obs_simulcast"), whip);
    expect(answer).toContain("a=rid:0 recv\r\na=rid:1 recv\r\na=rid:2 recv\r\na=simulcast:recv 0;1;2\r\n");
    expect(answer).toContain("a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid\r\n");
  });

  test("to FFmpeg bundles only the m-line that is there, and its first candidate is IPv4", () => {
    const answer = answerTo(fixture("ffmpeg_whip"), whip);
    expect(answer.startsWith("v=0\r\n")).toBe(true);
    expect(answer.length).toBeLessThan(8192);
    expect(answer).toContain("a=group:BUNDLE 1\r\n");
    expect(answer).toMatch(
      /a=candidate:1 1 udp 2130706431 203\.0\.113\.7 8888 typ host\r\na=candidate:2 1 udp \d+ 2001:db8::7/,
    );
    expect(answer).toContain("a=end-of-candidates\r\n");
    expect(answer).toContain("m=video 8888 UDP/TLS/RTP/SAVPF 106\r\nc=IN IP4 203.0.113.7\r\n");
  });

  test("announces the bound for what it receives", () => {
    const answer = answerTo(fixture("obs_simulcast"), { ...whip, maxReceiveKbps: { audio: 0, video: 2500 } });
    expect(answer).toContain("b=AS:2500\r\nb=TIAS:2500000\r\n");
    expect(answer.match(/b=AS/g)).toHaveLength(1);
  });

  test("fits FFmpeg's buffer for the longest offer of Chromium too", () => {
    expect(answerTo(fixture("chromium_layers"), whip).length).toBeLessThan(8192);
    expect(answerTo(fixture("chromium_watch"), whep).length).toBeLessThan(8192);
  });

  test("takes data channels where they are wanted, by themselves or with media on one transport", () => {
    const wanted: PeerOptions = { ...whip, whip: null, data: true };
    const alone = answerTo(fixture("chromium_data"), wanted);
    expect(alone).toContain("m=application 8888 UDP/DTLS/SCTP webrtc-datachannel\r\n");
    expect(alone).toContain("a=group:BUNDLE 0\r\n");
    expect(alone).toContain("a=sctp-port:5000\r\n");
    expect(alone).toContain("a=candidate:");
    const section = (mid: string) =>
      `m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:${mid}\r\na=sctp-port:5000\r\n`;
    const offer = fixture("chromium_camera").replace("a=group:BUNDLE 0 1", "a=group:BUNDLE 0 1 2 3");
    const answer = answerTo(offer + section("2") + section("3"), wanted);
    expect(answer).toContain("a=group:BUNDLE 0 1 2\r\n");
    expect(answer.match(/m=application \d+/g)).toEqual(["m=application 8888", "m=application 0"]);
    const unbundled = answerTo(fixture("chromium_camera") + section("2"), wanted);
    expect(unbundled).toContain("m=application 0");
  });

  test("turns down a data channel alone", () => {
    const data = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:2\r\n";
    const answer = answerTo(fixture("chromium_camera") + data, whip);
    expect(answer).toContain("m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n");
    expect(answer).toContain("a=group:BUNDLE 0 1\r\n");
  });
});

describe("an answer to a viewer", () => {
  test("announces a stream with RTX", () => {
    const answer = answerTo(fixture("chromium_watch"), whep);
    expect(answer).toContain("a=msid:cname cname-video\r\na=ssrc-group:FID 1001 1002\r\n");
    expect(answer).toContain("a=ssrc:1000 cname:cname\r\n");
    expect(answer.match(/a=sendonly/g)).toHaveLength(2);
  });

  test("is given when the format that flows is offered, or its codec", () => {
    const flowing = (flowing: string, ...encodable: string[]) =>
      codeOf(fixture("chromium_watch"), {
        ...whep,
        requiredFormats: { audio: null, video: { flowing, encodable } },
      });
    expect(flowing("VP8")).toBe("none");
    expect(flowing("H264/1/42e0")).toBe("none");
    expect(flowing("H264/1/6e00")).toBe("none");
    expect(flowing("H265/1/0")).toBe("codec_mismatch");
    expect(flowing("H265/1/0", "VP8")).toBe("none");
  });

  test("is refused with the names of both sides when no codec fits", () => {
    const offer = fixture("chromium_watch").replaceAll("AV1/90000", "XY1/90000");
    const video = { flowing: "AV1/0", encodable: [] };
    const options = { ...whep, requiredFormats: { audio: null, video } };
    expect(() => plan(offer, options)).toThrow(/VP8.* vs AV1\/0 that flows/);
  });
});

describe("an offer is refused", () => {
  test("when a publisher only receives, or a viewer only sends", () => {
    expect(codeOf(fixture("chromium_watch"), whip)).toBe("sdp_unacceptable");
    expect(codeOf(fixture("chromium_camera"), whep)).toBe("sdp_unacceptable");
    expect(codeOf(fixture("chromium_camera").replaceAll("sendonly", "inactive"), whip)).toBe(
      "sdp_unacceptable",
    );
  });

  test("when it has two m-lines of a kind", () => {
    const [head, audio, video] = fixture("chromium_camera").split(/(?=^m=)/m);
    const offer = head + audio + video + video.replace("a=mid:1", "a=mid:2");
    expect(codeOf(offer, whip)).toBe("sdp_unacceptable");
    expect(plan(offer, { ...whip, whip: null }).sections.map((s) => s.media !== null)).toEqual([
      true,
      true,
      false,
    ]);
  });

  test("as a whole for WHIP when one m-line has no codec of ours, alone otherwise", () => {
    const offer = fixture("chromium_camera").replaceAll("opus/48000/2", "other/48000/2").replaceAll(
      /PCM[UA]\/8000/g,
      "x/8000",
    );
    expect(codeOf(offer, whip)).toBe("codec_mismatch");
    expect(plan(offer, { ...whip, whip: null }).sections[0].media).toBe(null);
  });

  test("of plain RTP by WHIP, while others are answered with every m-line turned down", () => {
    const offer = "v=0\r\ns=-\r\nm=video 5004 RTP/AVP 96\r\nc=IN IP4 192.0.2.9\r\nb=AS:384\r\n" +
      "a=rtpmap:96 H264/90000\r\na=recvonly\r\n";
    expect(codeOf(offer, whip)).toBe("sdp_unacceptable");
    expect(answerTo(offer, { ...whip, send: true, whip: null })).toMatch(
      /m=video 0 RTP\/AVP 96\r\n[^m]*a=inactive/,
    );
    expect(codeOf(offer + "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n", { ...whip, whip: null })).not.toBe("none");
  });

  test("without ICE, DTLS, rtcp-mux or media", () => {
    const without = (pattern: RegExp) => codeOf(fixture("chromium_camera").replaceAll(pattern, ""), whip);
    expect(without(/a=ice-pwd.*\r\n/g)).toBe("sdp_unacceptable");
    expect(without(/a=fingerprint.*\r\n/g)).toBe("sdp_unacceptable");
    expect(without(/a=rtcp-mux\r\n/g)).toBe("sdp_unacceptable");
    expect(codeOf("v=0\r\ns=-\r\n", whip)).toBe("sdp_unacceptable");
  });
});
