import { Decoder, Demuxer, Encoder, Muxer } from "node-av/api";
import {
  AV_LOG_ERROR,
  FF_ENCODER_LIBSVTAV1,
  FF_ENCODER_LIBVPX_VP8,
  FF_ENCODER_LIBVPX_VP9,
  FF_ENCODER_LIBX264,
  FF_ENCODER_LIBX265,
  type FFVideoEncoder,
} from "node-av/constants";
import { Log } from "node-av/lib";
import { expect, test } from "vitest";
import { systemClock } from "../../base/clock.ts";
import { headerLength, timestamp } from "../header.ts";
import { KIND_RTCP, KIND_RTP, packetKind } from "../packet_kind.ts";
import { rtcpLength, rtcpType, SDES, SR } from "../rtcp/packet.ts";
import { sdesCname } from "../rtcp/sdes.ts";
import {
  senderReportBlockCount,
  senderReportNtpFraction,
  senderReportNtpSeconds,
  senderReportRtpTimestamp,
} from "../rtcp/sender_report.ts";
import { ntpToMs } from "../ntp.ts";
import { keyframeDetector } from "./mod.ts";

const SSRC = 1234;
const CNAME = "publisher@here";

/** What FFmpeg's encoder and RTP packetiser make of one second of its test picture, a keyframe every 8 frames. */
async function publish(encoderName: FFVideoEncoder, options: Record<string, string | number>) {
  Log.setLevel(AV_LOG_ERROR);
  const datagrams: Uint8Array[] = [];
  const keyframes: boolean[] = [];
  await using input = await Demuxer.open("testsrc2=size=320x240:rate=25:duration=1", { format: "lavfi" });
  const stream = input.video()!;
  using decoder = await Decoder.create(stream);
  using encoder = await Encoder.create(encoderName, {
    decoder,
    gopSize: 8,
    maxBFrames: 0,
    bitrate: "1M",
    options,
  });
  await using output = await Muxer.open({ write: (datagram) => datagrams.push(datagram.slice()) }, {
    format: "rtp",
    maxPacketSize: 400,
    options: { strict: "experimental", payload_type: 96, ssrc: SSRC, cname: CNAME },
  });
  const index = output.addStream(encoder);
  for await (using packet of encoder.packets(decoder.frames(input.packets(stream.index)))) {
    if (packet) keyframes.push(packet.isKeyframe);
    await output.writePacket(packet, index);
  }
  return { datagrams: datagrams.map((datagram) => new Uint8Array(datagram)), keyframes };
}

/** For each frame in order: how many of its packets the detector of `codec` calls a start. */
function startsPerFrame(codec: string, datagrams: Uint8Array[]): number[] {
  const startsKeyframe = keyframeDetector(codec);
  const starts = new Map<number, number>();
  for (const packet of datagrams) {
    if (packetKind(packet, 0, packet.length) !== KIND_RTP) continue;
    const header = headerLength(packet, 0, packet.length);
    const at = timestamp(packet, 0);
    const found = startsKeyframe(packet, header, packet.length - header) ? 1 : 0;
    starts.set(at, (starts.get(at) ?? 0) + found);
  }
  return [...starts.values()];
}

test.each([
  ["VP8", FF_ENCODER_LIBVPX_VP8, { deadline: "realtime" }],
  ["VP9", FF_ENCODER_LIBVPX_VP9, { deadline: "realtime", "cpu-used": 8 }],
  ["H264", FF_ENCODER_LIBX264, { preset: "ultrafast", tune: "zerolatency" }],
  ["H264", FF_ENCODER_LIBX264, { preset: "ultrafast", slices: 4 }],
  ["H265", FF_ENCODER_LIBX265, { preset: "ultrafast", "x265-params": "log-level=none" }],
  ["AV1", FF_ENCODER_LIBSVTAV1, { preset: 12 }],
])(
  "%s: exactly the frames that %s calls keyframes are found to start one",
  async (codec, encoder, options) => {
    const { datagrams, keyframes } = await publish(encoder, options as Record<string, string | number>);
    const starts = startsPerFrame(codec, datagrams);
    expect(keyframes.filter(Boolean).length).toBe(4);
    expect(starts.map((count) => count > 0)).toEqual(keyframes);
    // One start per keyframe, but for parameter sets that come in a packet of their own.
    expect(Math.max(...starts)).toBe(codec.startsWith("H26") ? 2 : 1);
  },
);

test("FFmpeg's sender report and CNAME are read", async () => {
  const before = systemClock.now();
  const { datagrams } = await publish(FF_ENCODER_LIBX264, { preset: "ultrafast", tune: "zerolatency" });
  const report = datagrams.find((bytes) => packetKind(bytes, 0, bytes.length) === KIND_RTCP)!;
  const length = rtcpLength(report, 0, report.length);
  expect([rtcpType(report, 0), senderReportBlockCount(report, 0, length)]).toEqual([SR, 0]);
  const sentMs = ntpToMs(senderReportNtpSeconds(report, 0), senderReportNtpFraction(report, 0));
  expect(Math.abs(sentMs - before)).toBeLessThan(5_000);
  const first = datagrams.find((bytes) => packetKind(bytes, 0, bytes.length) === KIND_RTP)!;
  // FFmpeg's muxer takes its first report from the wall clock, which goes on while it sets up.
  const aheadTicks = (senderReportRtpTimestamp(report, 0) - timestamp(first, 0)) | 0;
  expect(Math.abs(aheadTicks)).toBeLessThan(90_000 / 2);
  const sdesLength = rtcpLength(report, length, report.length);
  expect(rtcpType(report, length)).toBe(SDES);
  const cname = sdesCname(report, length, sdesLength, SSRC);
  expect(new TextDecoder().decode(report.slice(cname, cname + report[cname - 1]))).toBe(CNAME);
});

test("every packet of an audio codec is a start", () => {
  expect(keyframeDetector("OPUS")(new Uint8Array(1), 0, 1)).toBe(true);
  expect(keyframeDetector("PCMU")(new Uint8Array(0), 0, 0)).toBe(true);
});
