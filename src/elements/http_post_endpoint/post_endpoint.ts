import {
  type Action,
  AppError,
  type ElementContext,
  type ElementInstance,
  emit,
  gives,
  givesLater,
  keep,
  type Outcome,
} from "../../module/mod.ts";
import type { PostOptions } from "./mod.ts";
import { PostedBody } from "./posted_body.ts";

export function createPostEndpoint(ctx: ElementContext, options: PostOptions): ElementInstance {
  return new PostEndpoint(ctx, options);
}

/**
 * One body plays at a time. One more may wait while the media of the last is still played, so that clients who send one
 * after the other need not know how much of it is on its way.
 *
 *   no session --request--> session --`disconnectionTimeout` without one--> no session
 */
class PostEndpoint implements ElementInstance {
  readonly #ctx: ElementContext;
  readonly #options: PostOptions;
  #playing: PostedBody | null = null;
  #waiting: PostedBody | null = null;
  #hasSession = false;
  #timeout: { cancel(): void } | null = null;

  constructor(ctx: ElementContext, options: PostOptions) {
    this.#ctx = ctx;
    this.#options = options;
    // The server was started anew, and the client may come back.
    this.#hasSession = ctx.kept().session === true;
    if (this.#hasSession) this.#awaitRequest();
  }

  readonly operations: ElementInstance["operations"] = { getUrl: () => gives(this.#ctx.bodyUrl) };

  takeBody(stream: ReadableStream<Uint8Array>): Outcome<null> {
    if (this.#playing && (this.#waiting || !this.#playing.isRead)) throw inUse();
    const body = new PostedBody(this.#ctx, stream, () => this.#over());
    if (this.#playing) {
      this.#waiting = body;
      return givesLater(body.answer);
    }
    return givesLater(body.answer, ...this.#play(body));
  }

  onGone(): void {
    this.#waiting?.gone();
    this.#playing?.gone();
  }

  #play(body: PostedBody): Action[] {
    body.start(this.#options.useEncodedMedia);
    this.#playing = body;
    this.#timeout?.cancel();
    if (this.#hasSession) return [];
    this.#hasSession = true;
    return [emit("MediaSessionStarted"), keep({ session: true })];
  }

  /** What was playing is over. */
  #over(): Action[] {
    this.#playing = null;
    const next = this.#waiting;
    this.#waiting = null;
    if (next) {
      try {
        return this.#play(next);
      } catch (error) {
        next.refuse(error);
      }
    }
    this.#awaitRequest();
    return [];
  }

  #awaitRequest(): void {
    this.#timeout?.cancel();
    this.#timeout = this.#ctx.after(this.#options.disconnectionTimeout * 1000, () => {
      if (this.#playing) return [];
      this.#hasSession = false;
      return [emit("MediaSessionTerminated"), keep({})];
    });
  }
}

function inUse(): AppError {
  return new AppError(
    "body_in_flight",
    "Cannot take the body: another client sends one to this URL vs one at a time, wait for its end",
  );
}
