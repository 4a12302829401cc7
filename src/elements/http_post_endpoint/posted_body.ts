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
  /** It did not come whole: what FFmpeg then says of its end is told nobody. */
  #isBroken = false;
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
      case "bodyStalled":
        return this.#broken(
          "body_stalled",
          `sent nothing for ${event.silentMs / 1000} s before the end of its body`,
        );
      case "error":
        this.#fault = event.description;
        return this.#isBroken ? [] : [mediaError(event.kind, event.description)];
      case "endOfStream":
        return this.#finished();
      case "state":
        if (event.state !== "stopped") return [];
        if (!this.#hasPlayed) return this.#end();
        // The end of what has played is told as such; after a fault at its very beginning it is not.
        return this.#fault === "" ? [] : this.#finished();
      default:
        return [];
    }
  }

  #ended(end: BodyEnd): Action[] {
    // It may have closed its own half only, and listen.
    if (end === "broken") {
      return this.#broken("body_malformed", "went away before the end of its body");
    }
    this.isRead = true;
    // Whoever wants no more of it says in a moment why.
    if (end === "whole") this.#settle();
    return [];
  }

  #broken(code: "body_malformed" | "body_stalled", found: string): Action[] {
    this.isRead = true;
    if (this.#isBroken) return [];
    this.#isBroken = true;
    this.#answer.reject(new AppError(code, `Cannot take the body: its client ${found}, send it again`));
    return [mediaError("STREAM_ERROR_FAILED", `The client ${found}`)];
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

  #finished(): Action[] {
    return [emit("EndOfStream"), endOfStream(), ...this.#end()];
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
