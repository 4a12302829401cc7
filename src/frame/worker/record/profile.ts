import type { FrameMedia, RecordProfile } from "../../types.ts";

/** What a container does with one kind of media. */
export interface KindPlan {
  /** Codecs that go into it as they come. */
  copied: readonly string[];
  /** What all others become. */
  otherwise: string;
  /** Copied codecs whose picture size may change within a file; others are fitted into the size that it began with. */
  resizable: readonly string[];
}

/** What a profile means. */
export interface ProfilePlan {
  /** FFmpeg's name of the muxer. */
  format: string;
  /** Of its files, without a dot. */
  extension: string;
  contentType: string;
  options: Readonly<Record<string, string>>;
  kinds: Readonly<Partial<Record<FrameMedia, KindPlan>>>;
  /** Its files can say that players are to turn the pictures; else they are written upright. */
  tellsTurn: boolean;
  /** Files always come in segments that a playlist names. */
  hasPlaylist: boolean;
}

const always = { resizable: [] };
const webmVideo = { copied: ["VP8", "VP9", "AV1"], otherwise: "VP8", resizable: ["VP8", "VP9", "AV1"] };
const opus = { ...always, copied: ["OPUS"], otherwise: "OPUS" };
const mkvVideo = { ...webmVideo, copied: ["VP8", "VP9", "AV1", "H264", "H265"] };
const mkvAudio = { ...opus, copied: ["OPUS", "PCMU", "PCMA"] };
/** VP8 has no place in MP4, and VP9 there is not played everywhere. */
const mp4Video = { ...always, copied: ["H264", "H265", "AV1"], otherwise: "H264" };
const h264 = { ...always, copied: ["H264"], otherwise: "H264" };
const aac = { ...always, copied: [], otherwise: "AAC" };
const jpeg = { ...always, copied: [], otherwise: "JPEG" };

const webm = {
  format: "webm",
  extension: "webm",
  contentType: "video/webm",
  options: {},
  tellsTurn: true,
  hasPlaylist: false,
};
const mkv = { ...webm, format: "matroska", extension: "mkv", contentType: "video/matroska" };
/** Fragments while it is written, so that a file that nobody ended plays; a plain file when it is ended. */
const mp4 = {
  ...webm,
  format: "mp4",
  extension: "mp4",
  contentType: "video/mp4",
  options: { movflags: "hybrid_fragmented+frag_custom+delay_moov" },
};
const fragmented = { ...mp4, options: { movflags: "delay_moov+empty_moov+default_base_moof+frag_custom" } };
const flv = { ...webm, format: "flv", extension: "flv", contentType: "video/x-flv", tellsTurn: false };
/**
 * Time stamps as they are given, so that one segment goes on where the last one ended; its packets are counted anew, and
 * say so: else readers take the picture before them for a torn one.
 */
const transport = {
  ...webm,
  format: "mpegts",
  extension: "ts",
  contentType: "video/mp2t",
  options: { mpegts_copyts: "1", mpegts_flags: "initial_discontinuity" },
  tellsTurn: false,
  hasPlaylist: true,
};
const stills = { ...webm, format: "mjpeg", extension: "jpg", contentType: "image/jpeg", tellsTurn: false };

/** What is written for every profile. */
export const profilePlans: Readonly<Record<RecordProfile, ProfilePlan>> = {
  WEBM: { ...webm, kinds: { video: webmVideo, audio: opus } },
  WEBM_VIDEO_ONLY: { ...webm, kinds: { video: webmVideo } },
  WEBM_AUDIO_ONLY: { ...webm, contentType: "audio/webm", kinds: { audio: opus } },
  MKV: { ...mkv, kinds: { video: mkvVideo, audio: mkvAudio } },
  MKV_VIDEO_ONLY: { ...mkv, kinds: { video: mkvVideo } },
  MKV_AUDIO_ONLY: { ...mkv, contentType: "audio/matroska", kinds: { audio: mkvAudio } },
  MP4: { ...mp4, kinds: { video: mp4Video, audio: aac } },
  MP4_VIDEO_ONLY: { ...mp4, kinds: { video: mp4Video } },
  MP4_AUDIO_ONLY: { ...mp4, contentType: "audio/mp4", kinds: { audio: aac } },
  FMP4: { ...fragmented, kinds: { video: mp4Video, audio: aac } },
  FLV: { ...flv, kinds: { video: h264, audio: aac } },
  HLS: { ...transport, kinds: { video: h264, audio: aac } },
  JPEG_VIDEO_ONLY: { ...stills, kinds: { video: jpeg } },
};
