import type { Packet, Stream } from "node-av/lib";
import { randomUint32 } from "../../../base/mod.ts";
import { type FrameMedia, programPayloads, type StreamFormat } from "../../types.ts";
import type { Carrier, PacketTimes } from "./carrier.ts";
import { AnnouncedStreams } from "./announced_streams.ts";
import { CopiedStream, copyFormat } from "./copied_stream.ts";
import { CopiedVideo } from "./copied_video.ts";
import { EncodedAudio, encodedFormats, EncodedVideo } from "./encoded_stream.ts";
import { asFault } from "./media_fault.ts";
import { Latency, type LatencyFigures } from "../latency.ts";
import type { MediaSource } from "./media_source.ts";
import type { MediaTimeline } from "./media_timeline.ts";
import { OutboundStream } from "../outbound_stream.ts";
import { turnOfStream } from "../picture_turn.ts";
import type { ProgramContext } from "../program.ts";
import { SenderClock } from "../sender_clock.ts";

/** A source without a mark on any keyframe is shown all the same, after about ten seconds. */
const MAX_BLIND_PACKETS = 300;

/** What a player sends of one kind of media, over all the sources that it opens. */
interface Sent {
  format: StreamFormat;
  stream: OutboundStream;
  clock: SenderClock;
}

/** The RTP streams of a player, and what fills them from the source that is open. */
export class PlayStreams {
  readonly #context: ProgramContext;
  readonly #timeline: MediaTimeline;
  readonly #useEncodedMedia: boolean;
  readonly #sent = new Map<FrameMedia, Sent>();
  readonly #announced: AnnouncedStreams;
  /** By the index of their stream in the source. */
  #carriers = new Map<number, Carrier>();
  readonly #handled = { audio: new Latency(), video: new Latency() };
  /** So many packets of video may still be left out while no keyframe comes. */
  #blindPackets = 0;

  constructor(context: ProgramContext, timeline: MediaTimeline, useEncodedMedia: boolean) {
    this.#context = context;
    this.#announced = new AnnouncedStreams(context.clock);
    this.#timeline = timeline;
    this.#useEncodedMedia = useEncodedMedia;
  }

  /** Makes ready to send the streams of a source. Throws MediaFault where none can be sent. */
  open({ video, audio }: MediaSource): void {
    this.#blindPackets = MAX_BLIND_PACKETS;
    const failures: [FrameMedia, unknown][] = [];
    try {
      if (video) this.#openVideo(video);
    } catch (error) {
      failures.push(["video", error]);
    }
    try {
      if (audio) this.#openAudio(audio);
    } catch (error) {
      failures.push(["audio", error]);
    }
    if (this.#carriers.size === 0) throw asFault(failures[0][1]);
    for (const [media, error] of failures) this.#leaveOut(media, error);
  }

  /** The packet plane expects the packets of a stream. */
  taken(ssrc: unknown): void {
    this.#announced.taken(ssrc);
  }

  /** Resolves when it expects those of all. */
  allTaken(): Promise<void> {
    return this.#announced.allTaken();
  }

  /** The media kind of a stream of the source that is sent, else null. */
  mediaOf(streamIndex: number): FrameMedia | null {
    return this.#carriers.get(streamIndex)?.media ?? null;
  }

  async take(packet: Packet, times: PacketTimes): Promise<void> {
    const carrier = this.#carriers.get(packet.streamIndex);
    if (!carrier || (carrier.media === "video" && this.#isBlind(packet))) return;
    const { clock } = this.#context;
    const takenMs = clock.now();
    await carrier.take(packet, times);
    this.#handled[carrier.media].add(clock.now() - takenMs);
  }

  /** How long packets stay in the player, from when they are due until they are sent. */
  latencies(): Record<FrameMedia, LatencyFigures> {
    const of = (media: FrameMedia) => {
      const carrier = [...this.#carriers.values()].find((each) => each.media === media);
      return carrier?.latency ? carrier.latency() : this.#handled[media].read();
    };
    return { audio: of("audio"), video: of("video") };
  }

  /** The source is at its end: sends what is still held back. */
  async finish(): Promise<void> {
    for (const carrier of this.#carriers.values()) await carrier.finish();
  }

  /** The source goes on elsewhere. */
  reset(): void {
    this.#blindPackets = MAX_BLIND_PACKETS;
    for (const carrier of this.#carriers.values()) carrier.reset();
  }

  requestKeyframe(ssrc: number): void {
    if (this.#sent.get("video")?.stream.ssrc !== ssrc) return;
    for (const carrier of this.#carriers.values()) carrier.requestKeyframe();
  }

  /** What has been sent so far, by stream. */
  stats() {
    return [...this.#sent].map(([media, { format, stream }]) => ({
      media,
      ssrc: stream.ssrc,
      codec: format.codec,
      framesSent: stream.frameCount,
      packetsSent: stream.packetCount,
      bytesSent: stream.byteCount,
    }));
  }

  tick(nowMs: number): void {
    for (const { stream } of this.#sent.values()) stream.tick(nowMs);
  }

  /** Frees what is made for the source; the streams stay for the next one. */
  async closeSource(): Promise<void> {
    const carriers = [...this.#carriers.values()];
    this.#carriers = new Map();
    for (const carrier of carriers) await carrier.close();
  }

  /** Says BYE. */
  end(): void {
    for (const { stream } of this.#sent.values()) stream.end(this.#context.clock);
  }

  /** Video begins at a keyframe: before one, nothing can be seen. */
  #isBlind(packet: Packet): boolean {
    if (packet.isKeyframe) this.#blindPackets = 0;
    else if (this.#blindPackets > 0) this.#blindPackets--;
    return this.#blindPackets > 0;
  }

  /** Throws where FFmpeg lacks what the stream needs. */
  #openVideo(video: Stream): void {
    const copied = this.#copyFormat(video);
    const format = copied ?? encodedFormats.video;
    const { stream } = this.#sentAs("video", format);
    const turn = turnOfStream(video.codecpar);
    // Those who heard of a turn are to hear of its end; to the others it is nothing.
    if (turn !== 0 || stream.orientation !== null) stream.orientation = turn;
    const encoded = () => new EncodedVideo(video, format, stream, this.#context);
    const carrier = copied ? new CopiedVideo(new CopiedStream(video, copied, stream), encoded) : encoded();
    this.#carriers.set(video.index, carrier);
  }

  /** Likewise. */
  #openAudio(audio: Stream): void {
    const copied = this.#copyFormat(audio);
    const { stream, clock } = this.#sentAs("audio", copied ?? encodedFormats.audio);
    const carrier = copied
      ? new CopiedStream(audio, copied, stream)
      : new EncodedAudio(audio, stream, clock, this.#context);
    this.#carriers.set(audio.index, carrier);
  }

  #copyFormat(stream: Stream): StreamFormat | null {
    const format = copyFormat(stream, this.#useEncodedMedia);
    if (format || !this.#useEncodedMedia) return format;
    throw new Error("RTP has no place for it as it is, and useEncodedMedia is on");
  }

  /** A stream that cannot be sent costs the other one nothing. */
  #leaveOut(media: FrameMedia, error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    const description = `The ${media} of the source is left out: ${why}`;
    this.#context.event({ type: "error", kind: "INVALID_MEDIA", description });
  }

  /** The stream of a kind: another format is another stream. */
  #sentAs(media: FrameMedia, format: StreamFormat): Sent {
    const known = this.#sent.get(media);
    if (known?.format.codec === format.codec && known.format.format === format.format) return known;
    known?.stream.end(this.#context.clock);
    const { clockRate } = programPayloads[format.codec];
    const { socket, cname, clock: wall } = this.#context;
    const clock = new SenderClock(clockRate);
    const nowMs = wall.now();
    clock.report(nowMs, this.#timeline.rtpSecondsAt(nowMs) * clockRate, nowMs);
    const stream = new OutboundStream(format.codec, randomUint32(), socket, clock, cname);
    const sent = { format, clock, stream };
    this.#sent.set(media, sent);
    this.#announced.add(stream.ssrc);
    this.#context.event({ type: "stream", media, ssrc: stream.ssrc, format });
    return sent;
  }
}
