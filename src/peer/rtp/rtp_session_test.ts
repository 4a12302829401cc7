import { beforeEach, describe, expect, test } from "vitest";
import { answered, type OfferedRtp, rtpOffer } from "../../../test/kit/rtp_offer.ts";
import { AppError } from "../../base/mod.ts";
import { openRtpSession } from "./rtp_session.ts";
import type { RtpOptions } from "./types.ts";

const bytes = (length: number, from: number) => Uint8Array.from({ length }, (_, i) => i + from);
const sdes = { profile: "AES128_CM_HMAC_SHA1_80", key: bytes(16, 1), salt: bytes(14, 1) } as const;
const theirKey = Buffer.from(bytes(30, 100)).toString("base64");
const crypto = `a=crypto:4 AES_CM_128_HMAC_SHA1_80 inline:${theirKey}`;

let opened: boolean[];
beforeEach(() => void (opened = []));

function session(options: Partial<RtpOptions> = {}) {
  return openRtpSession({
    codecs: { audio: ["OPUS", "PCMU", "PCMA"], video: ["VP8", "H264"] },
    maxReceiveKbps: { audio: 0, video: 0 },
    sdes: null,
    useIpv6: false,
    addresses: ["203.0.113.5", "2001:db8::5", "127.0.0.1", "::1"],
    openPorts: (rtcp) => {
      const rtpPort = 10_000 + 2 * opened.push(rtcp);
      return Promise.resolve({ port: opened.length, rtpPort, rtcpPort: rtcp ? rtpPort + 1 : null });
    },
    ...options,
  });
}

const video = (more: Partial<OfferedRtp> = {}): OfferedRtp => ({
  kind: "video",
  port: 5004,
  payloadType: 96,
  codec: "VP8",
  direction: "sendrecv",
  ...more,
});
const audio = (more: Partial<OfferedRtp> = {}) =>
  video({ kind: "audio", port: 5006, payloadType: 0, codec: "", ...more });
const secure = (more: Partial<OfferedRtp> = {}) => video({ protocol: "RTP/SAVPF", lines: [crypto], ...more });
const refusal = async (work: Promise<unknown> | (() => unknown)) => {
  try {
    await (typeof work === "function" ? work() : work);
  } catch (error) {
    expect((error as AppError).message).toMatch(/^Cannot [^.]+: .+ vs .+, /s);
    return (error as AppError).code;
  }
  throw new Error("it was accepted");
};

describe("an answer", () => {
  test("has ports of its own per m-line, codecs by static numbers too, and says back what was offered", async () => {
    const it = session();
    const answer = await it.processOffer(rtpOffer([
      audio({ direction: "sendonly", lines: ["a=mid:sound"] }),
      video({ direction: "recvonly", lines: ["b=AS:300", "a=rtcp:7777 IN IP4 192.0.2.8"] }),
    ], "192.0.2.9"));
    expect(answered(answer, "audio")).toEqual({
      port: 10_002,
      key: "",
      lines: [
        "c=IN IP4 203.0.113.5",
        "a=mid:sound",
        "a=recvonly",
        "a=rtcp:10003",
        "a=rtpmap:0 PCMU/8000",
      ],
    });
    expect(answered(answer, "video").lines).toEqual(expect.arrayContaining(["a=sendonly", "a=rtcp:10005"]));
    expect(answer).not.toMatch(/BUNDLE|rtcp-mux|candidate|crypto|fingerprint|rtcp-fb/);
    expect(it.lines).toMatchObject([
      {
        rtp: { address: "192.0.2.9", port: 5006 },
        rtcp: { address: "192.0.2.9", port: 5007 },
        from: "192.0.2.9",
        latch: false,
        maxSendKbps: 0,
        keys: { profile: "NONE" },
        media: { kind: "audio", direction: "recvonly", localSsrc: 0 },
      },
      { rtp: { port: 5004 }, rtcp: { address: "192.0.2.8", port: 7777 }, maxSendKbps: 300 },
    ]);
    expect([it.localDescription === answer, it.remoteDescription?.includes("192.0.2.9")]).toEqual([
      true,
      true,
    ]);
  });

  test("bounds what is received only where something is", async () => {
    const it = session({ maxReceiveKbps: { audio: 64, video: 500 } });
    const answer = await it.processOffer(rtpOffer([audio({ direction: "recvonly" }), video()]));
    expect(answered(answer, "audio").lines.join()).not.toContain("b=");
    expect(answered(answer, "video").lines).toEqual(expect.arrayContaining(["b=AS:500", "b=TIAS:500000"]));
  });

  test("knows feedback and retransmission with RTP/AVPF, and neither with RTP/AVP", async () => {
    const lines = [
      "a=rtcp-fb:96 nack",
      "a=rtcp-fb:* nack pli",
      "a=rtpmap:97 rtx/90000",
      "a=fmtp:97 apt=96",
      "a=extmap:3 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    ];
    for (const protocol of ["RTP/AVP", "RTP/AVPF"]) {
      const it = session();
      const offer = rtpOffer([video({ protocol, lines })]).replace("AVPF 96", "AVPF 96 97").replace(
        "AVP 96",
        "AVP 96 97",
      );
      const answer = await it.processOffer(offer);
      const [codec] = it.lines[0].media.codecs;
      const isFeedback = protocol.endsWith("F");
      expect(codec).toMatchObject({
        rtxPayloadType: isFeedback ? 97 : null,
        feedback: { nack: isFeedback, pli: isFeedback, fir: false },
      });
      expect(answer.includes("a=rtcp-fb")).toBe(isFeedback);
      expect(it.lines[0].media.localRtxSsrc > 0).toBe(isFeedback);
    }
  });

  test("takes RTCP on the port of the media where that is offered", async () => {
    const it = session();
    const answer = await it.processOffer(rtpOffer([video({ lines: ["a=rtcp-mux"] }), audio()]));
    expect(opened).toEqual([false, true]);
    expect(answered(answer, "video").lines).toContain("a=rtcp-mux");
    expect(answer.match(/a=rtcp:/g)?.length).toBe(1);
    expect(it.lines[0].rtcp).toBeNull();
  });

  test("keeps the family of the offer, and is near to who is near", async () => {
    const addressFor = async (address: string, options: Partial<RtpOptions> = {}) =>
      /^c=.*$/m.exec(await session(options).processOffer(rtpOffer([video()], address)))?.[0];
    expect(await addressFor("192.0.2.9", { useIpv6: true })).toBe("c=IN IP4 203.0.113.5");
    expect(await addressFor("2001:db8::9")).toBe("c=IN IP6 2001:db8::5");
    expect(await addressFor("127.0.0.1")).toBe("c=IN IP4 127.0.0.1");
    expect(await addressFor("::1")).toBe("c=IN IP6 ::1");
    expect(await addressFor("127.0.0.1", { addresses: ["203.0.113.5"] })).toBe("c=IN IP4 203.0.113.5");
    const only4 = session({ addresses: ["203.0.113.5"] });
    expect(await refusal(only4.processOffer(rtpOffer([video()], "2001:db8::9")))).toBe("sdp_unacceptable");
  });

  test("an address of each m-line counts before that of the session, and zeros mean hold", async () => {
    const it = session();
    const onHold = "m=audio 5006 RTP/AVP 0\r\nc=IN IP4 0.0.0.0";
    await it.processOffer(
      rtpOffer([audio(), video()], "192.0.2.9").replace("m=audio 5006 RTP/AVP 0", onHold)
        .replace(/(m=video .*)/, "$1\r\nc=IN IP4 192.0.2.10/127"),
    );
    expect(it.lines).toMatchObject([{ rtp: null, rtcp: null, from: null, latch: false }, {
      from: "192.0.2.10",
    }]);
  });
});

describe("who opens the connection (COMEDIA)", () => {
  test.each([
    ["a=direction:active", "a=direction:passive"],
    ["a=setup:active", "a=setup:passive"],
  ])("%s is answered with %s, and its address and port mean nothing", async (line, back) => {
    const it = session();
    const answer = await it.processOffer(rtpOffer([video({ port: 9, lines: [line] })], "10.0.0.1"));
    expect(it.lines).toMatchObject([{ rtp: null, rtcp: null, from: null, latch: true }]);
    expect(answered(answer, "video").lines).toContain(back);
  });

  test("said for the whole session it counts for every m-line, and even a name as address does not matter", async () => {
    const it = session();
    const offer = rtpOffer([audio(), video()]).replace("t=0 0", "t=0 0\r\na=direction:active")
      .replace("c=IN IP4 127.0.0.1", "c=IN IP4 host.invalid");
    await it.processOffer(offer);
    expect(it.lines.map(({ latch }) => latch)).toEqual([true, true]);
  });

  test("a peer that waits, or can do either, is sent to", async () => {
    for (
      const [line, back] of [["a=setup:passive", "active"], ["a=setup:actpass", "active"], [
        "a=direction:both",
        "active",
      ]]
    ) {
      const it = session();
      const answer = await it.processOffer(rtpOffer([video({ lines: [line] })]));
      expect(it.lines).toMatchObject([{ latch: false, rtp: { port: 5004 } }]);
      expect(answer).toContain(`${line.split(":")[0]}:${back}\r\n`);
    }
  });
});

describe("encryption (RFC 4568)", () => {
  test("is answered with our key under their tag, and theirs is kept with its life", async () => {
    const it = session({ sdes });
    const answer = await it.processOffer(rtpOffer([secure({ lines: [`${crypto}|2^20`] })]));
    const ours = Buffer.from([...sdes.key, ...sdes.salt]).toString("base64");
    expect(answered(answer, "video").lines).toContain(`a=crypto:4 AES_CM_128_HMAC_SHA1_80 inline:${ours}`);
    expect(answer).toContain(" RTP/SAVPF 96");
    expect(it.lines[0].keys).toEqual({
      profile: "AES128_CM_HMAC_SHA1_80",
      localKey: sdes.key,
      localSalt: sdes.salt,
      remoteKey: bytes(16, 100),
      remoteSalt: bytes(14, 116),
      remoteLifetimePackets: 1_048_576,
    });
  });

  test("of several keys the one of our suite is taken", async () => {
    const other = `a=crypto:1 AES_256_CM_HMAC_SHA1_80 inline:${Buffer.alloc(46).toString("base64")}`;
    const it = session({ sdes });
    expect(await it.processOffer(rtpOffer([secure({ lines: [other, crypto] })]))).toContain("a=crypto:4");
  });

  test.each([
    ["plain RTP where we encrypt", video(), sdes],
    ["encryption where we have none", secure(), null],
    ["another suite", secure({ lines: [crypto.replace("_80", "_32")] }), sdes],
    ["no key", secure({ lines: [] }), sdes],
    ["WebRTC", video({ protocol: "UDP/TLS/RTP/SAVPF" }), sdes],
  ])("both sides must agree: %s is turned down", async (_, section, ours) => {
    const it = session({ sdes: ours });
    const answer = await it.processOffer(rtpOffer([section]));
    expect(answer).toContain(`m=video 0 ${section.protocol ?? "RTP/AVP"} 96\r\n`);
    expect([it.lines, opened]).toEqual([[], []]);
  });

  test("a key of our suite that cannot be used is refused with the reason", async () => {
    const work = session({ sdes }).processOffer(rtpOffer([secure({ lines: [`${crypto}|1:4`] })]));
    await expect(work).rejects.toMatchObject({
      code: "sdp_unacceptable",
      message: expect.stringContaining("master key identifier"),
    });
  });
});

describe("H264 of which only the a=rtpmap line tells", () => {
  const silent = (...sections: OfferedRtp[]) => rtpOffer(sections).replaceAll(/a=fmtp.*\r\n/g, "");

  test("is taken with fragments, and with none where the offer says so", async () => {
    const it = session();
    const answer = await it.processOffer(silent(video({ codec: "H264" })));
    expect(it.lines[0].media.codecs).toMatchObject([{ codec: "H264", format: "H264/1/42e0" }]);
    expect(answer).not.toContain("a=fmtp");
    const strict = session();
    const lines = ["a=fmtp:96 packetization-mode=0;profile-level-id=42e01f"];
    await strict.processOffer(rtpOffer([video({ codec: "H264", lines })]));
    expect(strict.lines[0].media.codecs).toMatchObject([{ format: "H264/0/42e0" }]);
  });

  test("is in an answer what the offer said under that number", async () => {
    for (
      const [payloadType, format] of [[102, "H264/1/42e0"], [104, "H264/0/42e0"], [
        108,
        "H264/1/6400",
      ]] as const
    ) {
      const it = session();
      await it.generateOffer({ audio: false, video: true });
      it.processAnswer(silent(video({ codec: "H264", payloadType })));
      expect(it.lines[0].media.codecs).toMatchObject([{ payloadType, format }]);
    }
  });

  test("and its parameter sets are kept, and not said back", async () => {
    const it = session();
    const told = "a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAHtoCgL/lwEQ=,aM48gA==";
    const answer = await it.processOffer(rtpOffer([video({ codec: "H264", lines: [told] })]));
    expect(it.lines[0].media.codecs[0].parameterSets?.map((set) => set.length)).toEqual([11, 4]);
    expect(answer).toContain("a=fmtp:96 packetization-mode=1\r\n");
  });
});

describe("m-lines that cannot be used", () => {
  test("are turned down alone: other kinds, second ones, port 0, unknown codecs", async () => {
    const it = session();
    const offer = rtpOffer([
      video({ codec: "H263", payloadType: 34 }),
      video({ port: 0 }),
      video(),
      video({ port: 5008 }),
      audio({ codec: "G729", payloadType: 18 }),
    ]) + "m=application 9 UDP/BFCP *\r\n";
    const answer = await it.processOffer(offer);
    expect([...answer.matchAll(/^m=\w+ (\d+)/gm)].map(([, port]) => port)).toEqual(
      ["0", "0", "10002", "0", "0", "0"],
    );
    expect(it.lines.length).toBe(1);
  });

  test.each([
    ["no c= line", rtpOffer([video()]).replace(/c=.*\r\n/, "")],
    ["a name", rtpOffer([video()], "host.example")],
    ["a multicast group", rtpOffer([video()], "239.1.2.3")],
    ["an IPv6 group", rtpOffer([video()], "ff02::1")],
    ["the broadcast address", rtpOffer([video()], "255.255.255.255")],
    ["a name for RTCP", rtpOffer([video({ lines: ["a=rtcp:5 IN IP4 host.example"] })])],
    ["no media", "v=0\r\ns=-\r\n"],
    ["nothing but other media", "v=0\r\nm=application 9 UDP/BFCP *\r\n"],
  ])("an offer with %s is refused, and no port stays open for it", async (_, offer) => {
    expect(await refusal(session().processOffer(offer))).toBe("sdp_unacceptable");
    expect(opened).toEqual([]);
  });

  test.each(["a=rtcp:99999", "a=rtcp:x", "nonsense"])(
    "a malformed line is told by its number: %s",
    async (line) => {
      expect(await refusal(session().processOffer(rtpOffer([video({ lines: [line] })])))).toBe("sdp_invalid");
    },
  );

  test("ports that cannot be had refuse the offer", async () => {
    const full = new AppError("limit_reached", "Cannot open a port: none vs one, wait");
    const it = session({ openPorts: () => Promise.reject(full) });
    await expect(it.processOffer(rtpOffer([video()]))).rejects.toBe(full);
  });
});

describe("an offer of ours", () => {
  test("names all codecs without BUNDLE, with ports for RTCP that may be left unused", async () => {
    const offer = await session({ useIpv6: true }).generateOffer({ audio: true, video: true });
    expect(offer).toMatch(/^m=audio 10002 RTP\/AVPF 111 0 8\r\nc=IN IP6 2001:db8::5\r\n/m);
    expect(answered(offer, "video").lines).toEqual(
      expect.arrayContaining(["a=sendrecv", "a=rtcp:10005", "a=rtcp-mux", "a=rtcp-fb:96 nack pli"]),
    );
    expect(offer).not.toMatch(/BUNDLE|rtx|transport-cc|extmap|crypto/);
  });

  test("is for the kinds that are wanted, and for at least one", async () => {
    expect(await session().generateOffer({ audio: false, video: true })).not.toContain("m=audio");
    expect(await refusal(session().generateOffer({ audio: false, video: false }))).toBe("sdp_unacceptable");
  });

  test("is settled by its answer: codecs, direction, keys, RTCP on one port", async () => {
    const it = session({ sdes });
    expect(await it.generateOffer({ audio: true, video: true })).toContain("RTP/SAVPF");
    it.processAnswer(rtpOffer([
      audio({ port: 0, protocol: "RTP/SAVPF" }),
      secure({ direction: "sendonly", lines: ["a=rtcp-mux", crypto, "a=rtcp-fb:96 nack"] }),
    ], "192.0.2.9"));
    expect(it.lines).toMatchObject([{
      media: {
        kind: "video",
        direction: "recvonly",
        codecs: [{ codec: "VP8", feedback: { nack: true, pli: false } }],
      },
      ports: { rtpPort: 10_004 },
      rtp: { address: "192.0.2.9", port: 5004 },
      rtcp: null,
      keys: { profile: "AES128_CM_HMAC_SHA1_80" },
    }]);
  });

  test.each([
    ["fewer m-lines", rtpOffer([video()]), "sdp_unacceptable"],
    ["another order", rtpOffer([video(), audio()]), "sdp_unacceptable"],
    ["another profile", rtpOffer([audio(), secure()]), "sdp_unacceptable"],
    ["no codec of ours", rtpOffer([audio(), video({ codec: "H263", payloadType: 34 })]), "codec_mismatch"],
    ["a codec under another number", rtpOffer([audio(), video({ payloadType: 120 })]), "codec_mismatch"],
  ])("an answer with %s is refused, and another may be tried", async (_, answer, code) => {
    const it = session();
    await it.generateOffer({ audio: true, video: true });
    expect(await refusal(() => it.processAnswer(answer))).toBe(code);
    expect(it.lines).toEqual([]);
    it.processAnswer(rtpOffer([audio(), video()]));
    expect(it.lines.length).toBe(2);
  });

  test("a session is negotiated once, and answered after it was offered", async () => {
    const it = session();
    expect(await refusal(() => it.processAnswer(rtpOffer([video()])))).toBe("offer_not_generated");
    await it.processOffer(rtpOffer([video()]));
    expect(await refusal(it.processOffer(rtpOffer([video()])))).toBe("endpoint_negotiated");
    expect(await refusal(it.generateOffer({ audio: true, video: true }))).toBe("endpoint_negotiated");
  });
});
