import { describe, expect, test } from "vitest";
import { applicationLines, applicationOf, offeredApplication } from "./application.ts";
import { parseDescription } from "./parse.ts";

const transport = {
  ufrag: "ufrag",
  password: "0123456789012345678901",
  fingerprint: Array(32).fill("00").join(":"),
  setup: "passive" as const,
  local: {
    candidates: [{
      foundation: "1",
      component: 1,
      protocol: "udp",
      priority: 1,
      address: "203.0.113.1",
      port: 8888,
      type: "host",
    }],
    complete: true,
  },
};

const sectionOf = (...lines: string[]) =>
  parseDescription(["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", ...lines].join("\r\n")).media[0];

describe("m-lines of data channels", () => {
  test("of today say port and message size", () => {
    const section = sectionOf(
      "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
      "a=mid:2",
      "a=sctp-port:5001",
      "a=max-message-size:0",
    );
    const application = applicationOf(section)!;
    expect(application).toEqual({
      mid: "2",
      protocol: "UDP/DTLS/SCTP",
      localPort: 5000,
      remotePort: 5001,
      remoteMaxMessageBytes: 0,
    });
    const lines = applicationLines(application, transport, true);
    expect(lines).toContain("m=application 8888 UDP/DTLS/SCTP webrtc-datachannel");
    expect(lines).toContain("a=sctp-port:5000");
    expect(lines).toContain("a=max-message-size:262144");
    expect(lines).toContain("a=mid:2");
    expect(lines.filter((line) => line.startsWith("a=candidate"))).toHaveLength(1);
  });

  test("of the old form are answered in the old form", () => {
    const section = sectionOf(
      "m=application 9 DTLS/SCTP 5002",
      "a=mid:data",
      "a=sctpmap:5002 webrtc-datachannel 1024",
    );
    const application = applicationOf(section)!;
    expect(application).toMatchObject({ remotePort: 5002, remoteMaxMessageBytes: 65_536 });
    const lines = applicationLines(application, transport, false);
    expect(lines).toContain("m=application 8888 DTLS/SCTP 5000");
    expect(lines).toContain("a=sctpmap:5000 webrtc-datachannel 65535");
    expect(lines.some((line) => line.startsWith("a=candidate"))).toBe(false);
  });

  test("about anything else are not taken", () => {
    for (
      const lines of [
        ["m=application 9 UDP/DTLS/SCTP bfcp"],
        ["m=application 9 UDP/TLS/RTP/SAVPF webrtc-datachannel"],
        ["m=application 9 DTLS/SCTP 5000"],
        ["m=application 9 DTLS/SCTP 5000", "a=sctpmap:5000 bfcp 1"],
        ["m=application 9 DTLS/SCTP 99999", "a=sctpmap:99999 webrtc-datachannel 1"],
        ["m=video 9 UDP/DTLS/SCTP webrtc-datachannel"],
      ]
    ) expect(applicationOf(sectionOf(...lines))).toBe(null);
  });

  test("with malformed values make the description invalid", () => {
    for (const line of ["a=sctp-port:x", "a=sctp-port:70000", "a=max-message-size:-1", "a=sctpmap:5000"]) {
      expect(() => sectionOf("m=application 9 UDP/DTLS/SCTP webrtc-datachannel", line)).toThrow(
        /Cannot read/,
      );
    }
  });

  test("of ours are read as they are written", () => {
    const lines = applicationLines(offeredApplication("0"), transport, true);
    expect(applicationOf(sectionOf(...lines))).toEqual({
      ...offeredApplication("0"),
      remoteMaxMessageBytes: 262_144,
    });
  });
});
