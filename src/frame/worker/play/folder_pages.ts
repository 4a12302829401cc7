/** Host under which the gate answers with files of the media folder; no name system has it (RFC 6761 section 6.4). */
export const FOLDER_HOST = "folder.invalid";

const CHUNK_BYTES = 65_536;

/** The URL of a file below a folder, both real paths. */
export function folderUrl(path: string, folder: string): string {
  const parts = path.slice(folder.length + 1).split("/");
  return `http://${FOLDER_HOST}/${parts.map(encodeURIComponent).join("/")}`;
}

/** A file of a folder as an answer, whole or one range of it (RFC 9110 section 14); links may not lead out. */
export async function openPage(
  folder: string,
  url: string,
  fields: string[],
): Promise<{ head: string; body: AsyncIterable<Uint8Array> }> {
  const path = await fileBelow(folder, url);
  if (path === null) {
    return {
      head: "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
      body: ReadableStream.from<Uint8Array>([]),
    };
  }
  const { size } = await Deno.stat(path);
  const [, first, last] = /^range:\s*bytes=(\d+)-(\d*)\s*$/i.exec(fields.find(isRange) ?? "") ?? [];
  const start = Math.min(Number(first ?? 0), size);
  const end = Math.min(last ? Number(last) + 1 : size, size);
  const status = first === undefined ? "200 OK" : "206 Partial Content";
  const range = first === undefined ? "" : `Content-Range: bytes ${start}-${end - 1}/${size}\r\n`;
  const rest = `Accept-Ranges: bytes\r\nConnection: close\r\nContent-Length: ${Math.max(0, end - start)}\r\n`;
  return { head: `HTTP/1.1 ${status}\r\n${range}${rest}\r\n`, body: partOf(path, start, end - start) };
}

const isRange = (field: string) => /^range:/i.test(field);

async function fileBelow(folder: string, url: string): Promise<string | null> {
  try {
    const path = await Deno.realPath(`${folder}/${decodeURIComponent(new URL(url).pathname)}`);
    return path.startsWith(`${folder}/`) && (await Deno.stat(path)).isFile ? path : null;
  } catch {
    return null;
  }
}

async function* partOf(path: string, start: number, length: number): AsyncGenerator<Uint8Array> {
  using file = await Deno.open(path);
  await file.seek(start, Deno.SeekMode.Start);
  for (let left = length; left > 0;) {
    const chunk = new Uint8Array(Math.min(left, CHUNK_BYTES));
    const count = await file.read(chunk);
    if (count === null) return;
    yield chunk.subarray(0, count);
    left -= count;
  }
}
