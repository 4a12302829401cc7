import {
  AV_HWDEVICE_TYPE_VAAPI,
  AV_PIX_FMT_NV12,
  AV_PIX_FMT_VAAPI,
  type FFVideoEncoder,
} from "node-av/constants";
import { type EncoderChoice, h264ProfileOf } from "./video_encoder_table.ts";

/**
 * Encoders of graphics hardware in the order in which they are tried: NVIDIA's, Apple's, Intel's, then whatever has a
 * driver for VA-API. All but the last take pictures from memory. Each is told to give a frame per picture at once, and
 * to make a picture that is asked for a keyframe one that a decoder can begin with.
 */
export const hardwareEncoders: Readonly<Record<string, readonly EncoderChoice[]>> = {
  H264: [
    nvidia("h264_nvenc", (format) => ({ profile: h264ProfileOf(format) })),
    apple("h264_videotoolbox", (format) => ({ profile: h264ProfileOf(format) })),
    intel("h264_qsv", (format) => ({ profile: h264ProfileOf(format) })),
    vaapi("h264_vaapi", (format) => {
      const profile = h264ProfileOf(format);
      return { profile: profile === "baseline" ? "constrained_baseline" : profile };
    }),
  ],
  H265: [
    nvidia("hevc_nvenc"),
    apple("hevc_videotoolbox"),
    intel("hevc_qsv"),
    vaapi("hevc_vaapi"),
  ],
  VP8: [vaapi("vp8_vaapi")],
  VP9: [intel("vp9_qsv"), vaapi("vp9_vaapi")],
  AV1: [nvidia("av1_nvenc"), intel("av1_qsv"), vaapi("av1_vaapi")],
};

type Options = (format: string) => Record<string, string>;
const none: Options = () => ({});

function nvidia(name: FFVideoEncoder, more = none): EncoderChoice {
  const low = { preset: "p4", tune: "ull", rc: "cbr", delay: "0", zerolatency: "1", "forced-idr": "1" };
  return hardware(name, (format) => ({ ...low, ...more(format) }));
}

function apple(name: FFVideoEncoder, more = none): EncoderChoice {
  return hardware(name, (format) => ({ realtime: "1", prio_speed: "1", ...more(format) }));
}

function intel(name: FFVideoEncoder, more = none): EncoderChoice {
  const choice = hardware(name, (format) => ({ preset: "veryfast", async_depth: "1", ...more(format) }));
  return { ...choice, pixelFormat: AV_PIX_FMT_NV12 };
}

function vaapi(name: FFVideoEncoder, more = none): EncoderChoice {
  const choice = hardware(name, (format) => ({ async_depth: "1", ...more(format) }));
  return { ...choice, pixelFormat: AV_PIX_FMT_VAAPI, device: AV_HWDEVICE_TYPE_VAAPI };
}

/** Whether they take another bitrate while they run depends on driver and model: they are opened anew. */
function hardware(name: FFVideoEncoder, options: Options): EncoderChoice {
  return { name, threads: 1, options, takesBitrate: false, isHardware: true };
}
