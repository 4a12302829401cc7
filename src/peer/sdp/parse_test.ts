import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { AppError } from "../../base/mod.ts";
import { parseDescription } from "./parse.ts";

const fixture = (name: string) =>
  readFileSync(new URL(`../../../test/data/sdp/${name}.sdp`, import.meta.url), "utf8");

function codeOf(sdp: string): string {
  try {
    parseDescription(sdp);
    return "none";
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return error.code;
  }
}

describe("a session description", () => {
  test("of Chromium is read with codecs, feedback, extensions and SSRCs", () => {
    const { media, bundle } = parseDescription(fixture("chromium_camera"));
    expect(bundle).toEqual(["0", "1"]);
    expect(media.map((m) => [m.kind, m.mid, m.direction, m.rtcpMux])).toEqual([
      ["audio", "0", "sendonly", true],
      ["video", "1", "sendonly", true],
    ]);
    const vp8 = media[1].payloads.find((p) => p.name === "VP8")!;
    expect(vp8.feedback).toContain("nack pli");
    expect(media[1].extensions.some((e) => e.uri.endsWith("transport-wide-cc-extensions-01"))).toBe(true);
    expect(media[1].ssrcs).toHaveLength(1);
    expect(media[1].ssrcs[0].rtxSsrc).toBeGreaterThan(0);
  });

  test("of Chromium with layers names them in order", () => {
    expect(parseDescription(fixture("chromium_layers")).media[1].sendRids).toEqual(["a", "b", "c"]);
  });

  test("of OBS inherits the fingerprint of the session level", () => {
    const { media, iceOptions } = parseDescription(fixture("obs_simulcast"));
    expect(media.map((m) => m.fingerprints[0].algorithm)).toEqual(["sha-256", "sha-256"]);
    expect(media[1].sendRids).toEqual(["0", "1", "2"]);
    expect(iceOptions).toContain("trickle");
  });

  test("is read with LF line ends and without the last one", () => {
    const sdp = fixture("obs_simulcast").replaceAll("\r\n", "\n").trimEnd();
    expect(parseDescription(sdp).media).toHaveLength(2);
  });

  test("knows the static payload types without rtpmap", () => {
    const sdp = "v=0\r\nm=audio 9 RTP/SAVPF 0 8\r\n";
    expect(parseDescription(sdp).media[0].payloads.map((p) => p.name)).toEqual(["PCMU", "PCMA"]);
  });

  test("tells addresses, bounds, RTCP ports, keys and who connects, from the m-line or from the session", () => {
    const { media } = parseDescription([
      "v=0",
      "c=IN IP4 192.0.2.1/127/3",
      "b=CT:9000",
      "b=AS:900",
      "a=direction:both",
      "m=audio 5000 RTP/AVP 0",
      "m=video 5002 RTP/SAVP 96",
      "c=IN IP6 2001:db8::1",
      "b=AS:500",
      "b=TIAS:384001",
      "a=rtcp:53020 IN IP6 2001:db8::2",
      "a=crypto:1 A inline:x",
      "a=crypto:2 B inline:y",
      "a=direction:active",
      "",
    ].join("\r\n"));
    expect(media).toMatchObject([
      { address: "192.0.2.1", maxKbps: 900, rtcp: null, cryptos: [], comedia: "both" },
      {
        address: "2001:db8::1",
        maxKbps: 385,
        rtcp: { port: 53_020, address: "2001:db8::2" },
        cryptos: ["1 A inline:x", "2 B inline:y"],
        comedia: "active",
      },
    ]);
  });

  test("with c= and b= lines of another form is read all the same", () => {
    const { media } = parseDescription(
      "v=0\r\nc=nowhere\r\nb=AS:much\r\nm=audio 9 RTP/AVP 0\r\nb=TIAS:0\r\n",
    );
    expect(media).toMatchObject([{ address: "", maxKbps: 0 }]);
    expect(codeOf("v=0\r\nm=audio 9 RTP/AVP 0\r\na=rtcp:none\r\n")).toBe("sdp_invalid");
  });

  test("that is none is refused", () => {
    expect(codeOf("")).toBe("sdp_invalid");
    expect(codeOf("hello")).toBe("sdp_invalid");
    expect(codeOf("v=0\r\nhello\r\n")).toBe("sdp_invalid");
    expect(codeOf("v=0\r\nm=video\r\n")).toBe("sdp_invalid");
    expect(codeOf("v=0\r\nm=video 65536 RTP/AVP 96\r\n")).toBe("sdp_invalid");
    expect(codeOf("v=0\r\nm=video 9 RTP/SAVPF 96\r\na=ice-pwd:short\r\n")).toBe("sdp_invalid");
    expect(codeOf("v=0\r\nm=video 9 RTP/SAVPF 96\r\na=mid:a b\r\n")).toBe("sdp_invalid");
  });

  test("of a megabyte or of ten thousand m-lines is refused at once", () => {
    const startedMs = performance.now();
    expect(codeOf("v=0\r\n" + "a=x:y\r\n".repeat(150_000))).toBe("sdp_unacceptable");
    expect(codeOf("v=0\r\n" + "m=a 9 b 0\r\n".repeat(10_000))).toBe("sdp_unacceptable");
    expect(performance.now() - startedMs).toBeLessThan(100);
  });
});
