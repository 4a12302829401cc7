import type { Clock } from "../../base/mod.ts";

/** Most characters of answers that are kept; the oldest go first. */
const MAX_CHARACTERS = 16 * 1024 * 1024;

/** What was answered, and the session that the answer bound its connection to. */
export interface Answer {
  text: string;
  sessionId: string | null;
}

interface Entry {
  answer: Promise<Answer>;
  /** Null while the request runs. */
  answeredAtMs: number | null;
  characters: number;
}

/**
 * Answers of the last seconds by session and request id: a client that asks again, because its connection broke, gets
 * the same answer and nothing runs twice.
 */
export class RequestCache {
  readonly #entries = new Map<string, Entry>();
  readonly #clock: Clock;
  readonly #lifetimeMs: number;
  #characters = 0;

  constructor(clock: Clock, lifetimeMs: number) {
    this.#clock = clock;
    this.#lifetimeMs = lifetimeMs;
  }

  /** The answer to this request if it was asked before, else that of `run`, which runs now. */
  once(sessionId: string, id: string, run: () => Promise<Answer>): Promise<Answer> {
    this.#dropOld();
    const key = JSON.stringify([sessionId, id]);
    const known = this.#entries.get(key);
    if (known) return known.answer;
    const entry: Entry = { answer: run(), answeredAtMs: null, characters: 0 };
    this.#entries.set(key, entry);
    entry.answer.then(({ text }) => this.#settle(key, entry, text), () => this.#entries.delete(key));
    return entry.answer;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Answers stand in the order in which they were given, so that the old ones are at the front. */
  #settle(key: string, entry: Entry, text: string): void {
    entry.answeredAtMs = this.#clock.now();
    entry.characters = text.length + key.length;
    this.#characters += entry.characters;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    this.#dropOld();
  }

  #dropOld(): void {
    const oldest = this.#clock.now() - this.#lifetimeMs;
    for (const [key, entry] of this.#entries) {
      if (entry.answeredAtMs === null) continue;
      if (entry.answeredAtMs > oldest && this.#characters <= MAX_CHARACTERS) return;
      this.#entries.delete(key);
      this.#characters -= entry.characters;
    }
  }
}
