import type { Clock } from "../../../base/mod.ts";

export type RecordFaultKind =
  | "INVALID_URI"
  | "RESOURCE_ERROR_OPEN"
  | "RESOURCE_ERROR_WRITE"
  | "RESOURCE_ERROR_NO_SPACE_LEFT"
  | "STREAM_ERROR_FAILED";

/** Why a recording cannot begin or go on, by Kurento's kinds of error. */
export class RecordFault extends Error {
  override name = "RecordFault";
  readonly kind: RecordFaultKind;

  constructor(kind: RecordFaultKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** What the system's refusal of a file operation means. */
export function fileFault(error: unknown, action: string, kind: RecordFaultKind): RecordFault {
  const text = error instanceof Error ? error.message : String(error);
  const code = (error as { code?: string }).code;
  const isFull = code === "ENOSPC" || code === "EDQUOT" || /os error (28|122)\b/.test(text);
  return new RecordFault(isFull ? "RESOURCE_ERROR_NO_SPACE_LEFT" : kind, `Cannot ${action}: ${text}`);
}

/** Lets one of many like complaints through every so often. */
export class ComplaintRate {
  readonly #clock: Clock;
  readonly #periodMs: number;
  #lastMs = -Infinity;

  constructor(clock: Clock, periodMs: number) {
    this.#clock = clock;
    this.#periodMs = periodMs;
  }

  mayPass(): boolean {
    const nowMs = this.#clock.now();
    if (nowMs - this.#lastMs < this.#periodMs) return false;
    this.#lastMs = nowMs;
    return true;
  }
}
