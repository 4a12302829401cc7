// hot
import type { Receiver } from "./receiver.ts";
import type { Sender } from "./sender.ts";
import { Stream } from "./stream.ts";

/**
 * An outgoing pad of an element: what its publishers send, as one stream, or as one per simulcast layer, of which each
 * sender takes one at a time.
 */
export class Source {
  readonly id: number;
  readonly media: "audio" | "video";
  readonly receivers: Receiver[];
  /** All that are bound to it, whatever stream they take. */
  readonly senders: Sender[];
  /** The first is for publishers without layers and always there. */
  readonly streams: Stream[];
  /** Index of the Format that was told last, 0 before the first packet. */
  format = 0;
  /** When the last packet entered any of its streams; 0 for never. */
  lastPacketMs = 0;
  flowing = false;

  /** `streamId` and `random` are those of the first stream, see there. */
  constructor(id: number, media: "audio" | "video", streamId: number, random: number) {
    this.id = id;
    this.media = media;
    this.receivers = new Array<Receiver>();
    this.senders = new Array<Sender>();
    this.streams = new Array<Stream>();
    this.streams.push(new Stream(streamId, this, "", random));
  }

  /** The stream of a layer, or null when there is none yet. */
  streamOf(rid: string): Stream | null {
    for (let i = 0; i < this.streams.length; i++) if (this.streams[i].rid === rid) return this.streams[i];
    return null;
  }
}
