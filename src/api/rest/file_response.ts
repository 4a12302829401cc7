import { Buffer } from "node:buffer";
import { open } from "node:fs/promises";
import { basename } from "node:path";
import { Readable } from "node:stream";
import { AppError } from "../../base/mod.ts";
import type { RecordingFile } from "../../command/mod.ts";
import { type ByteRange, readByteRange } from "../http/mod.ts";

/** Answers GET and HEAD for a file: whole (200), one range (206), or what the client has already (304). */
export async function fileResponse(
  file: RecordingFile,
  request: Request,
  extra: Record<string, string> = {},
): Promise<Response> {
  const headers = headersOf(file, extra);
  refuseChanged(file, request);
  if (isKnown(file, request)) return new Response(null, { status: 304, headers });
  const range = isWholeWanted(file, request)
    ? null
    : readByteRange(request.headers.get("Range"), file.sizeBytes);
  const { first, last } = range ?? { first: 0, last: file.sizeBytes - 1 };
  headers.set("Content-Length", String(last - first + 1));
  if (range) headers.set("Content-Range", `bytes ${first}-${last}/${file.sizeBytes}`);
  const isEmpty = request.method === "HEAD" || last < first;
  const body = isEmpty ? null : await bytesOf(file, { first, last });
  return new Response(body, { status: range ? 206 : 200, headers });
}

/** A file that grows or is written anew has another one. */
const tagOf = ({ sizeBytes, modifiedAtMs }: RecordingFile) =>
  `"${sizeBytes.toString(16)}-${Math.round(modifiedAtMs * 1000).toString(16)}"`;

function headersOf(file: RecordingFile, extra: Record<string, string>): Headers {
  const name = basename(file.path);
  return new Headers({
    "Content-Type": file.contentType,
    // The type is what the name says; nobody is to find a page in the bytes.
    "X-Content-Type-Options": "nosniff",
    "Content-Disposition": `inline; filename*=UTF-8''${
      encodeURIComponent(name).replaceAll(/['()*]/g, escaped)
    }`,
    "Accept-Ranges": "bytes",
    "ETag": tagOf(file),
    "Last-Modified": new Date(file.modifiedAtMs).toUTCString(),
    "Cache-Control": "no-cache",
    ...extra,
  });
}

const escaped = (letter: string) => `%${Buffer.from(letter).toString("hex").toUpperCase()}`;

/** RFC 9110 section 13.2.2: If-Match before If-Unmodified-Since. */
function refuseChanged(file: RecordingFile, { headers }: Request): void {
  const ifMatch = headers.get("If-Match");
  const isSame = ifMatch === null
    ? !isAfter(file, headers.get("If-Unmodified-Since"))
    : names(ifMatch, tagOf(file));
  if (isSame) return;
  throw new AppError(
    "precondition_failed",
    "Cannot give the file: it has changed since, ask for it without a condition",
  );
}

/** Weak comparison; the date counts only where no tag is given. */
function isKnown(file: RecordingFile, { headers }: Request): boolean {
  const ifNoneMatch = headers.get("If-None-Match");
  if (ifNoneMatch !== null) return names(ifNoneMatch.replaceAll("W/", ""), tagOf(file));
  const since = headers.get("If-Modified-Since");
  return since !== null && !Number.isNaN(Date.parse(since)) && !isAfter(file, since);
}

/** True when the client has a part of something else (RFC 9110 section 13.1.5). */
function isWholeWanted(file: RecordingFile, { headers }: Request): boolean {
  const ifRange = headers.get("If-Range");
  if (ifRange === null) return false;
  if (ifRange.startsWith('"')) return ifRange !== tagOf(file);
  return ifRange !== new Date(file.modifiedAtMs).toUTCString();
}

const names = (list: string, tag: string) =>
  list.trim() === "*" || list.split(",").some((each) => each.trim() === tag);

/** HTTP dates have whole seconds. A date that cannot be read is none. */
function isAfter({ modifiedAtMs }: RecordingFile, date: string | null): boolean {
  const ms = Date.parse(date ?? "");
  return !Number.isNaN(ms) && Math.floor(modifiedAtMs / 1000) * 1000 > ms;
}

async function bytesOf(
  { path }: RecordingFile,
  { first, last }: ByteRange,
): Promise<ReadableStream<Uint8Array>> {
  const handle = await open(path).catch((error) => {
    throw new AppError(
      "recording_not_found",
      "Cannot give the file: it has gone meanwhile, see /v1/recordings",
      { internal: error },
    );
  });
  // Closes the file when it ends and when nobody reads it any more.
  const stream = handle.createReadStream({ start: first, end: last, highWaterMark: 256 * 1024 });
  return Readable.toWeb(stream) as unknown as ReadableStream<Uint8Array>;
}
