import {
  AV_CODEC_ID_H264,
  AV_HWDEVICE_TYPE_CUDA,
  AV_HWDEVICE_TYPE_DRM,
  AV_HWDEVICE_TYPE_QSV,
  AV_HWDEVICE_TYPE_VAAPI,
  AV_HWDEVICE_TYPE_VIDEOTOOLBOX,
  AV_LOG_QUIET,
  AV_PIX_FMT_NV12,
  AV_PIX_FMT_YUV420P,
  type AVHWDeviceType,
} from "node-av/constants";
import { Codec, CodecContext, Frame, HardwareDeviceContext, Log } from "node-av/lib";
import { expect, test } from "vitest";
import { encodeVideoClip } from "../../../test/kit/ffmpeg.ts";
import { Hardware } from "./hardware.ts";
import { OwnThread } from "./own_thread.ts";
import { hardwareEncoders } from "./hardware_encoder_table.ts";
import { PictureLoader } from "./picture_loader.ts";
import { VideoDecoder } from "./video_decoder.ts";
import { type OpenEncoder, VideoEncoder } from "./video_encoder.ts";

Log.setLevel(AV_LOG_QUIET);

const wanted = {
  format: { codec: "H264", format: "H264/1/42e0" },
  width: 640,
  height: 360,
  fps: 30,
  bitrateBps: 1_000_000,
};

const clipOptions = { width: 320, height: 180, fps: 30, keyframeInterval: 30, bitrateBps: 300_000 };

/** A device that is one and can do nothing, as a graphics card without a video part. */
function idleDevice(): HardwareDeviceContext {
  const device = new HardwareDeviceContext();
  device.alloc(AV_HWDEVICE_TYPE_DRM);
  if (device.init() < 0) throw new Error("Cannot make a device");
  return device;
}

const everyDevice = () => new Hardware(true, idleDevice);

/** An opener that notes what it does; names in `broken` do not open, those in `fails` fail with their picture. */
function fakeOpener(broken: string[], fails: string[] = []) {
  const log: string[] = [];
  const open: OpenEncoder = (_options, choice) => {
    if (broken.includes(choice.name)) {
      log.push(`no ${choice.name}`);
      throw new Error("Cannot load libcuda.so.1");
    }
    log.push(`open ${choice.name}`);
    return {
      choice,
      bitrateBps: 1,
      setBitrate: () => true,
      close: () => log.push(`close ${choice.name}`),
      encode: (_picture, timestamp, _asKeyframe, _isHere, take) => {
        log.push(`picture ${timestamp}`);
        if (fails.includes(choice.name)) return Promise.reject(new Error("EIO"));
        take(Uint8Array.of(1), timestamp, true);
        return Promise.resolve();
      },
    };
  };
  return { log, open };
}

function picture(): Frame {
  const frame = new Frame();
  frame.alloc();
  Object.assign(frame, { width: 640, height: 360, format: AV_PIX_FMT_YUV420P });
  frame.getBuffer(0);
  frame.data!.forEach((plane, index) => plane.fill(40 * index + 40));
  return frame;
}

test("encoders are tried in order once, and those that do not open are not tried for the next stream", () => {
  const hardware = everyDevice();
  const { log, open } = fakeOpener(["h264_nvenc", "h264_videotoolbox", "h264_qsv", "h264_vaapi"]);
  new VideoEncoder(wanted, hardware, new OwnThread(), open);
  expect(log).toEqual([
    "no h264_nvenc",
    "no h264_videotoolbox",
    "no h264_qsv",
    "no h264_vaapi",
    "open libx264",
  ]);
  new VideoEncoder(wanted, hardware, new OwnThread(), open);
  expect(log.slice(5)).toEqual(["open libx264"]);
});

test("an encoder that fails with its first picture hands it to the next, and nobody hears of it", async () => {
  const hardware = everyDevice();
  const { log, open } = fakeOpener(["h264_videotoolbox"], ["h264_nvenc"]);
  const encoder = new VideoEncoder(wanted, hardware, new OwnThread(), open);
  const taken: number[] = [];
  const frame = picture();
  await encoder.encode(frame, 3000, true, (_bytes, at) => taken.push(at));
  expect(taken).toEqual([3000]);
  expect(log).toEqual([
    "open h264_nvenc",
    "picture 3000",
    "close h264_nvenc",
    "no h264_videotoolbox",
    "open h264_qsv",
    "picture 3000",
  ]);
  new VideoEncoder(wanted, hardware, new OwnThread(), open);
  expect(log.at(-1)).toBe("open h264_qsv");
  // It has worked: what fails later, as by a limit on streams, fails for that stream alone.
  new VideoEncoder(wanted, hardware, new OwnThread(), fakeOpener(["h264_qsv"]).open);
  new VideoEncoder(wanted, hardware, new OwnThread(), open);
  expect(log.at(-1)).toBe("open h264_qsv");
});

test("software that fails is said, as nothing is left to try", async () => {
  const { open } = fakeOpener([], ["libx264"]);
  const encoder = new VideoEncoder(wanted, new Hardware(false), new OwnThread(), open);
  await expect(encoder.encode(picture(), 0, false, () => {})).rejects.toThrow("EIO");
});

test("where hardware is off, or pictures are small, nothing is looked for", () => {
  const asked: AVHWDeviceType[] = [];
  const note = (type: AVHWDeviceType) => {
    asked.push(type);
    return null;
  };
  const off = new Hardware(false, note);
  off.lookAround();
  expect(off.encoders("H264", 1280, 720).map(({ name }) => name)).toEqual(["libx264"]);
  expect(off.decoderDevice(AV_CODEC_ID_H264)).toBe(null);
  const on = new Hardware(true, note);
  expect(on.encoders("VP8", 128, 96).map(({ name }) => name)).toEqual(["libvpx"]);
  expect(on.encoders("JPEG", 1280, 720).map(({ name }) => name)).toEqual(["mjpeg"]);
  expect(asked).toEqual([]);
  for (let i = 0; i < 3; i++) {
    on.lookAround();
    expect(on.decoderDevice(AV_CODEC_ID_H264)).toBe(null);
    expect(on.encoders("VP8", 1280, 720).map(({ name }) => name)).toEqual(["libvpx"]);
  }
  expect(asked).toEqual([
    AV_HWDEVICE_TYPE_CUDA,
    AV_HWDEVICE_TYPE_VIDEOTOOLBOX,
    AV_HWDEVICE_TYPE_QSV,
    AV_HWDEVICE_TYPE_VAAPI,
  ]);
});

test("every option of an encoder in hardware that this FFmpeg carries is one that it knows", () => {
  let known = 0;
  for (const choice of Object.values(hardwareEncoders).flat()) {
    const codec = Codec.findEncoderByName(choice.name);
    if (!codec) continue;
    known++;
    const context = new CodecContext();
    context.allocContext3(codec);
    for (const profile of ["42e01f", "4d001f", "640c1f"]) {
      for (const [name, value] of Object.entries(choice.options(profile))) {
        expect([choice.name, name, context.setOption(name, value)]).toEqual([choice.name, name, 0]);
      }
    }
    expect(codec.pixelFormats).toContain(choice.pixelFormat ?? AV_PIX_FMT_YUV420P);
    context.freeContext();
  }
  // FFmpeg for Linux on x64 has all but Apple's; on ARM there are fewer.
  expect(known).toBeGreaterThan(0);
});

test("this machine's own hardware, or its lack, gives every codec's pictures", async () => {
  const hardware = new Hardware(true);
  for (const codec of ["H264", "H265", "VP8", "VP9", "AV1"]) {
    const encoder = new VideoEncoder(
      { ...wanted, format: { codec, format: codec } },
      hardware,
      new OwnThread(),
    );
    const frame = picture();
    let bytes = 0;
    for (let at = 0; bytes === 0 && at < 10; at++) {
      await encoder.encode(frame, at * 3000, at === 0, (taken) => bytes += taken.length);
    }
    expect([codec, bytes > 0]).toEqual([codec, true]);
    encoder.close();
    encoder.close();
    frame.free();
  }
});

test("a decoder whose device can do nothing decodes every picture, the first one too", async () => {
  const clip = encodeVideoClip({ ...clipOptions, frameCount: 10 });
  let opened = 0;
  const hardware = new Hardware(true, () => {
    opened++;
    return idleDevice();
  });
  const decoder = VideoDecoder.ofCodec("H264", hardware);
  const times: number[] = [];
  for (const [index, { bytes }] of clip.entries()) {
    const isSound = await decoder.decode(bytes, index * 3000, (_picture, at) => {
      times.push(at);
      return Promise.resolve();
    });
    expect(isSound).toBe(true);
  }
  expect(times).toEqual(clip.map((_unit, index) => index * 3000));
  expect([opened, hardware.decoderDevice(AV_CODEC_ID_H264)]).toEqual([1, null]);
  decoder.close();
});

test("what is no bitstream is refused with a device as without, and a keyframe after it is decoded", async () => {
  const clip = encodeVideoClip({ ...clipOptions, frameCount: 2 });
  for (const hardware of [everyDevice(), new Hardware(false)]) {
    const decoder = VideoDecoder.ofCodec("H264", hardware);
    let pictures = 0;
    const take = () => {
      pictures++;
      return Promise.resolve();
    };
    expect(await decoder.decode(new Uint8Array(500).fill(77), 0, take)).toBe(false);
    expect(await decoder.decode(clip[0].bytes, 3000, take)).toBe(true);
    expect(pictures).toBe(1);
    decoder.close();
  }
});

test("pictures for hardware have the same content with interleaved chroma", async () => {
  const loader = new PictureLoader(wanted, AV_PIX_FMT_NV12, null);
  const loaded = await loader.load(picture());
  expect([loaded.format, loaded.width, loaded.height]).toEqual([AV_PIX_FMT_NV12, 640, 360]);
  expect([loaded.data![0][1000], loaded.data![1][1000], loaded.data![1][1001]]).toEqual([40, 80, 120]);
  loaded.free();
  loader.close();
});
