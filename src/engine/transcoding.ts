import { assert, type Clock, createLog } from "../base/mod.ts";
import { encodableFormats } from "../frame/mod.ts";
import type { MediaKind } from "../graph/mod.ts";
import { type Action, mediaError } from "../module/mod.ts";
import type { MediaPlane } from "./media_plane.ts";
import type { FrameRoom } from "./program_link.ts";
import type { SourcePad } from "./source_pad.ts";
import { chooseEncoding, type SourceFor, type TakenFormats, takes } from "./taken_formats.ts";
import { type Encoding, type EncodingFigures, Transcoder } from "./transcoder.ts";

const log = createLog("engine");

/** A pad that could not be transcoded is not tried again for so long, unless its format changes. */
const RETRY_MS = 30_000;

type Media = "audio" | "video";

/** What transcoding needs of its pipeline. */
export interface TranscodingHome {
  readonly plane: MediaPlane;
  readonly frames: FrameRoom | null;
  readonly pipelineId: string;
  readonly clock: Clock;
  /** Runs `work` in a later turn, unless the element is gone by then, and carries out the actions it returns. */
  later(elementId: string, work: () => Action[]): void;
  /** What is fed by the element's source pad must be bound anew. */
  sourceFlowChanged(elementId: string, media: MediaKind): void;
}

/** A sink that is bound: its senders ask, one by one, which source feeds them. */
export interface TranscodingSink {
  readonly elementId: string;
  bindSenders(media: Media, sourceFor: SourceFor | null): void;
}

/** Where media goes on its way to a sink that does not take it as it is. */
export interface Detour {
  /** In decoder and encoder, the median of the last frames; null where nothing is measured yet. */
  latencyMs: number | null;
  /** Number of the source that the encoder fills, and of the transport by which it does. */
  source: number;
  transport: number | null;
}

/** A pad that began or ceased to be transcoded. */
interface StateChange {
  elementId: string;
  action: Action;
}

/**
 * Between the source pads and the sink pads of a pipeline: packets that a sink takes pass untouched, for others the
 * source is decoded once and encoded once for each format that is wanted.
 */
export class Transcoding {
  readonly #home: TranscodingHome;
  /** By the pad's source on the plane. */
  readonly #transcoders = new Map<number, Transcoder>();
  /** What feeds each sink pad, "<element> <media>", beyond plain sources. */
  readonly #uses = new Map<string, Map<Encoding, Transcoder>>();
  /** Whether a pad, "<element> <media>", was told to be transcoded. */
  readonly #states = new Map<string, boolean>();
  /** Pads whose state may have changed. */
  readonly #looked = new Set<SourcePad>();
  /** What the frame room was found unable to encode for a pad. */
  readonly #refused = new WeakMap<SourcePad, Set<string>>();
  /** Formats of pads that could not be transcoded, and until when they are left alone. */
  readonly #hopeless = new WeakMap<SourcePad, { format: string; untilMs: number }>();

  constructor(home: TranscodingHome) {
    this.#home = home;
  }

  /** Binds the senders of a sink's pad of this kind to what comes out of the source pad, or to nothing. */
  bind(sink: TranscodingSink, media: Media, pad: SourcePad | null): void {
    const key = `${sink.elementId} ${media}`;
    const chosen = new Map<Encoding, Transcoder>();
    sink.bindSenders(media, pad && ((taken) => this.#sourceFor(pad, taken, key, chosen)));
    this.#leave(key, chosen);
    if (chosen.size > 0) this.#uses.set(key, chosen);
  }

  /** The sink's pads are fed no more. */
  forget(elementId: string): void {
    for (const media of ["audio", "video"]) {
      const key = `${elementId} ${media}`;
      this.#leave(key, new Map());
      this.#states.delete(key);
    }
    for (const transcoder of [...this.#transcoders.values()]) {
      if (transcoder.pad.elementId === elementId) transcoder.close();
    }
  }

  /** True while what leaves the element's source pad is decoded and encoded for somebody. */
  isTranscoding(elementId: string, media: Media): boolean {
    return this.#states.get(`${elementId} ${media}`) ?? false;
  }

  /** True when a sink that takes these can be given what comes out of the pad, made into something else. */
  canServe(pad: SourcePad, taken: TakenFormats): boolean {
    return !this.#isHopeless(pad) && chooseEncoding(taken, [], this.#encodable(pad)) !== null;
  }

  /** Sources beyond the pad's own that feed the sink pad. */
  sourcesOf(elementId: string, media: Media): number[] {
    return [...this.#uses.get(`${elementId} ${media}`) ?? []].map(([{ source }]) => source);
  }

  /** Of everything that is encoded from what leaves the element's source pads. */
  async figuresOf(elementId: string): Promise<EncodingFigures[]> {
    const own = [...this.#transcoders.values()].filter(({ pad }) => pad.elementId === elementId);
    return (await Promise.all(own.map((transcoder) => transcoder.figures()))).flat();
  }

  /** The detour that what feeds the sink pad takes through a decoder and an encoder; null where packets pass untouched. */
  async detourOf(elementId: string, media: Media): Promise<Detour | null> {
    const [use] = this.#uses.get(`${elementId} ${media}`) ?? [];
    if (!use) return null;
    const [{ ssrc, source }, transcoder] = use;
    const all = await transcoder.figures();
    const latencyMs = all.find((each) => each.ssrc === ssrc)?.latency?.medianMs ?? null;
    return { latencyMs, source, transport: transcoder.transport };
  }

  /** The element was told otherwise how to encode. */
  followLimits(elementId: string): void {
    for (const transcoder of this.#transcoders.values()) {
      if (transcoder.pad.elementId === elementId) transcoder.followLimits();
    }
  }

  /** What has begun or ceased to be transcoded since this was asked last. */
  changes(): StateChange[] {
    const changed = [...this.#looked].flatMap((pad) => this.#changeOf(pad));
    this.#looked.clear();
    return changed;
  }

  close(): void {
    for (const transcoder of [...this.#transcoders.values()]) transcoder.close();
  }

  #sourceFor(pad: SourcePad, taken: TakenFormats, key: string, chosen: Map<Encoding, Transcoder>): number {
    if (pad.format === null) return pad.source;
    this.#looked.add(pad);
    const format = this.#encodingFor(pad, pad.format, taken);
    const transcoder = format === null ? null : this.#transcoderOf(pad);
    if (format === null || transcoder === null) return pad.source;
    const encoding = transcoder.encodingIn(format);
    transcoder.take(encoding, key);
    chosen.set(encoding, transcoder);
    return encoding.source;
  }

  /** The format to make for a sink; null where what comes out of the pad is given as it is. */
  #encodingFor(pad: SourcePad, given: { codec: string; format: string }, taken: TakenFormats): string | null {
    if (this.#isHopeless(pad)) return null;
    const encodable = this.#encodable(pad);
    const wanted = pad.wantedCodec;
    const own = wanted === null || wanted === given.codec
      ? undefined
      : encodable.find((format) => format.split("/")[0] === wanted && takes(taken, format));
    if (own !== undefined) return own;
    if (takes(taken, given.format)) return null;
    return chooseEncoding(taken, this.#transcoders.get(pad.source)?.formats ?? [], encodable);
  }

  #encodable(pad: SourcePad): readonly string[] {
    if (this.#home.frames === null) return [];
    const refused = this.#refused.get(pad);
    return encodableFormats[pad.media].filter((format) => !refused?.has(format));
  }

  #isHopeless(pad: SourcePad): boolean {
    const known = this.#hopeless.get(pad);
    return known !== undefined && known.format === pad.format?.format &&
      this.#home.clock.now() < known.untilMs;
  }

  #transcoderOf(pad: SourcePad): Transcoder | null {
    const known = this.#transcoders.get(pad.source);
    if (known) return known;
    try {
      const made = this.#open(pad);
      this.#transcoders.set(pad.source, made);
      return made;
    } catch (error) {
      this.#giveUp(pad);
      this.#fault(pad, "STREAM_ERROR_FAILED", error instanceof Error ? error.message : String(error));
      return null;
    }
  }

  #open(pad: SourcePad): Transcoder {
    const { plane, frames, pipelineId, clock } = this.#home;
    assert(frames, "without the frame room nothing is encodable");
    return new Transcoder(pad, {
      plane,
      room: frames,
      pipelineId,
      clock,
      fault: (kind, description) => this.#fault(pad, kind, description),
      lost: (format) => {
        if (format === null) this.#giveUp(pad);
        else this.#refused.set(pad, (this.#refused.get(pad) ?? new Set()).add(format));
        this.#bindAgain(pad);
      },
      closed: () => this.#transcoders.delete(pad.source),
    });
  }

  #giveUp(pad: SourcePad): void {
    if (pad.format === null) return;
    this.#hopeless.set(pad, { format: pad.format.format, untilMs: this.#home.clock.now() + RETRY_MS });
  }

  #bindAgain({ elementId, media }: SourcePad): void {
    this.#home.later(elementId, () => {
      this.#home.sourceFlowChanged(elementId, media);
      return [];
    });
  }

  #fault({ elementId, media }: SourcePad, kind: string, description: string): void {
    log.warn("transcoding met an error", { element: elementId, media, kind, description });
    this.#home.later(elementId, () => [mediaError(kind, `transcoding ${media}: ${description}`)]);
  }

  /** The sink is fed by nothing but these from now on. */
  #leave(key: string, kept: ReadonlyMap<Encoding, Transcoder>): void {
    const before = this.#uses.get(key);
    if (!before) return;
    this.#uses.delete(key);
    for (const [encoding, transcoder] of before) {
      if (kept.has(encoding)) continue;
      transcoder.leave(encoding, key);
      this.#looked.add(transcoder.pad);
    }
  }

  #changeOf(pad: SourcePad): StateChange[] {
    const { elementId, media, source } = pad;
    const key = `${elementId} ${media}`;
    const isTranscoded = this.#transcoders.get(source)?.isUsed ?? false;
    if (this.#states.get(key) === isTranscoded) return [];
    this.#states.set(key, isTranscoded);
    const state = isTranscoded ? "TRANSCODING" : "NOT_TRANSCODING";
    const data = { state, binName: "default", mediaType: media.toUpperCase() };
    return [{ elementId, action: { do: "emit", event: "MediaTranscodingStateChanged", data } }];
  }
}
