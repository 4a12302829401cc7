import { decodeVideo } from "./ffmpeg.ts";
import type { LibdatachannelViewer } from "./libdatachannel.ts";
import type { RtpCollector } from "./rtp_collector.ts";

/** What a viewer must never notice of what happens behind its stream. */
export interface Continuity {
  ssrcs: number;
  /** Sequence numbers that never came. */
  lost: number;
  /** Time stamps that did not grow from one frame to the next. */
  backwards: number;
}

/** One stream, one sequence, time that only goes on: `{ ssrcs: 1, lost: 0, backwards: 0 }`. */
export function continuityOf(stream: RtpCollector): Continuity {
  const stamps = stream.accessUnits().map(({ timestamp }) => timestamp);
  const backwards =
    stamps.filter((stamp, index) => index > 0 && ((stamp - stamps[index - 1]) | 0) <= 0).length;
  return { ssrcs: stream.ssrcs.length, lost: stream.lostCount, backwards };
}

export const unbroken: Continuity = { ssrcs: 1, lost: 0, backwards: 0 };

export const framesOf = (viewer: LibdatachannelViewer) => viewer.video.accessUnits().length;

/** Widths of the pictures that a decoder makes of what came, in order. */
export function widthsOf(viewer: LibdatachannelViewer): number[] {
  return decodeVideo(viewer.video.accessUnits().map(({ bytes }) => bytes), "H264").map(({ width }) => width);
}
