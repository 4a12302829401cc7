import {
  type Action,
  AppError,
  type BodyEnd,
  type ElementContext,
  emit,
  endOfStream,
  mediaError,
  type ProgramEvent,
  type ProgramHandle,
} from "../../module/mod.ts";

/** The body of one request, from the request to the end of its media. */
export class PostedBody {
  readonly #ctx: ElementContext;
  readonly #stream: ReadableStream<Uint8Array>;
  readonly #over: () => Action[];
  readonly #answer = Promise.withResolvers<null>();
  #program: ProgramHandle | null = null;
  #isOver = false;
  #hasPlayed = false;
  #fault = "";
  /** Nothing more comes from the client. */
  isRead = false;

  /** `over` is called once, when nothing of it plays any more. */
  constructor(ctx: ElementContext, stream: ReadableStream<Uint8Array>, over: () => Action[]) {
    this.#ctx = ctx;
    this.#stream = stream;
    this.#over = over;
  }

  /** Resolves when the body is read and known as media; rejects where it is none, or is not taken. */
  get answer(): Promise<null> {
    return this.#answer.promise;
  }

  /** Throws where no program can be had. */
  start(useEncodedMedia: boolean): void {
    const program = this.#ctx.openProgram({ kind: "receive", body: this.#stream, useEncodedMedia }, {
      event: (event) => this.#isOver ? [] : this.#hear(event),
      bodyEnded: (end) => this.#isOver ? [] : this.#ended(end),
      failed: (reason) => this.#isOver ? [] : this.#failed(reason),
    });
    this.#program = program;
    program.call("play").catch((error) =>
      this.#ctx.later(() => this.#isOver ? [] : this.#failed(String(error)))
    );
  }

  /** The client is told why; it was not started. */
  refuse(error: unknown): void {
    this.#answer.reject(error);
    this.#stream.cancel().catch(() => {});
  }

  /** The element is gone, and its program with it. */
  gone(): void {
    this.#isOver = true;
    const error = new AppError(
      "unavailable",
      "Cannot play the body on: its endpoint has ended, send it to another",
    );
    if (this.#program) this.#answer.reject(error);
    else this.refuse(error);
  }

  #hear(event: ProgramEvent): Action[] {
    switch (event.type) {
      case "opened":
        this.#hasPlayed = true;
        this.#settle();
        return [];
      case "error":
        this.#fault = event.description;
        return [mediaError(event.kind, event.description)];
      case "endOfStream":
        return [emit("EndOfStream"), endOfStream(), ...this.#end()];
      case "state":
        // After the end of what has played, it is told as such.
        return event.state === "stopped" && !this.#hasPlayed ? this.#end() : [];
      default:
        return [];
    }
  }

  #ended(end: BodyEnd): Action[] {
    this.isRead = true;
    if (end !== "broken") {
      this.#settle();
      return [];
    }
    // It may have closed its own half only, and listen.
    this.#answer.reject(
      new AppError("body_malformed", "Cannot take the body: it broke off before its end, send it again"),
    );
    return [mediaError("STREAM_ERROR_FAILED", "The client went away before the end of its body")];
  }

  /** What a worker had of it when it broke is lost, so it is not begun again. */
  #failed(reason: string): Action[] {
    const why = `The body cannot be played on: ${reason}`;
    this.#answer.reject(new AppError("unavailable", `${why}, send it again`));
    return [mediaError("UNEXPECTED_ELEMENT_ERROR", why), ...this.#end()];
  }

  #settle(): void {
    if (this.isRead && this.#hasPlayed) this.#answer.resolve(null);
  }

  #end(): Action[] {
    this.#isOver = true;
    this.#program?.close();
    if (this.#fault === "") this.#answer.resolve(null);
    else this.#answer.reject(noMedia(this.#fault));
    return this.#over();
  }
}

function noMedia(fault: string): AppError {
  return new AppError(
    "media_invalid",
    `Cannot play the body: ${fault}, send what FFmpeg can read as it comes`,
  );
}
