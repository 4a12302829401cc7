import type { Batch, EventEnvelope } from "../../event/mod.ts";

/** Milliseconds that a browser waits before it connects again. */
const RETRY_MS = 2000;

/** What every stream begins with. */
export const opening = `retry: ${RETRY_MS}\n\n`;

/** A batch as text: the gap first, because it lies before the events. */
export function batchText({ events, gap }: Batch): string {
  const lost = gap ? block(gap.to, "gap", { from: gap.from, to: gap.to }) : "";
  return lost + events.map((event) => block(event.seq, event.type, shown(event))).join("");
}

/**
 * A comment, which keeps proxies from closing the stream. Where events went by that the reader does not want, it
 * carries the number of the last one: readers take it over without telling anybody, and resume from there.
 */
export function heartbeatText(passed: number | null): string {
  return passed === null ? ":\n\n" : `:\nid: ${passed}\n\n`;
}

function block(id: number, type: string, data: unknown): string {
  return `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}

function shown({ timeMs, ...event }: EventEnvelope) {
  const { seq, type, ...rest } = event;
  return { seq, type, time: new Date(timeMs).toISOString(), ...rest };
}
