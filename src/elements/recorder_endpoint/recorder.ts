import {
  type Action,
  AppError,
  type ElementContext,
  type ElementInstance,
  emit,
  gives,
  givesLater,
  keep,
  mediaError,
  type Outcome,
  type ProgramEvent,
  type ProgramHandle,
  UriState,
} from "../../module/mod.ts";
import { Files } from "./files.ts";
import { profileOf, type RecorderOptions } from "./options.ts";

export function createRecorder(ctx: ElementContext, options: RecorderOptions): ElementInstance {
  return new Recorder(ctx, options);
}

/** Those that say how it encodes video that its container does not take as it comes. */
const bitrateProperties = ["encoderBitrate", "minEncoderBitrate", "maxEncoderBitrate"];

/** How its life ends: a client has stopped it for good, or the server is about to let go of it. */
type Ending = "no" | "stopped" | "settled";

/**
 * The life of a recorder; its program is there from the first `record` until all files are closed.
 *
 *   STOP --record--> START --pause--> PAUSE --record--> START
 *   START, PAUSE --stop, a fault, the end of what feeds it--> STOP
 *
 * A recorder that a client stopped is finished for good. Any other call changes nothing and succeeds, as it does with
 * Kurento.
 */
class Recorder implements ElementInstance {
  readonly #ctx: ElementContext;
  readonly #options: RecorderOptions;
  readonly #state: UriState;
  readonly #files: Files;
  #program: ProgramHandle | null = null;
  #ending: Ending = "no";
  /** Earlier files of this recorder stay, and what follows goes beside them. */
  #continues: boolean;
  /** The program is started again after its worker broke. */
  #restarting = false;
  /** It was told to record, and has nothing of it yet. */
  #awaitsMedia = true;
  #closed = eventually();
  /** Kinds that are converted now. */
  readonly #transcoded = new Set<"audio" | "video">();

  constructor(ctx: ElementContext, options: RecorderOptions) {
    this.#ctx = ctx;
    this.#options = options;
    this.#files = new Files(profileOf(options));
    const { state, finished } = ctx.kept();
    if (finished) this.#ending = "stopped";
    // What it did before the server was started anew, it goes on with, in another file.
    this.#continues = state !== undefined;
    this.#state = new UriState(!finished && (state === "START" || state === "PAUSE") ? state : "STOP");
    if (this.#state.now === "START") ctx.later(() => this.#resume());
  }

  readonly operations: ElementInstance["operations"] = {
    record: () => this.#record(),
    pause: () => this.#pause(),
    stop: () => this.#stop(),
    stopAndWait: () => this.#stopAndWait(),
  };

  readonly computed: ElementInstance["computed"] = {
    uri: () => this.#uri,
    state: () => this.#state.now,
  };

  onProperty(name: string): Action[] {
    if (this.#program && bitrateProperties.includes(name)) this.#tellBitrate(this.#program);
    return [];
  }

  onEndOfStream(): Action[] {
    return this.#options.stopOnEndOfStream ? this.#stop().actions ?? [] : [];
  }

  transcodes(media: "audio" | "video"): boolean {
    return this.#transcoded.has(media);
  }

  onGone(): void {
    this.#closed.reject(
      new AppError(
        "element_not_found",
        "Cannot wait for the end of the file: the recorder was released meanwhile",
      ),
    );
  }

  async settle(): Promise<void> {
    const program = this.#program;
    if (!program || this.#restarting) return;
    if (this.#ending === "no") this.#ending = "settled";
    if (this.#state.now !== "STOP") await this.#closing(program);
  }

  get #uri(): string {
    return this.#ctx.mediaUri(this.#options.uri);
  }

  /** Answers when it takes media. */
  #record(): Outcome<null> {
    if (this.#ending !== "no") {
      return gives(
        null,
        mediaError("UNEXPECTED_ELEMENT_ERROR", "Cannot record: this recorder was stopped, make another one"),
      );
    }
    if (this.#state.now === "START") return gives(null);
    const told = this.#tellRecord(this.#program ?? this.#open());
    this.#awaitsMedia = true;
    // Who plays something into it next loses nothing of that.
    return givesLater(told, ...this.#move("START"));
  }

  #pause(): Outcome<null> {
    if (this.#state.now !== "START" || this.#ending !== "no") return gives(null);
    if (this.#program) void this.#tell(this.#program, "pause");
    return gives(null, ...this.#move("PAUSE"), emit("Paused"));
  }

  #stop(): Outcome<null> {
    const program = this.#program;
    if (this.#state.now === "STOP" || this.#ending !== "no") return gives(null);
    this.#ending = "stopped";
    if (!program || this.#restarting) return gives(null, ...this.#stopped());
    void this.#tell(program, "stop");
    return gives(null, this.#kept());
  }

  /** Answers when every file is closed; asked again, it waits again. */
  #stopAndWait(): Outcome<null> {
    const { actions = [] } = this.#stop();
    const program = this.#program;
    if (!program) return gives(null, ...actions);
    return givesLater(this.#closing(program).then(() => null), ...actions);
  }

  /** Until all is closed; fails with the reason when that is not to be. */
  async #closing(program: ProgramHandle): Promise<void> {
    const { promise } = this.#closed;
    await Promise.race([promise, program.call("stop").then(() => promise)]);
  }

  /** After a restart of the server. */
  #resume(): Action[] {
    if (this.#state.now !== "START" || this.#program) return [];
    try {
      void this.#tellRecord(this.#open());
      return [];
    } catch (error) {
      const why = error instanceof AppError ? error.message : "the program could not be started";
      return [mediaError("RESOURCE_ERROR_OPEN", why), ...this.#move("STOP")];
    }
  }

  #open(): ProgramHandle {
    const { segmentMs, segmentBytes, graceMs } = this.#options;
    const ifCurrent = (actions: () => Action[]) => this.#program === program ? actions() : [];
    const wish = {
      kind: "record" as const,
      uri: this.#uri,
      profile: profileOf(this.#options),
      segmentMs: segmentMs ?? null,
      segmentBytes: segmentBytes ?? null,
      graceMs,
      bitrate: this.#ctx.videoLimits(),
    };
    const program: ProgramHandle = this.#ctx.openProgram(wish, {
      event: (event) => ifCurrent(() => this.#hear(event)),
      failed: (reason, restarting) => ifCurrent(() => this.#failed(reason, restarting)),
      ready: () => ifCurrent(() => this.#startedAgain(program)),
    });
    this.#restarting = false;
    this.#closed = eventually();
    return this.#program = program;
  }

  #hear(event: ProgramEvent): Action[] {
    switch (event.type) {
      case "file":
        return [...this.#files.grown(event, this.#ctx.nowMs()), ...this.#mediaCame()];
      case "segment": {
        const { path, durationMs, bytes, tracks } = event;
        return [
          ...this.#files.completed(path, durationMs, tracks, this.#ctx.nowMs()),
          emit("FileCompleted", { name: path, durationMs: Math.round(durationMs), bytes }),
        ];
      }
      case "progress": {
        if (event.job === "record") {
          const { durationMs, bytes } = event;
          return [emit("RecordingProgress", { durationMs: Math.round(durationMs), bytes })];
        }
        const { path: name, done: doneBytes, total: totalBytes } = event;
        return [emit("UploadProgress", { name, doneBytes, totalBytes })];
      }
      case "transcoding":
        return this.#convertsNow(event.media, event.isOn);
      case "error":
        return [mediaError(event.kind, event.description)];
      case "state":
        // After a pause; at first there is no file yet, and it is the file that tells of media.
        if (event.state === "recording" && this.#files.areOpen) return this.#mediaCame();
        return event.state === "stopped" ? this.#stopped() : [];
      default:
        return [];
    }
  }

  #convertsNow(media: "audio" | "video", isOn: boolean): Action[] {
    if (isOn) this.#transcoded.add(media);
    else this.#transcoded.delete(media);
    const state = isOn ? "TRANSCODING" : "NOT_TRANSCODING";
    const data = { state, binName: "default", mediaType: media.toUpperCase() };
    return [emit("MediaTranscodingStateChanged", data)];
  }

  /** The program, or its worker, is gone. */
  #convertsNoMore(): Action[] {
    return [...this.#transcoded].flatMap((media) => this.#convertsNow(media, false));
  }

  /** Once for each time that it began or went on. */
  #mediaCame(): Action[] {
    if (!this.#awaitsMedia || this.#state.now !== "START") return [];
    this.#awaitsMedia = false;
    return [emit("Recording")];
  }

  /** Every file is closed, or lost. */
  #stopped(): Action[] {
    const left = this.#ending === "no" ? this.#files.interrupted() : this.#files.closed();
    this.#program?.close();
    this.#program = null;
    const moved = this.#state.move("STOP");
    this.#closed.resolve();
    // Who is only settled goes on when the server is back.
    return [
      ...left,
      ...this.#convertsNoMore(),
      ...moved,
      ...(moved.length > 0 ? [emit("Stopped")] : []),
      ...(this.#ending === "settled" ? [] : [this.#kept()]),
    ];
  }

  #failed(reason: string, restarting: boolean): Action[] {
    const told = mediaError("UNEXPECTED_ELEMENT_ERROR", reason);
    if (!restarting || this.#ending !== "no") return [told, ...this.#files.interrupted(), ...this.#stopped()];
    this.#restarting = true;
    this.#awaitsMedia = true;
    return [told, ...this.#files.interrupted(), ...this.#convertsNoMore()];
  }

  /** The program has forgotten what it was told; its next file stands beside the one that broke off. */
  #startedAgain(program: ProgramHandle): Action[] {
    if (this.#restarting) this.#tellBitrate(program);
    if (this.#restarting && this.#state.now === "START") void this.#tellRecord(program);
    this.#restarting = false;
    return [];
  }

  #move(state: UriState["now"]): Action[] {
    const moved = this.#state.move(state);
    return moved.length === 0 ? [] : [...moved, this.#kept()];
  }

  #kept(): Action {
    return keep({ state: this.#state.now, finished: this.#ending === "stopped" });
  }

  #tellRecord(program: ProgramHandle): Promise<null> {
    const told = this.#tell(program, "record", { continued: this.#continues });
    this.#continues = true;
    return told;
  }

  #tellBitrate(program: ProgramHandle): void {
    void this.#tell(program, "setBitrate", { ...this.#ctx.videoLimits() });
  }

  /** Resolves when the program has answered, or never will: what goes wrong is told as an event. */
  async #tell(program: ProgramHandle, operation: string, input?: Record<string, unknown>): Promise<null> {
    try {
      await program.call(operation, input);
    } catch (error) {
      this.#refused(program, error);
    }
    return null;
  }

  #refused(program: ProgramHandle, error: unknown): void {
    // Calls that a dying worker left without an answer are made again when it is back.
    if (error instanceof AppError && error.code === "unavailable") return;
    this.#ctx.later(() => {
      if (this.#program !== program) return [];
      return [mediaError("STREAM_ERROR_FAILED", error instanceof Error ? error.message : String(error))];
    });
  }
}

/** A promise for whoever waits; that it fails is no fault when nobody does. */
function eventually(): PromiseWithResolvers<void> {
  const pending = Promise.withResolvers<void>();
  pending.promise.catch(() => {});
  return pending;
}
