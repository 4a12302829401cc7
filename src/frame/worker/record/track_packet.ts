import type { FrameMedia } from "../../types.ts";

/** One frame of a track as it goes into a file. */
export interface TrackPacket {
  media: FrameMedia;
  codec: string;
  bytes: Uint8Array;
  /** Recording time, ms. */
  atMs: number;
  durationMs: number;
  keyframe: boolean;
}

/** What a file must know of a track before its first packet. */
export interface TrackHeader {
  media: FrameMedia;
  codec: string;
  /** Pixels; 0 for audio. */
  width: number;
  height: number;
  /** Clockwise quarter turns that players are to make, 0 to 3; 0 for audio. */
  turn: number;
  /** 0 for video. */
  sampleRate: number;
  channels: number;
  /** As FFmpeg's muxers expect it of the codec; empty where they expect none. */
  extradata: Uint8Array;
}

/** Where the packets of a track go; `header` comes before the first, and again when another stream begins. */
export interface TrackTarget {
  header(header: TrackHeader): void;
  packet(packet: TrackPacket): void;
}
