import { AppError, newId } from "../../src/base/mod.ts";
import type { Commands, OpenedSession, SessionRequest, SessionView } from "../../src/command/types.ts";

/** A minimal offer; the fake reads its ICE user name fragment only. */
export const offer = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=ice-ufrag:abcd\r\n";

/** What the fake answers to each offer. */
export const answer = "v=0\r\no=- 2 2 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n";

/** The session verbs of the server in memory, without media: what the WHIP door needs of it. */
export class FakeSessions {
  /** Thrown by the next openSession. */
  refusal: Error | null = null;
  readonly requests: SessionRequest[] = [];
  /** Every fragment that reached patchSession, trickled or restarting. */
  readonly fragments: string[] = [];
  readonly answers: string[] = [];
  readonly #sessions = new Map<string, { view: SessionView; ufrag: string }>();
  #generations = 0;

  /** As the door sees it; verbs that are not about sessions are missing. */
  get commands(): Commands {
    return this as unknown as Commands;
  }

  openSession(request: SessionRequest): Promise<OpenedSession> {
    this.requests.push(request);
    if (this.refusal) return Promise.reject(this.refusal);
    const view = this.#newView(request);
    this.#sessions.set(view.id, { view, ufrag: ufragOf(request.offer ?? "") });
    return Promise.resolve({ session: view, description: answer });
  }

  getSession(sessionId: string): SessionView {
    return this.#find(sessionId).view;
  }

  answerSession(sessionId: string, description: string): Promise<void> {
    const { view } = this.#find(sessionId);
    if (view.state !== "counterOffered") {
      return Promise.reject(new AppError("sdp_unacceptable", "Cannot take the answer: none is owed"));
    }
    if (!description.startsWith("v=0")) {
      return Promise.reject(new AppError("sdp_invalid", "Cannot read the answer: it is no SDP"));
    }
    this.answers.push(description);
    this.#sessions.set(sessionId, { view: { ...view, state: "connecting" }, ufrag: ufragOf(description) });
    return Promise.resolve();
  }

  patchSession(sessionId: string, fragment: string, precondition: { ifGeneration?: string } = {}) {
    const { view, ufrag } = this.#find(sessionId);
    if (precondition.ifGeneration !== undefined && precondition.ifGeneration !== view.iceGeneration) {
      return Promise.reject(new AppError("precondition_failed", "Cannot patch the session: it has changed"));
    }
    if (!/^[a-z]=/.test(fragment)) {
      return Promise.reject(
        new AppError("ice_fragment_invalid", "Cannot read the ICE fragment: it has no lines"),
      );
    }
    this.fragments.push(fragment);
    const sent = ufragOf(fragment);
    if (sent === "" || sent === ufrag) return Promise.resolve({ fragment: null, session: view });
    const session = { ...view, iceGeneration: this.#newGeneration() };
    this.#sessions.set(sessionId, { view: session, ufrag: sent });
    return Promise.resolve({ fragment: "a=ice-ufrag:ours\r\na=ice-pwd:secret\r\n", session });
  }

  closeSession(sessionId: string): Promise<void> {
    this.#find(sessionId);
    this.#sessions.delete(sessionId);
    return Promise.resolve();
  }

  #find(sessionId: string) {
    const found = this.#sessions.get(sessionId);
    if (!found) throw new AppError("session_not_found", `Cannot find session "${sessionId}": it is over`);
    return found;
  }

  #newGeneration(): string {
    return `ice${++this.#generations}`;
  }

  #newView(request: SessionRequest): SessionView {
    return {
      id: newId(),
      kind: request.kind,
      pipelineId: newId(),
      elementId: newId(),
      stream: "stream" in request.place ? request.place.stream : null,
      state: request.offer === null ? "counterOffered" : "connecting",
      remoteAddress: request.remoteAddress,
      userAgent: request.userAgent,
      createdAtMs: 0,
      iceGeneration: this.#newGeneration(),
    };
  }
}

function ufragOf(text: string): string {
  return /^a=ice-ufrag:(\S+)/m.exec(text)?.[1] ?? "";
}
