import type { Clock } from "../../base/mod.ts";

/** Answers kept of one session; a client that asks again asks for one of its last. */
const MAX_ANSWERS = 1000;
/** Characters of answers kept of all sessions. */
const MAX_CHARACTERS = 16 * 1024 * 1024;
/** What an entry costs beside its text, counted as characters: the shortest answers must not be the dearest. */
const ENTRY_CHARACTERS = 512;

/** What was answered, and the session that the answer bound its connection to. */
export interface Answer {
  text: string;
  sessionId: string | null;
}

interface Entry {
  answer: Promise<Answer>;
  answeredAtMs: number;
  characters: number;
}

/**
 * Answers of the last seconds by session and request id: a client that asks again, because its connection broke, gets
 * the same answer and nothing runs twice.
 */
export class RequestCache {
  /** Requests that run, by session and id. */
  readonly #running = new Map<string, Promise<Answer>>();
  /** The session that was answered last stands last, and in it the answer that was given last. */
  readonly #answered = new Map<string, Map<string, Entry>>();
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
    const known = this.#running.get(key) ?? this.#recent(sessionId, id);
    if (known) return known;
    const answer = run().finally(() => this.#running.delete(key));
    this.#running.set(key, answer);
    answer.then(
      ({ text }) => this.#keep(sessionId, id, answer, text.length + id.length + ENTRY_CHARACTERS),
      () => {},
    );
    return answer;
  }

  /** Answers that are kept. */
  get size(): number {
    return [...this.#answered.values()].reduce((sum, entries) => sum + entries.size, 0);
  }

  #recent(sessionId: string, id: string): Promise<Answer> | undefined {
    const entry = this.#answered.get(sessionId)?.get(id);
    return entry && entry.answeredAtMs > this.#oldestMs() ? entry.answer : undefined;
  }

  #keep(sessionId: string, id: string, answer: Promise<Answer>, characters: number): void {
    const entries = this.#answered.get(sessionId) ?? new Map<string, Entry>();
    this.#drop(entries, id);
    entries.set(id, { answer, answeredAtMs: this.#clock.now(), characters });
    this.#characters += characters;
    this.#answered.delete(sessionId);
    this.#answered.set(sessionId, entries);
    for (const [oldId, { answeredAtMs }] of entries) {
      if (answeredAtMs > this.#oldestMs() && entries.size <= MAX_ANSWERS) break;
      this.#drop(entries, oldId);
    }
    this.#dropOld();
  }

  #dropOld(): void {
    for (const [sessionId, entries] of this.#answered) {
      for (const [id, { answeredAtMs }] of entries) {
        if (answeredAtMs > this.#oldestMs() && this.#characters <= MAX_CHARACTERS) break;
        this.#drop(entries, id);
      }
      if (entries.size > 0) return;
      this.#answered.delete(sessionId);
    }
  }

  #drop(entries: Map<string, Entry>, id: string): void {
    this.#characters -= entries.get(id)?.characters ?? 0;
    entries.delete(id);
  }

  #oldestMs(): number {
    return this.#clock.now() - this.#lifetimeMs;
  }
}
