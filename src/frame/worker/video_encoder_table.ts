import {
  type AVHWDeviceType,
  type AVPixelFormat,
  FF_ENCODER_LIBSVTAV1,
  FF_ENCODER_LIBVPX_VP8,
  FF_ENCODER_LIBVPX_VP9,
  FF_ENCODER_LIBX264,
  FF_ENCODER_LIBX265,
  FF_ENCODER_MJPEG,
  type FFVideoEncoder,
} from "node-av/constants";

/** How one encoder is made to work in real time: no look-ahead, no reordering, keyframes when they are asked for. */
export interface EncoderChoice {
  name: FFVideoEncoder;
  threads: number;
  /** Private options of the encoder; `profile` is that of the format where the codec has several. */
  options(profile: string): Record<string, string>;
  /** It takes another bitrate while it runs; others are opened anew. */
  takesBitrate: boolean;
  /** It shares the bitrate out among pictures without a look at their times. Only for those that take another bitrate. */
  countsPictures?: boolean;
  /** Every other distance between pictures is a new frame rate to it: with some left out, it spends far too much. */
  wantsEvenTimes?: boolean;
  /** Another way is left when it fails. */
  isHardware?: boolean;
  /** What pictures must be turned into before; default planar YUV 4:2:0. */
  pixelFormat?: AVPixelFormat;
  /** The device that it works on. */
  device?: AVHWDeviceType;
  /** Pictures are moved into the memory of the device before. */
  isFedOnDevice?: boolean;
}

/** H264 profiles by the first byte of profile-level-id (RFC 6184 section 8.1). */
const h264Profiles: Record<string, string> = { "42": "baseline", "4d": "main", "64": "high" };

/** Name that encoders have for a profile-level-id, or the beginning of one. */
export function h264ProfileOf(profile: string): string {
  return h264Profiles[profile.slice(0, 2).toLowerCase()] ?? "baseline";
}

/**
 * Measured with the 720p30 test picture at 2 Mbit/s, CPU per frame: x264 ultrafast 2.9 ms, superfast 4.2 ms, veryfast
 * 5.3 ms; VP8 with cpu-used -6 4.7 ms and 8 7.4 ms (with two threads 20 ms and stalls of a second where others want
 * the processor, as libvpx spins); VP9 8 7 ms; x265 ultrafast 18 ms; SVT-AV1 12 10 ms, 13 the same.
 */
export const videoEncoders: Readonly<Record<string, EncoderChoice>> = {
  H264: {
    name: FF_ENCODER_LIBX264,
    threads: 2,
    options: (profile) => ({
      preset: "veryfast",
      tune: "zerolatency",
      profile: h264ProfileOf(profile),
      "forced-idr": "1",
      "x264-params": "scenecut=0",
    }),
    takesBitrate: true,
    countsPictures: true,
  },
  H265: {
    name: FF_ENCODER_LIBX265,
    threads: 2,
    options: () => ({
      preset: "ultrafast",
      tune: "zerolatency",
      "forced-idr": "1",
      "x265-params": "bframes=0:repeat-headers=1:scenecut=0:frame-threads=1:pools=2:log-level=none",
    }),
    takesBitrate: false,
  },
  VP8: {
    name: FF_ENCODER_LIBVPX_VP8,
    threads: 1,
    options: () => ({
      deadline: "realtime",
      "cpu-used": "-6",
      "lag-in-frames": "0",
      "auto-alt-ref": "0",
      "error-resilient": "default",
    }),
    takesBitrate: false,
    wantsEvenTimes: true,
  },
  VP9: {
    name: FF_ENCODER_LIBVPX_VP9,
    threads: 2,
    options: () => ({
      deadline: "realtime",
      "cpu-used": "8",
      "lag-in-frames": "0",
      "row-mt": "1",
      "tile-columns": "1",
      "aq-mode": "3",
    }),
    takesBitrate: false,
    wantsEvenTimes: true,
  },
  AV1: {
    name: FF_ENCODER_LIBSVTAV1,
    threads: 2,
    options: () => ({ preset: "12", "svtav1-params": "pred-struct=1:rtc=1:lookahead=0:lp=2" }),
    takesBitrate: false,
  },
  /** Pictures by themselves, of one quality whatever they take. */
  JPEG: {
    name: FF_ENCODER_MJPEG,
    threads: 1,
    options: () => ({ strict: "unofficial", qmin: "3", qmax: "5" }),
    takesBitrate: false,
  },
};
