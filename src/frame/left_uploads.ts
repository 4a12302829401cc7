import type { Clock, Log, Timer } from "../base/mod.ts";
import type { FoundSpools } from "./spool_search.ts";
import type { Program, ProgramEvent, ProgramHandlers } from "./types.ts";

/** A recorder whose worker is being ended may have its files for so long; while it has them it is looked for ever less. */
const LOOK_DELAY_MS = 1000;
const LOOK_DELAY_LIMIT_MS = 60_000;
/** What could not be sent is tried again after so long, then after twice that, and so on. */
const RETRY_DELAY_MS = 30_000;
const RETRY_DELAY_LIMIT_MS = 3_600_000;
/** A server that does not answer holds the others up no longer than it must. */
const AT_ONCE = 4;

export interface LeftUploadsOptions {
  clock: Clock;
  log: Log;
  /** Looks for spools other than those that are known. */
  find(isKnown: (spool: string) => boolean): Promise<FoundSpools>;
  /** Folder in which the files of a spool wait. */
  pathOf(spool: string): string;
  /** Opens the program that sends what is in a spool. */
  open(spool: string, handlers: ProgramHandlers): Program;
}

/** A spool that could not be sent. */
interface Setback {
  count: number;
  /** When it is tried again, ms. */
  dueMs: number;
  /** Its worker broke: it is tried alone, so that it costs no other its turn. */
  isSuspect: boolean;
}

/**
 * Has sent what recorders leave behind that record to a server: when their worker was killed, when they were released
 * before their server had everything, when it refused. Each spool is a program of its own, a few at a time.
 */
export class LeftUploads {
  readonly #options: LeftUploadsOptions;
  readonly #running = new Map<string, Program>();
  readonly #waiting = new Set<string>();
  readonly #setbacks = new Map<string, Setback>();
  #timer: Timer | null = null;
  #timerMs = Infinity;
  #isLooking = false;
  /** Looks since the last recorder went, that found some which others hold. */
  #heldLooks = 0;
  #closed = false;

  constructor(options: LeftUploadsOptions) {
    this.#options = options;
  }

  /** A recorder is gone, or its worker is. */
  recorderGone(): void {
    this.#heldLooks = 0;
    this.#lookAfter(LOOK_DELAY_MS);
  }

  /** A recorder has just tried in vain to send a file that lies at `path`: the next try is not at once. */
  refused(path: string): void {
    const spool = path.split("/").at(-2)!;
    const dueMs = this.#options.clock.now() + RETRY_DELAY_MS;
    this.#setbacks.set(spool, { count: 0, isSuspect: false, ...this.#setbacks.get(spool), dueMs });
  }

  /** Looks for what was left, and has sent what is due. Never rejects. */
  async look(): Promise<void> {
    if (this.#closed) return;
    if (this.#isLooking) return this.#lookAfter(LOOK_DELAY_MS);
    this.#isLooking = true;
    const found = await this.#find();
    this.#isLooking = false;
    if (found && !this.#closed) this.#take(found);
  }

  /** The programs are ended by whoever has opened them. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#waiting.clear();
  }

  async #find(): Promise<FoundSpools | null> {
    try {
      return await this.#options.find((spool) => this.#isKnown(spool));
    } catch (error) {
      this.#options.log.warn("uploads that were left cannot be looked for", { why: String(error) });
      return null;
    }
  }

  #isKnown(spool: string): boolean {
    return this.#running.has(spool) || this.#waiting.has(spool);
  }

  #take({ left, held }: FoundSpools): void {
    const nowMs = this.#options.clock.now();
    const isThere = new Set([...left, ...held]);
    for (const [spool, { dueMs }] of this.#setbacks) {
      if (!isThere.has(spool) && !this.#isKnown(spool)) this.#setbacks.delete(spool);
      else if (dueMs > nowMs) this.#lookAfter(dueMs - nowMs);
    }
    for (const spool of left) {
      if ((this.#setbacks.get(spool)?.dueMs ?? 0) <= nowMs) this.#waiting.add(spool);
    }
    if (held.length > 0) {
      this.#lookAfter(Math.min(LOOK_DELAY_MS * 2 ** this.#heldLooks++, LOOK_DELAY_LIMIT_MS));
    }
    this.#fill();
  }

  /** In so long at the latest. */
  #lookAfter(delayMs: number): void {
    const atMs = this.#options.clock.now() + delayMs;
    if (this.#closed || this.#timerMs <= atMs) return;
    this.#timer?.cancel();
    this.#timerMs = atMs;
    this.#timer = this.#options.clock.after(delayMs, () => {
      this.#timerMs = Infinity;
      void this.look();
    });
  }

  #fill(): void {
    for (const next of this.#waiting) {
      if (this.#running.size >= this.#atOnce(next)) return;
      this.#waiting.delete(next);
      this.#send(next);
    }
  }

  #atOnce(next: string): number {
    const isSuspect = (spool: string) => this.#setbacks.get(spool)?.isSuspect ?? false;
    return [...this.#running.keys(), next].some(isSuspect) ? 1 : AT_ONCE;
  }

  #send(spool: string): void {
    const path = this.#options.pathOf(spool);
    try {
      const program = this.#options.open(spool, {
        opened: () => {},
        event: (event) => this.#hear(spool, event),
        failed: (reason) => this.#setBack(spool, { path, why: reason }, true),
      });
      this.#running.set(spool, program);
    } catch (error) {
      this.#setBack(spool, { path, why: String(error) }, false);
    }
  }

  #hear(spool: string, event: ProgramEvent): void {
    if (event.type === "state") {
      this.#setbacks.delete(spool);
      this.#end(spool);
    }
    if (event.type !== "leftover") return;
    const { outcome, path, url, why } = event;
    const { log } = this.#options;
    if (outcome === "kept") this.#setBack(spool, { url, path, why }, false);
    else if (outcome === "sent") log.info("a recording that was left behind has been uploaded", { url });
    else log.warn("a file that a recording left behind has been removed", { path, url, why });
  }

  #setBack(spool: string, told: Record<string, string>, isSuspect: boolean): void {
    const { clock, log } = this.#options;
    const before = this.#setbacks.get(spool);
    const count = (before?.count ?? 0) + 1;
    const delayMs = Math.min(RETRY_DELAY_MS * 2 ** (count - 1), RETRY_DELAY_LIMIT_MS);
    this.#setbacks.set(spool, {
      count,
      dueMs: clock.now() + delayMs,
      isSuspect: isSuspect || (before?.isSuspect ?? false),
    });
    log.warn("a recording waits for its upload: let its server take it, or remove it where it lies", {
      ...told,
      againInSeconds: delayMs / 1000,
    });
    this.#lookAfter(delayMs);
    this.#end(spool);
  }

  /** The next begins first, so that the worker stays for it. */
  #end(spool: string): void {
    const program = this.#running.get(spool);
    if (!program) return;
    this.#running.delete(spool);
    this.#fill();
    program.close();
  }
}
