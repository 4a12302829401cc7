import { describe, expect, test } from "vitest";
import { type LoopbackPeer, openLoopback, publisher } from "../kit/loopback_peer.ts";
import { publishByFfmpeg } from "../kit/publish_by_ffmpeg.ts";

const clip = { width: 160, height: 120, fps: 15, bitrateBps: 200_000, keyframeInterval: 15 };

/** A WHIP endpoint with nothing behind it but one peer. */
function openEndpoint(ours: LoopbackPeer) {
  const said = { offer: "", answer: "" };
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
    if (request.method !== "POST") return new Response();
    said.offer = await request.text();
    said.answer = ours.peer.processOffer(said.offer);
    const headers = { "content-type": "application/sdp", location: "/session" };
    return new Response(said.answer, { status: 201, headers });
  });
  return { server, said, whipUrl: `http://127.0.0.1:${server.addr.port}/whip` };
}

describe("with FFmpeg's WHIP muxer", () => {
  const cases: { says: string; muxerOptions: Record<string, string>; setup: string }[] = [
    { says: "as DTLS server, which is its default", muxerOptions: {}, setup: "active" },
    { says: "as DTLS client", muxerOptions: { whip_flags: "dtls_active" }, setup: "passive" },
  ];
  for (const { says, muxerOptions, setup } of cases) {
    test(`it connects ${says}`, async () => {
      const ours = await openLoopback({ ...publisher, whip: "whip" });
      const { server, said, whipUrl } = openEndpoint(ours);
      const ffmpeg = await publishByFfmpeg({ whipUrl, seconds: 1, muxerOptions, ...clip });
      const keys = await ours.keysCame;
      expect(keys.profile).toBe("AES128_CM_HMAC_SHA1_80");
      expect(said.answer).toContain(`a=setup:${setup}\r\n`);
      expect(ours.peer.media.map((m) => m.codecs[0].codec)).toEqual(["OPUS", "H264"]);
      expect(ours.peer.media[1].remoteSsrcs[0].rtxSsrc).not.toBe(0);
      expect(ours.ended).toEqual([]);
      await ffmpeg.finished;
      await ours.close();
      await server.shutdown();
    });
  }
});
