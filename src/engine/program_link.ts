import { AppError } from "../base/mod.ts";
import type {
  FramePool,
  MediaRules,
  OfferedBody,
  Program,
  ProgramEvent,
  ProgramSpec,
  S3Credentials,
} from "../frame/mod.ts";
import type { Action, ProgramHandle, ProgramHandlers, ProgramWish } from "../module/mod.ts";
import { namedBelow } from "./media_paths.ts";
import type { MediaPlane } from "./media_plane.ts";
import type { LinkOwner } from "./peer_link.ts";
import { ProgramPort } from "./program_port.ts";
import type { SourceFor } from "./taken_formats.ts";

/** The frame room as the engine uses it. */
export interface FrameRoom {
  readonly pool: FramePool;
  /** Where programs may read and write, and whom they may reach. */
  readonly rules: MediaRules;
  /** What uploads of recordings are signed with; absent: with nothing. */
  readonly s3?: S3Credentials | null;
}

/** Where a program of an element is opened. */
export interface ProgramPlace {
  readonly plane: MediaPlane;
  /** Null where this server runs without the frame room. */
  readonly frames: FrameRoom | null;
  /** Programs of one pipeline share a worker. */
  readonly pipelineId: string;
  /** Kinds that the element has endpoint pads for. */
  readonly kinds: readonly ("audio" | "video")[];
}

/** One program of the frame room tied to its element's pads: what it plays fills them, what it records they feed. */
export class ProgramLink implements ProgramHandle {
  readonly #owner: LinkOwner;
  readonly #plane: MediaPlane;
  readonly #port: ProgramPort;
  readonly #handlers: ProgramHandlers;
  readonly #program: Program;
  /** Of a program that plays one. */
  readonly #body: OfferedBody | null;
  #closed = false;

  constructor(place: ProgramPlace, owner: LinkOwner, wish: ProgramWish, handlers: ProgramHandlers) {
    const { plane, frames, pipelineId } = place;
    if (frames === null) throw noFrameRoom(wish.kind);
    this.#owner = owner;
    this.#plane = plane;
    this.#handlers = handlers;
    this.#port = new ProgramPort(plane);
    this.#body = wish.kind === "receive" ? this.#offer(frames.pool, wish.body) : null;
    const spec = specOf(wish, frames, this.#body);
    try {
      this.#program = frames.pool.open(pipelineId, spec, plane.handle.port, {
        opened: (udpPort) => this.#opened(udpPort),
        event: (event) => this.#hear(namedBelow(event, frames.rules.mediaDir)),
        failed: (reason, restarting) => this.#failed(reason, restarting),
      });
    } catch (error) {
      this.#body?.close();
      throw error;
    }
    if (spec.kind === "record") this.#takeIn(place.kinds.filter((kind) => takes(spec.profile, kind)));
  }

  get closed(): boolean {
    return this.#closed;
  }
  get transport(): number | null {
    return this.#port.transport;
  }
  get senders(): ProgramPort["senders"] {
    return this.#port.senders;
  }
  get receivers(): readonly number[] {
    return this.#port.receivers;
  }

  /** Feeds the program's input of this kind, whatever its format; from nothing with null. */
  bindSenders(media: "audio" | "video", sourceFor: SourceFor | null): void {
    this.#port.bind(media, sourceFor && sourceFor(null));
  }

  call(operation: string, input?: Record<string, unknown>): Promise<unknown> {
    return this.#program.call(operation, input);
  }

  /**
   * Milliseconds that media of this kind stays in the program, the median of the last frames; null where nothing is
   * measured yet.
   */
  async latencyMs(media: "audio" | "video"): Promise<number | null> {
    if (this.transport === null) return null;
    type Answer = { latencies?: Partial<Record<string, { medianMs: number } | null>> } | null;
    const answer = await this.#program.call("stats").catch(() => null) as Answer;
    return answer?.latencies?.[media]?.medianMs ?? null;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#program.close();
    this.#body?.close();
    this.#port.close();
    this.#owner.sendersChanged();
  }

  #offer(pool: FramePool, body: ReadableStream<Uint8Array>): OfferedBody {
    return pool.offerBody(body, (end) => this.#later(() => this.#handlers.bodyEnded?.(end) ?? []));
  }

  #takeIn(kinds: ("audio" | "video")[]): void {
    for (const media of kinds) {
      const owner = {
        flow: (flowing: boolean) => this.#owner.senderFlow(media, flowing),
        mismatch: (codec: string) => this.#owner.later(() => this.#owner.senderMismatch(media, codec, null)),
      };
      this.#port.send(media, owner, true);
    }
    this.#owner.sendersChanged();
  }

  #opened(udpPort: number): void {
    if (this.#closed) return;
    this.#port.opened(udpPort);
    this.#later(() => this.#handlers.ready?.() ?? []);
  }

  #hear(event: ProgramEvent): void {
    if (this.#closed) return;
    if (event.type === "stream") {
      const { media, ssrc, format } = event;
      this.#port.dropAll(media);
      this.#port.receive({ media, source: this.#owner.sourceOf(media), ssrc, format });
      void this.#confirm(ssrc);
    }
    this.#later(() => this.#handlers.event(event));
  }

  /** Says that a stream may begin, when the plane has done what opens its receiver: its commands are done in order. */
  async #confirm(ssrc: number): Promise<void> {
    try {
      if (this.transport !== null) await this.#plane.stats([this.transport]);
      if (!this.#closed) await this.#program.call("taken", { ssrc });
    } catch {
      // The plane or the program is gone, and with it the stream.
    }
  }

  #failed(reason: string, restarting: boolean): void {
    if (this.#closed) return;
    this.#port.left();
    // What it played has other SSRCs when it comes back.
    this.#port.dropAll();
    if (restarting) return this.#later(() => this.#handlers.failed(reason, true));
    this.#owner.later(() => {
      if (this.#closed) return [];
      const actions = this.#handlers.failed(reason, false);
      this.close();
      return actions;
    });
  }

  /** What was told before the element closed the program is not told after. */
  #later(work: () => Action[]): void {
    this.#owner.later(() => this.#closed ? [] : work());
  }
}

/** What was wished, within the rules of the house. */
function specOf(wish: ProgramWish, { rules, s3 = null }: FrameRoom, body: OfferedBody | null): ProgramSpec {
  if (wish.kind === "play") return { ...wish, ...rules };
  if (wish.kind === "record") return { ...wish, ...rules, s3 };
  return { kind: "receive", url: body!.url, useEncodedMedia: wish.useEncodedMedia };
}

/** Whether a recording of this profile has media of this kind. */
function takes(profile: string, media: "audio" | "video"): boolean {
  const other = media === "audio" ? "_VIDEO_ONLY" : "_AUDIO_ONLY";
  return !profile.endsWith(other);
}

function noFrameRoom(kind: string): AppError {
  return new AppError(
    "not_built",
    `Cannot ${kind}: this server runs without frame workers, start it with KASKADO_FRAME_WORKERS above 0`,
  );
}
