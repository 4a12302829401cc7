import { assert, type Clock, createLog } from "../base/mod.ts";
import { encodableFormats } from "../frame/mod.ts";
import type { MediaKind } from "../graph/mod.ts";
import { type Action, mediaError } from "../module/mod.ts";
import type { MediaPlane } from "./media_plane.ts";
import type { FrameRoom } from "./program_link.ts";
import type { OutgoingPad, SourcePad } from "./source_pad.ts";
import { chooseEncoding, formatIn, type SourceFor, type TakenFormats, takes } from "./taken_formats.ts";
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

/** What feeds a sink's pad. */
export interface Feed {
  /** Where the media begins. */
  pad: SourcePad;
  /** The last pad on its way whose element was told what to give; where none was, the one that it begins at. */
  giver: OutgoingPad;
}

/** An encoding to make for a sink, and the pad that gives it. */
interface Choice {
  format: string;
  giver: OutgoingPad;
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
 * source is decoded once and encoded once for each format that is wanted of one element. That is the element whose
 * format property asks for it, or, where only the sink does, the one that the media begins at: it tells of the
 * transcoding, its limits hold for the encoder, and the encoder's figures are among its own.
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
  readonly #looked = new Set<OutgoingPad>();
  /** What the frame room was found unable to encode for a pad. */
  readonly #refused = new WeakMap<SourcePad, Set<string>>();
  /** Formats of pads that could not be transcoded, and until when they are left alone. */
  readonly #hopeless = new WeakMap<SourcePad, { format: string; untilMs: number }>();

  constructor(home: TranscodingHome) {
    this.#home = home;
  }

  /** Binds the senders of a sink's pad of this kind to what feeds it, or to nothing. */
  bind(sink: TranscodingSink, media: Media, feed: Feed | null): void {
    const key = `${sink.elementId} ${media}`;
    const chosen = new Map<Encoding, Transcoder>();
    sink.bindSenders(media, feed && ((taken) => this.#sourceFor(feed, taken, key, chosen)));
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

  /** Of everything that is encoded for what the element's source pads give. */
  async figuresOf(elementId: string): Promise<EncodingFigures[]> {
    const used = [...this.#transcoders.values()].filter((each) => each.formatsOf(elementId).length > 0);
    const figures = await Promise.all(used.map((transcoder) => transcoder.figures()));
    return figures.flat().filter((each) => each.elementId === elementId);
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
    for (const transcoder of this.#transcoders.values()) transcoder.followLimits(elementId);
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

  #sourceFor(feed: Feed, taken: TakenFormats, key: string, chosen: Map<Encoding, Transcoder>): number | null {
    const { pad, giver } = feed;
    // Who records would take the first packets for what comes for ever.
    if (pad.format === null) return giver.wantedCodec === null ? pad.source : null;
    this.#looked.add(pad).add(giver);
    const choice = this.#encodingFor(feed, pad.format, taken);
    const transcoder = choice && this.#transcoderOf(pad);
    if (choice === null || transcoder === null) return pad.source;
    const encoding = transcoder.encodingIn(choice.format, choice.giver);
    transcoder.take(encoding, key);
    chosen.set(encoding, transcoder);
    return encoding.source;
  }

  /** What to make for a sink; null where what comes out of the pad is given as it is. */
  #encodingFor(
    { pad, giver }: Feed,
    given: { codec: string; format: string },
    taken: TakenFormats,
  ): Choice | null {
    if (this.#isHopeless(pad)) return null;
    const encodable = this.#encodable(pad);
    const isTaken = takes(taken, given.format);
    const wanted = giver.wantedCodec;
    if (wanted !== null && !(isTaken && given.codec === wanted)) {
      const format = formatIn(wanted, taken, encodable);
      if (format !== null) return { format, giver };
    }
    if (isTaken) return null;
    const format = chooseEncoding(
      taken,
      this.#transcoders.get(pad.source)?.formatsOf(pad.elementId) ?? [],
      encodable,
    );
    return format === null ? null : { format, giver: pad };
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
      fault: (kind, description, at) => this.#fault(at, kind, description),
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

  #fault({ elementId, media }: OutgoingPad, kind: string, description: string): void {
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
      this.#looked.add(encoding.giver);
    }
  }

  #changeOf({ elementId, media }: OutgoingPad): StateChange[] {
    const key = `${elementId} ${media}`;
    const isTranscoded = [...this.#transcoders.values()].some((each) =>
      each.pad.media === media && each.isUsedBy(elementId)
    );
    if (this.#states.get(key) === isTranscoded) return [];
    this.#states.set(key, isTranscoded);
    const state = isTranscoded ? "TRANSCODING" : "NOT_TRANSCODING";
    const data = { state, binName: "default", mediaType: media.toUpperCase() };
    return [{ elementId, action: { do: "emit", event: "MediaTranscodingStateChanged", data } }];
  }
}
