import { createHash } from "node:crypto";
import { AppError } from "../../base/mod.ts";
import type { Precondition } from "../../command/mod.ts";

/**
 * The strong entity tag (RFC 9110 section 8.8.3) of one representation: `"v7-1f2e3d4c5b6a"`. The version is what
 * `If-Match` is about; the digest is there for `If-None-Match`, because properties such as a connection's state change
 * without anybody editing the element.
 */
export function entityTag(version: number, body: string): string {
  return `"v${version}-${createHash("sha256").update(body).digest("hex").slice(0, 12)}"`;
}

/** True when an `If-None-Match` header names this tag, so that the client has the representation already. */
export function isNoneMatch(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  // Weak comparison (RFC 9110 section 13.1.2): a compressing proxy may have made our tag weak.
  return header.trim() === "*" || tagsOf(header).some((each) => each.replace(/^W\//, "") === tag);
}

/** What an `If-Match` header demands; throws precondition_failed when the current version is not among those named. */
export function preconditionOf(header: string | undefined, current: () => number): Precondition {
  if (header === undefined) return {};
  const version = current();
  if (header.trim() === "*") return {};
  if (tagsOf(header).some((tag) => versionOf(tag) === version)) return { ifVersion: version };
  throw new AppError(
    "precondition_failed",
    `Cannot change the resource: If-Match is ${header} and its version is "v${version}", read it again`,
  );
}

function tagsOf(header: string): string[] {
  return header.match(/(?:W\/)?"[^"]*"/g) ?? [];
}

function versionOf(tag: string): number | null {
  const match = /^"v(\d+)(?:-[0-9a-f]+)?"$/.exec(tag);
  return match ? Number(match[1]) : null;
}
