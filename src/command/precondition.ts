import { AppError } from "../base/mod.ts";
import type { Precondition } from "./types.ts";

/** Throws precondition_failed when the caller means another version than the resource has. */
export function requireVersion(found: number, what: string, precondition: Precondition = {}): void {
  const wanted = precondition.ifVersion;
  if (wanted === undefined || wanted === found) return;
  throw new AppError(
    "precondition_failed",
    `Cannot change ${what}: it has version ${found}, the request is about version ${wanted}, read it again`,
  );
}
