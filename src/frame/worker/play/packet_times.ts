import type { Packet } from "node-av/lib";

/** FFmpeg's "no time stamp" is the least number of 64 bits. */
const NO_TIME = -(2n ** 63n);

/** One tick is `num / den` seconds. */
export interface TimeBase {
  num: number;
  den: number;
}

/** Times of a packet in seconds of its medium. */
export interface MediumTimes {
  presented: number;
  decoded: number;
  /** When what it shows is over. */
  end: number;
}

/** Reads the times of a packet of `stream`; without any it follows the last one, at `lastSeconds`. */
export function timesOf(
  packet: Packet,
  { timeBase }: { timeBase: TimeBase },
  lastSeconds: number,
): MediumTimes {
  const tick = timeBase.num / timeBase.den;
  const secondsOf = (ticks: bigint) => ticks === NO_TIME ? null : Number(ticks) * tick;
  const presentation = secondsOf(packet.pts);
  const decoded = secondsOf(packet.dts) ?? presentation ?? lastSeconds;
  const presented = presentation ?? decoded;
  return { decoded, presented, end: Math.max(decoded, presented) + Number(packet.duration) * tick };
}
