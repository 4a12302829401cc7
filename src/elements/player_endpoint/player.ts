import {
  type Action,
  AppError,
  type ElementContext,
  type ElementInstance,
  emit,
  endOfStream,
  gives,
  keep,
  mediaError,
  type Outcome,
  type ProgramEvent,
  type ProgramHandle,
  UriState,
} from "../../module/mod.ts";
import { drawInside, type PlayedStream } from "./draw_inside.ts";
import type { PlayerOptions } from "./mod.ts";
import { Position } from "./position.ts";

/** How long a program that has come to the end of its media stays open. */
const LINGER_MS = 2000;

type MediaOpened = Extract<ProgramEvent, { type: "opened" }>;
type MediaInfo = Omit<MediaOpened, "type">;

const unknown: MediaInfo = { isSeekable: false, seekableInitMs: 0, seekableEndMs: 0, durationMs: 0 };

export function createPlayer(ctx: ElementContext, options: PlayerOptions): ElementInstance {
  return new Player(ctx, options);
}

/**
 * The life of a player; its program is there while it is not in STOP, and for a moment after the end of the media.
 *
 *   STOP --play--> START --pause--> PAUSE --play--> START
 *   START, PAUSE --stop, the end, a fault--> STOP
 *
 * Any other call changes nothing and succeeds, as it does with Kurento.
 */
class Player implements ElementInstance {
  readonly #ctx: ElementContext;
  readonly #options: PlayerOptions;
  readonly #state: UriState;
  readonly #position = new Position();
  readonly #streams = new Map<string, PlayedStream>();
  #program: ProgramHandle | null = null;
  #info = unknown;
  /** The media was open since it was told to play. */
  #hasOpened = false;
  #closing: { cancel(): void } | null = null;
  /** The program is started again: where it was, null while that is no matter. */
  #lostAtMs: number | null = null;

  constructor(ctx: ElementContext, options: PlayerOptions) {
    this.#ctx = ctx;
    this.#options = options;
    const { state } = ctx.kept();
    this.#requireFreshPosition(state);
    // What it did before the server was started anew, it goes on with; a file plays from its start.
    this.#state = new UriState(state === "START" || state === "PAUSE" ? state : "STOP");
    if (this.#state.now === "START") ctx.later(() => this.#resume());
  }

  readonly operations: ElementInstance["operations"] = {
    play: () => this.#play(),
    pause: () => this.#pause(),
    stop: () => gives(null, ...this.#stop()),
  };

  readonly computed: ElementInstance["computed"] = {
    uri: () => this.#uri,
    state: () => this.#state.now,
    position: () => this.#position.at(this.#ctx.nowMs()),
    videoInfo: () => ({
      isSeekable: this.#info.isSeekable,
      seekableInit: this.#info.seekableInitMs,
      seekableEnd: this.#info.seekableEndMs,
      duration: this.#info.durationMs,
    }),
    elementGstreamerDot: () =>
      drawInside(this.#ctx.elementId, this.#uri, this.#state.now, [...this.#streams.values()]),
  };

  onProperty(name: string): Action[] {
    if (name === "position") this.#seek(Number(this.#ctx.property("position")));
    return [];
  }

  get #uri(): string {
    return this.#ctx.mediaUri(this.#options.uri);
  }

  #play(): Outcome<null> {
    if (this.#state.now === "START") return gives(null);
    const program = this.#program ?? this.#open();
    this.#tell(program, "play");
    if (this.#state.now === "PAUSE") this.#position.run(true, this.#ctx.nowMs());
    else this.#begin();
    return gives(null, ...this.#move("START"));
  }

  #begin(): void {
    this.#position.reset();
    this.#hasOpened = false;
  }

  #pause(): Outcome<null> {
    if (this.#state.now !== "START") return gives(null);
    if (this.#program) this.#tell(this.#program, "pause");
    this.#position.run(false, this.#ctx.nowMs());
    return gives(null, ...this.#move("PAUSE"));
  }

  #stop(): Action[] {
    this.#closing?.cancel();
    this.#program?.close();
    this.#program = null;
    this.#streams.clear();
    return this.#rest();
  }

  /** Nothing plays any more. */
  #rest(): Action[] {
    this.#position.reset();
    this.#info = unknown;
    return this.#move("STOP");
  }

  #move(state: UriState["now"]): Action[] {
    const moved = this.#state.move(state);
    return moved.length === 0 ? [] : [...moved, keep({ state })];
  }

  /** After a restart of the server. */
  #resume(): Action[] {
    if (this.#state.now !== "START" || this.#program) return [];
    try {
      this.#tell(this.#open(), "play");
      return [];
    } catch (error) {
      const why = error instanceof AppError ? error.message : "the program could not be started";
      return [mediaError("RESOURCE_ERROR_OPEN", why), ...this.#rest()];
    }
  }

  #open(): ProgramHandle {
    const { useEncodedMedia, networkCache, loop, reconnect } = this.#options;
    const ifCurrent = (actions: () => Action[]) => this.#program === program ? actions() : [];
    const wish = {
      kind: "play" as const,
      uri: this.#uri,
      useEncodedMedia,
      networkCacheMs: networkCache,
      loop,
      reconnect,
    };
    const program: ProgramHandle = this.#ctx.openProgram(wish, {
      event: (event) => ifCurrent(() => this.#hear(event)),
      failed: (reason, restarting) => ifCurrent(() => this.#failed(reason, restarting)),
      ready: () => ifCurrent(() => this.#startedAgain(program)),
    });
    this.#lostAtMs = null;
    return this.#program = program;
  }

  #hear(event: ProgramEvent): Action[] {
    switch (event.type) {
      case "stream":
        this.#streams.set(event.media, { media: event.media, format: event.format.format });
        return [];
      case "opened":
        return this.#opened(event);
      case "reconnecting":
        return [emit("SourceReconnecting", { attempt: event.attempt, reason: event.reason })];
      case "reconnected":
        return [emit("SourceReconnected", { attempts: event.attempts })];
      case "endOfStream":
        this.#closeSoon();
        return [...this.#rest(), emit("EndOfStream"), endOfStream()];
      case "error":
        return [mediaError(event.kind, event.description)];
      case "state":
        return event.state === "stopped" ? this.#stoppedByItself() : [];
      default:
        return [];
    }
  }

  /** The last packets have left by then; who plays again before goes on with the same program. */
  #closeSoon(): void {
    const program = this.#program;
    this.#closing?.cancel();
    this.#closing = this.#ctx.after(LINGER_MS, () => {
      return this.#program === program && this.#state.now === "STOP" ? this.#stop() : [];
    });
  }

  /** What was played may be on its way still, and its end be told next; of what never played nothing more comes. */
  #stoppedByItself(): Action[] {
    return this.#hasOpened ? this.#rest() : this.#stop();
  }

  #failed(reason: string, restarting: boolean): Action[] {
    const told = mediaError("UNEXPECTED_ELEMENT_ERROR", reason);
    if (!restarting) return [told, ...this.#stop()];
    this.#lostAtMs = this.#position.at(this.#ctx.nowMs());
    return [told];
  }

  /** What it was told before is forgotten; what it is told twice changes nothing. */
  #startedAgain(program: ProgramHandle): Action[] {
    if (this.#lostAtMs !== null && this.#state.now !== "STOP") {
      this.#tell(program, "play");
      if (this.#state.now === "PAUSE") this.#tell(program, "pause");
    }
    return [];
  }

  #opened({ type: _type, ...info }: MediaOpened): Action[] {
    this.#info = info;
    this.#hasOpened = true;
    this.#stand(0);
    const lostAtMs = this.#lostAtMs;
    this.#lostAtMs = null;
    // After a crash, a file goes on where it was.
    if (this.#program && lostAtMs !== null && lostAtMs > 0 && info.isSeekable) {
      this.#callSeek(this.#program, lostAtMs);
    }
    return [];
  }

  #seek(positionMs: number): void {
    const program = this.#program;
    if (this.#state.now === "STOP" || !program) {
      if (positionMs === 0) return;
      throw seekFailed("it does not play, play it first");
    }
    const { isSeekable, durationMs } = this.#info;
    if (!isSeekable) {
      throw seekFailed("the media is not open yet or has no positions, look at videoInfo.isSeekable");
    }
    if (positionMs > durationMs) throw seekFailed(`it is ${positionMs} ms vs a duration of ${durationMs} ms`);
    this.#callSeek(program, positionMs);
  }

  #callSeek(program: ProgramHandle, positionMs: number): void {
    this.#stand(positionMs);
    program.call("seek", { positionMs }).then(
      () => this.#ask(program),
      (error) => this.#refused(program, error),
    );
  }

  /** Learns from the program where it is. */
  #ask(program: ProgramHandle): void {
    const learn = (at: unknown) =>
      this.#ctx.later(() => {
        if (this.#program === program) this.#stand((at as { positionMs: number }).positionMs);
        return [];
      });
    // A program that ends meanwhile says so by itself.
    program.call("position").then(learn, () => {});
  }

  /** It is here now. */
  #stand(positionMs: number): void {
    const runs = this.#state.now === "START";
    this.#position.learn(positionMs, this.#ctx.nowMs(), runs, this.#info.durationMs);
  }

  #tell(program: ProgramHandle, operation: string): void {
    program.call(operation).catch((error) => this.#refused(program, error));
  }

  #refused(program: ProgramHandle, error: unknown): void {
    // Calls that a dying worker left without an answer are made again by the house.
    if (error instanceof AppError && error.code === "unavailable") return;
    this.#ctx.later(() => {
      if (this.#program !== program) return [];
      return [mediaError("STREAM_ERROR_FAILED", error instanceof Error ? error.message : String(error))];
    });
  }

  /** A position cannot be given before there is something to seek in. */
  #requireFreshPosition(keptState: unknown): void {
    if (keptState === undefined && this.#ctx.property("position") !== 0) {
      throw seekFailed("it is being created, play it first");
    }
  }
}

function seekFailed(why: string): AppError {
  return new AppError("seek_failed", `Cannot set the position: ${why}`);
}
