import {
  AV_HWDEVICE_TYPE_CUDA,
  AV_HWDEVICE_TYPE_QSV,
  AV_HWDEVICE_TYPE_VAAPI,
  AV_HWDEVICE_TYPE_VIDEOTOOLBOX,
  AV_PIX_FMT_NV12,
  AV_PIX_FMT_VAAPI,
  type AVHWDeviceType,
  FF_ENCODER_AV1_NVENC,
  FF_ENCODER_AV1_QSV,
  FF_ENCODER_AV1_VAAPI,
  FF_ENCODER_H264_NVENC,
  FF_ENCODER_H264_QSV,
  FF_ENCODER_H264_VAAPI,
  FF_ENCODER_H264_VIDEOTOOLBOX,
  FF_ENCODER_HEVC_NVENC,
  FF_ENCODER_HEVC_QSV,
  FF_ENCODER_HEVC_VAAPI,
  FF_ENCODER_HEVC_VIDEOTOOLBOX,
  FF_ENCODER_VP8_VAAPI,
  FF_ENCODER_VP9_QSV,
  FF_ENCODER_VP9_VAAPI,
  type FFVideoEncoder,
} from "node-av/constants";
import { type EncoderChoice, h264ProfileOf } from "./video_encoder_table.ts";

type Options = (profile: string) => Record<string, string>;
const none: Options = () => ({});
const h264Profile: Options = (profile) => ({ profile: h264ProfileOf(profile) });

/**
 * Encoders of graphics hardware in the order in which they are tried: NVIDIA's, Apple's, Intel's, then whatever has a
 * driver for VA-API. All but the last take pictures from memory. Each is told to give a frame per picture at once, and
 * to make a picture that is asked for a keyframe one that a decoder can begin with.
 */
export const hardwareEncoders: Readonly<Record<string, readonly EncoderChoice[]>> = {
  H264: [
    nvidia(FF_ENCODER_H264_NVENC, h264Profile),
    apple(FF_ENCODER_H264_VIDEOTOOLBOX, h264Profile),
    intel(FF_ENCODER_H264_QSV, h264Profile),
    vaapi(FF_ENCODER_H264_VAAPI, (profile) => {
      const name = h264ProfileOf(profile);
      return { profile: name === "baseline" ? "constrained_baseline" : name };
    }),
  ],
  H265: [
    nvidia(FF_ENCODER_HEVC_NVENC),
    apple(FF_ENCODER_HEVC_VIDEOTOOLBOX),
    intel(FF_ENCODER_HEVC_QSV),
    vaapi(FF_ENCODER_HEVC_VAAPI),
  ],
  VP8: [vaapi(FF_ENCODER_VP8_VAAPI)],
  VP9: [intel(FF_ENCODER_VP9_QSV), vaapi(FF_ENCODER_VP9_VAAPI)],
  AV1: [nvidia(FF_ENCODER_AV1_NVENC), intel(FF_ENCODER_AV1_QSV), vaapi(FF_ENCODER_AV1_VAAPI)],
};

function nvidia(name: FFVideoEncoder, more = none): EncoderChoice {
  const low = { preset: "p4", tune: "ull", rc: "cbr", delay: "0", zerolatency: "1", "forced-idr": "1" };
  return hardware(name, AV_HWDEVICE_TYPE_CUDA, (profile) => ({ ...low, ...more(profile) }));
}

function apple(name: FFVideoEncoder, more = none): EncoderChoice {
  const low = { realtime: "1", prio_speed: "1" };
  return hardware(name, AV_HWDEVICE_TYPE_VIDEOTOOLBOX, (profile) => ({ ...low, ...more(profile) }));
}

function intel(name: FFVideoEncoder, more = none): EncoderChoice {
  const low = { preset: "veryfast", async_depth: "1", forced_idr: "1" };
  const choice = hardware(name, AV_HWDEVICE_TYPE_QSV, (profile) => ({ ...low, ...more(profile) }));
  return { ...choice, pixelFormat: AV_PIX_FMT_NV12 };
}

function vaapi(name: FFVideoEncoder, more = none): EncoderChoice {
  const low = { async_depth: "1" };
  const choice = hardware(name, AV_HWDEVICE_TYPE_VAAPI, (profile) => ({ ...low, ...more(profile) }));
  return { ...choice, pixelFormat: AV_PIX_FMT_VAAPI, isFedOnDevice: true };
}

/** Whether they take another bitrate while they run depends on driver and model: they are opened anew. */
function hardware(name: FFVideoEncoder, device: AVHWDeviceType, options: Options): EncoderChoice {
  return { name, threads: 1, options, takesBitrate: false, isHardware: true, device };
}
