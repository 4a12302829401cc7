import type { ProgramEvent } from "../frame/mod.ts";

/**
 * The URI that a client means: one without a scheme is a path, below the media folder unless it starts with a slash, as
 * it is behind "file:" without an authority (RFC 8089 appendix B). Of two ways to write a path it is the shorter one, as
 * files are known by theirs.
 */
export function absoluteUri(uri: string, mediaDir: string): string {
  const isFile = /^file:(\/\/\/|(?!\/\/))/i.test(uri);
  if (!isFile && /^[a-z][a-z0-9+.-]*:\/\//i.test(uri)) return uri;
  const path = uri.replace(/^file:(\/\/(?=\/))?/i, "");
  const whole = path.startsWith("/") ? path : `${encodeURI(mediaDir.replace(/\/$/, ""))}/${path}`;
  return `file://${whole.replaceAll(/\/(\.?\/)+/g, "/")}`;
}

/** The event with its file named as others know it: by its path below the media folder. A URL stays one. */
export function namedBelow(event: ProgramEvent, mediaDir: string): ProgramEvent {
  if (event.type !== "file" && event.type !== "segment") return event;
  const root = `${mediaDir.replace(/\/$/, "")}/`;
  return event.path.startsWith(root) ? { ...event, path: event.path.slice(root.length) } : event;
}
