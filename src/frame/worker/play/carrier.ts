import type { Packet } from "node-av/lib";
import type { FrameMedia, StreamFormat } from "../../types.ts";
import type { LatencyFigures } from "../latency.ts";

/**
 * Times of one packet of a medium, in seconds of RTP time. Negative is what lies before a position that was asked for: it
 * is needed to decode what follows, and not to be sent.
 */
export interface PacketTimes {
  presented: number;
  decoded: number;
  /** It is far behind its time: what cannot be done at once is left out. */
  isLate: boolean;
}

/** Takes the packets of one stream of a medium and sends it as RTP. */
export interface Carrier {
  readonly media: FrameMedia;
  readonly format: StreamFormat;
  take(packet: Packet, times: PacketTimes): Promise<void>;
  /** The medium is at its end: sends what is still held back. */
  finish(): Promise<void>;
  /** The medium goes on elsewhere: a jump, or a new round. */
  reset(): void;
  /** How long packets stay in it, where it holds any. */
  latency?(): LatencyFigures;
  /** Does what it can. */
  requestKeyframe(): void;
  close(): Promise<void>;
}
