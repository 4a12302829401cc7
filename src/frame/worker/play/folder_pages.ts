/** Host under which the gate answers with files of the media folder; no name system has it (RFC 6761 section 6.4). */
export const FOLDER_HOST = "folder.invalid";

const CHUNK_BYTES = 65_536;

/** The URL of a file below a folder, both real paths. */
export function folderUrl(path: string, folder: string): string {
  const parts = path.slice(folder.length + 1).split("/");
  return `http://${FOLDER_HOST}/${parts.map(encodeURIComponent).join("/")}`;
}

/** Answers a request for a file of a folder, whole or one range of it (RFC 9110 section 14); links may not lead out. */
export async function sendFile(
  connection: Deno.TcpConn,
  folder: string,
  url: string,
  fields: string[],
): Promise<void> {
  const path = await fileBelow(folder, url);
  if (path === null) {
    return await writeText(connection, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  }
  using file = await Deno.open(path);
  const { size } = await file.stat();
  const [, first, last] = /^range:\s*bytes=(\d+)-(\d*)\s*$/i.exec(fields.find(isRange) ?? "") ?? [];
  const start = Math.min(Number(first ?? 0), size);
  const end = Math.min(last ? Number(last) + 1 : size, size);
  const status = first === undefined ? "200 OK" : "206 Partial Content";
  const range = first === undefined ? "" : `Content-Range: bytes ${start}-${end - 1}/${size}\r\n`;
  const head = `Accept-Ranges: bytes\r\nConnection: close\r\nContent-Length: ${Math.max(0, end - start)}\r\n`;
  await writeText(connection, `HTTP/1.1 ${status}\r\n${range}${head}\r\n`);
  await file.seek(start, Deno.SeekMode.Start);
  await copy(file, connection, end - start);
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

async function copy(file: Deno.FsFile, connection: Deno.TcpConn, length: number): Promise<void> {
  const chunk = new Uint8Array(CHUNK_BYTES);
  for (let left = length; left > 0;) {
    const count = await file.read(chunk.subarray(0, Math.min(left, CHUNK_BYTES)));
    if (count === null) return;
    await writeAll(connection, chunk.subarray(0, count));
    left -= count;
  }
}

async function writeText(connection: Deno.TcpConn, text: string): Promise<void> {
  await writeAll(connection, new TextEncoder().encode(text));
}

/** A write may take less than all. */
export async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}
