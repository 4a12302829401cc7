import { Buffer } from "node:buffer";
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
import { describe, expect, test } from "vitest";
import { dePacketizeRtpPackets, RtpHeader, RtpPacket } from "werift";
import { decodeVideo } from "../../../test/kit/ffmpeg.ts";
import { headerLength, timestamp } from "../header.ts";
import { KIND_RTP, packetKind } from "../packet_kind.ts";
import { payloadFormat } from "./mod.ts";

Log.setLevel(AV_LOG_ERROR);
interface Encoded {
  frames: { bytes: Uint8Array; keyframe: boolean }[];
  /** The same frames as FFmpeg's own RTP muxer sends them. */
  datagrams: Uint8Array[];
}

/** One second of FFmpeg's test picture, a keyframe every 8 frames. */
async function encode(
  encoderName: FFVideoEncoder,
  options: Record<string, string | number>,
): Promise<Encoded> {
  const made: Encoded = { frames: [], datagrams: [] };
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
  const keep = { write: (datagram: Uint8Array) => made.datagrams.push(new Uint8Array(datagram)) };
  await using output = await Muxer.open(keep as never, {
    format: "rtp",
    maxPacketSize: 400,
    options: { strict: "experimental", payload_type: 96 },
  });
  const index = output.addStream(encoder);
  for await (using packet of encoder.packets(decoder.frames(input.packets(stream.index)))) {
    if (packet) made.frames.push({ bytes: new Uint8Array(packet.data!), keyframe: packet.isKeyframe });
    await output.writePacket(packet, index);
  }
  return made;
}

const rows = [
  ["VP8", FF_ENCODER_LIBVPX_VP8, { deadline: "realtime" }, "VP8"],
  ["VP9", FF_ENCODER_LIBVPX_VP9, { deadline: "realtime", "cpu-used": 8 }, "VP9"],
  ["H264", FF_ENCODER_LIBX264, { preset: "ultrafast", tune: "zerolatency" }, "MPEG4/ISO/AVC"],
  ["H264", FF_ENCODER_LIBX264, { preset: "ultrafast", slices: 4 }, "MPEG4/ISO/AVC"],
  ["H265", FF_ENCODER_LIBX265, { preset: "ultrafast", "x265-params": "log-level=none" }, "H265"],
  ["AV1", FF_ENCODER_LIBSVTAV1, { preset: 12 }, "AV1"],
] as const;

describe.each(rows)("%s of %s", (codec, encoder, options, weriftName) => {
  const encoded = encode(encoder as FFVideoEncoder, options as Record<string, string | number>);
  const format = payloadFormat(codec)!;

  test.each([300, 1188])(
    "frames go through payloads of %i bytes and are the same pictures",
    async (maxBytes) => {
      const { frames } = await encoded;
      const packetizer = format.packetizer();
      const assembler = format.assembler();
      const back = frames.map(({ bytes, keyframe }) => {
        const payloads = packetizer.packetize(bytes, maxBytes);
        expect(Math.max(...payloads.map(({ length }) => length))).toBeLessThanOrEqual(maxBytes);
        expect(payloads.every((payload) => assembler.add(payload))).toBe(true);
        const frame = assembler.take()!;
        expect(frame.keyframe).toBe(keyframe);
        return frame.bytes;
      });
      const [before, after] = [
        decodeVideo(frames.map(({ bytes }) => bytes), codec),
        decodeVideo(back, codec),
      ];
      expect(after.length).toBe(25);
      expect(after).toEqual(before);
    },
  );

  test("what FFmpeg's RTP muxer sends is put together to the same pictures", async () => {
    const { frames, datagrams } = await encoded;
    const assembler = format.assembler();
    const back: Uint8Array[] = [];
    let at = -1;
    const take = () => {
      const frame = assembler.take();
      if (frame) back.push(frame.bytes);
    };
    for (const packet of datagrams) {
      if (packetKind(packet, 0, packet.length) !== KIND_RTP) continue;
      if (timestamp(packet, 0) !== at) take();
      at = timestamp(packet, 0);
      expect(assembler.add(packet.subarray(headerLength(packet, 0, packet.length)))).toBe(true);
    }
    take();
    expect(decodeVideo(back, codec)).toEqual(decodeVideo(frames.map(({ bytes }) => bytes), codec));
  });

  test("werift puts our payloads together", async () => {
    const { frames } = await encoded;
    const packetizer = format.packetizer();
    const back = frames.map(({ bytes }) => {
      const payloads = packetizer.packetize(bytes, 500);
      const packets = payloads.map((payload, index) =>
        new RtpPacket(new RtpHeader({ marker: index === payloads.length - 1 }), Buffer.from(payload))
      );
      return new Uint8Array(dePacketizeRtpPackets(weriftName, packets).data);
    });
    expect(decodeVideo(back, codec).length).toBe(25);
  });

  test("no bytes of any kind throw, and a frame with a hole is not taken for whole", async () => {
    const { frames } = await encoded;
    const payloads = format.packetizer().packetize(frames[0].bytes, 300);
    expect(payloads.length).toBeGreaterThan(3);
    for (let seed = 1; seed < 2000; seed++) {
      const assembler = format.assembler();
      const payload = payloads[seed % payloads.length].slice(0, 1 + seed % 40);
      payload[seed % payload.length] ^= seed * 37 & 0xff;
      assembler.add(payload);
      assembler.add(payload.subarray(0, 1));
      assembler.take();
    }
    if ("slices" in options) return;
    expect(format.assembler().add(payloads.at(-1)!)).toBe(false);
  });
});

test("audio goes one frame to a payload", () => {
  for (const codec of ["OPUS", "PCMU", "PCMA"]) {
    const format = payloadFormat(codec)!;
    const frame = new Uint8Array([1, 2, 3]);
    expect(format.packetizer().packetize(frame, 1188)).toEqual([frame]);
    const assembler = format.assembler();
    assembler.add(frame);
    expect(assembler.take()).toEqual({ bytes: frame, keyframe: true });
    expect(assembler.take()).toBeNull();
  }
  expect(payloadFormat("constructor")).toBeUndefined();
});
