import { AppError } from "../base/mod.ts";

/**
 * What every endpoint asks of a description before anything else; the rest is read by who negotiates. Throws AppError
 * sdp_invalid.
 */
export function requireDescription(what: "offer" | "answer", text: string): void {
  if (/^\s*v=0\s/.test(text)) return;
  const found = text.trim() === "" ? "it is empty" : JSON.stringify(text.slice(0, 40));
  throw new AppError(
    "sdp_invalid",
    `Cannot process the ${what}: ${found} vs a session description that begins with v=0, send RFC 8866 text`,
  );
}
