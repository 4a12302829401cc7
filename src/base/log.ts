type Level = "debug" | "info" | "warn" | "error";
type Fields = Record<string, unknown>;

/** Lines for the operator: one line per fact, `time level room message key=value …`, on standard error. */
export interface Log {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

const ranks: Record<Level, number> = { debug: 0, info: 1, warn: 2, error: 3 };
let threshold: Level = "info";

/** Sets the lowest level that is written; called once by the composition root of a process or worker. */
export function setLogLevel(level: Level): void {
  threshold = level;
}

/** A log whose lines carry the name of the room that wrote them. */
export function createLog(room: string): Log {
  const at = (level: Level) => (message: string, fields?: Fields) => write(level, room, message, fields);
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function write(level: Level, room: string, message: string, fields: Fields = {}): void {
  if (ranks[level] < ranks[threshold]) return;
  const pairs = Object.entries(fields).map(([key, value]) => ` ${key}=${format(value)}`).join("");
  console.error(`${new Date().toISOString()} ${level.toUpperCase()} ${room}: ${message}${pairs}`);
}

function format(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(value.stack ?? value.message);
  if (typeof value === "string" && /^[\w.:@/[\]-]+$/.test(value)) return value;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // Circles and bigints: a line less exact is better than a log that throws.
    return JSON.stringify(String(value));
  }
}
